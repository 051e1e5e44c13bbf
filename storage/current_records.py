"""Canonical records as they are known now, looked up by a column that has an index."""

from typing import Any, TypeVar

from sqlalchemy import Connection, select

from canonical_model.record import Record
from canonical_model.record_fields import fields_of
from storage.history import known
from storage.schema.canonical import CANONICAL_TABLES

AnyRecord = TypeVar("AnyRecord", bound=Record)


def current_records(
    connection: Connection, entity: type[AnyRecord], market: str | None = None, **wanted: Any
) -> list[AnyRecord]:
    """Records of an entity, in the order of their sources.

    Args:
        connection: of a transaction.
        entity: what to read.
        market: only this one; None for all.
        wanted: value by column, in the compared form of identifiers; or a list of values, of which any will do.
    """
    table = CANONICAL_TABLES[entity]
    names = [field.name for field in fields_of(entity)]
    query = select(*(table.c[name] for name in names)).where(known(table, None))
    for column, value in wanted.items():
        any_of = isinstance(value, list | tuple | set | frozenset)
        query = query.where(table.c[column].in_(value) if any_of else table.c[column] == value)
    if market is not None:
        query = query.where(table.c.market == market)
    ordered = query.order_by(table.c.source_system, table.c.source_object, table.c.source_id)
    return [entity.model_validate(dict(row._mapping)) for row in connection.execute(ordered)]  # noqa: SLF001
