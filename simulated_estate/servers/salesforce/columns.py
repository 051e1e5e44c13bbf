"""Fields of a query, bound to the org: how each is read from a row, compared and written."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from simulated_estate.books import Row
from simulated_estate.servers.instants import as_instant
from simulated_estate.servers.salesforce.errors import no_such_column, no_such_relationship
from simulated_estate.servers.salesforce.schema import Schema
from simulated_estate.servers.salesforce.soql import Path

Comparable = Any
_SUFFIX_SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


@dataclass(frozen=True, slots=True)
class Column:
    """A bound field.

    Attributes:
        parent: name of the relationship, empty for a field of the sObject itself.
        parent_entity: the parent's sObject.
        name: the field in its own spelling.
        kind: its Salesforce type.
        read: raw value of a row, None where there is none.
        has_parent: whether a row has that parent; always true for a field of the sObject itself.
    """

    parent: str
    parent_entity: str
    name: str
    kind: str
    read: Callable[[Row], Any]
    has_parent: Callable[[Row], bool] = lambda _: True

    def comparable(self, row: Row) -> Comparable:
        """The value in a form that compares with a literal's."""
        value = self.read(row)
        return None if value is None else comparable(self.kind, value)


def comparable(kind: str, value: Any) -> Comparable:
    """A field's value or a literal, so that two of one kind can be compared; texts without regard to case."""
    if kind == "datetime":
        return as_instant(value)
    if kind == "date":
        return date.fromisoformat(value) if isinstance(value, str) else value
    if kind == "double":
        return Decimal(str(value))
    if kind in ("id", "reference"):
        return long_id(value)
    return value.casefold() if kind == "string" else value


def long_id(identity: str) -> str:
    """The 18-character form of an Id: three letters after it tell which of its 15 are capitals."""
    if len(identity) != 15:
        return identity
    bits = [
        sum(1 << place for place, sign in enumerate(identity[at : at + 5]) if sign.isupper()) for at in (0, 5, 10)
    ]
    return identity + "".join(_SUFFIX_SIGNS[number] for number in bits)


def written(value: Any) -> Any:
    """A value as the REST API's JSON spells it."""
    if isinstance(value, datetime):
        moment = as_instant(value)
        return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}+0000"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)  # JSON knows but one kind of number; two decimals come out as they went in
    return value


class Binder:
    """Binds the paths of one query to columns."""

    def __init__(self, soql: str, entity: str, rows: dict[str, list[Row]], schema: Schema) -> None:
        self._soql = soql
        self._entity = entity
        self._rows = rows
        self._schema = schema
        self._fields: dict[str, dict[str, str]] = {}
        self._parents: dict[str, dict[str, Row]] = {}

    def column(self, path: Path) -> Column:
        """The column behind a path.

        Raises:
            OrgError: INVALID_FIELD.
        """
        steps = path.text.split(".")
        if len(steps) == 2 and steps[0].lower() == self._entity.lower():
            steps = steps[1:]  # Account.Name in a query of Account
        if len(steps) == 1:
            name, kind = self._field(self._entity, steps[0], path)
            return Column("", "", name, kind, lambda row: row.get(name))
        if len(steps) > 2:
            raise no_such_relationship(self._soql, path.place, steps[1])
        return self._parent_column(steps[0], steps[1], path)

    def _parent_column(self, relationship: str, field: str, path: Path) -> Column:
        found = self._schema.parent_entity(self._entity, relationship)
        if found is None:
            raise no_such_relationship(self._soql, path.place, relationship)
        reference, parent = found
        name, kind = self._field(parent, field, path)
        by_id = self._rows_by_id(parent)

        def parent_of(row: Row) -> Row | None:
            return row.get(relationship) or by_id.get(row.get(reference) or "")

        def read(row: Row) -> Any:
            record = parent_of(row)
            return record.get(name) if record else None

        spelled = f"{reference[:-3]}__r" if reference.endswith("__c") else reference.removesuffix("Id")
        return Column(spelled, parent, name, kind, read, lambda row: parent_of(row) is not None)

    def _field(self, entity: str, wanted: str, path: Path) -> tuple[str, str]:
        if entity not in self._fields:
            self._fields[entity] = self._schema.fields(entity)
        for name, kind in self._fields[entity].items():
            if name.lower() == wanted.lower():
                return name, kind
        raise no_such_column(self._soql, path.place, wanted, entity)

    def _rows_by_id(self, entity: str) -> dict[str, Row]:
        if entity not in self._parents:
            self._parents[entity] = {row["Id"]: row for row in self._rows[entity]}
        return self._parents[entity]
