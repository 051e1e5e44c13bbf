"""Nested lists of a query: the children of each row, found by their reference to it."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from simulated_estate.books import Row
from simulated_estate.servers.salesforce.columns import Binder, Column, written
from simulated_estate.servers.salesforce.conditions import condition_test, sorted_rows
from simulated_estate.servers.salesforce.errors import no_such_relationship
from simulated_estate.servers.salesforce.schema import Schema
from simulated_estate.servers.salesforce.soql import Query


@dataclass(frozen=True, slots=True)
class ChildList:
    """A nested list: what it is called, and the rows below each parent's Id."""

    name: str
    entity: str
    columns: tuple[Column, ...]
    rows: dict[str, list[Row]]


def child_list(
    child: Query, parent: str, rows: dict[str, list[Row]], schema: Schema, *, deleted_too: bool
) -> ChildList:
    """Bind a nested query and find its rows.

    Raises:
        OrgError: no such relationship, or a fault in the nested query.
    """
    found = schema.child_entity(parent, child.sobject)
    if found is None:
        raise no_such_relationship(child.text, child.sobject_place, child.sobject)
    name, entity, reference = found
    binder = Binder(child.text, entity, rows, schema)
    columns = tuple(binder.column(path) for path in child.fields)
    listed = [row for row in rows[entity] if deleted_too or not row.get("IsDeleted")]
    if child.where is not None:
        test = condition_test(child.text, child.where, binder)
        listed = [row for row in listed if test(row)]
    below: dict[str, list[Row]] = defaultdict(list)
    for row in sorted_rows(listed, child.order_by, binder):
        below[row.get(reference) or ""].append(row)
    end = None if child.limit is None else child.offset + child.limit
    return ChildList(name, entity, columns, {identity: each[child.offset : end] for identity, each in below.items()})


def written_record(entity: str, columns: tuple[Column, ...], row: Row, version: str) -> dict[str, Any]:
    """A row as the REST API shows it; a parent that is not there is null."""
    base = f"/services/data/{version}/sobjects"
    record: dict[str, Any] = {"attributes": {"type": entity, "url": f"{base}/{entity}/{row['Id']}"}}
    for column in columns:
        value = written(column.read(row))
        if not column.parent:
            record[column.name] = value
        elif not column.has_parent(row):
            record.setdefault(column.parent, None)
        else:
            parent = record.setdefault(column.parent, {"attributes": {"type": column.parent_entity}})
            parent[column.name] = value
    return record
