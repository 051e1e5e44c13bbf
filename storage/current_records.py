"""Canonical records as they are known now, looked up by a column that has an index."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, select

from canonical_model.orders import ProductOrder
from canonical_model.record import Record
from canonical_model.record_fields import fields_of
from storage.history import known
from storage.schema.canonical import CANONICAL_TABLES

AnyRecord = TypeVar("AnyRecord", bound=Record)
_MOST_VALUES = 500
"""In one statement."""


@dataclass(frozen=True, slots=True)
class CurrentRecords:
    """The records of one market as they are known now."""

    connection: Connection
    market: str

    def among(
        self, entity: type[AnyRecord], column: str, values: Collection[str], **wanted: Collection[str]
    ) -> list[AnyRecord]:
        """Records of an entity whose column has one of some values; see ``records_among``."""
        return records_among(self.connection, entity, self.market, column, values, **wanted)


def current_records(
    connection: Connection, entity: type[AnyRecord], market: str | None = None, **wanted: Any
) -> list[AnyRecord]:
    """Records of an entity, in the order of their sources.

    Args:
        connection: of a transaction.
        entity: what to read.
        market: only this one; None for all.
        wanted: value by column, in the compared form of identifiers.
    """
    table = CANONICAL_TABLES[entity]
    return _found(connection, entity, market, *(table.c[column] == value for column, value in wanted.items()))


def records_among(
    connection: Connection,
    entity: type[AnyRecord],
    market: str,
    column: str,
    values: Collection[str],
    **wanted: Collection[str],
) -> list[AnyRecord]:
    """Records of an entity whose column has one of some values, in the order of their sources.

    Args:
        connection: of a transaction.
        entity: what to read.
        market: only this one.
        column: that is looked up; one with an index, where there are many records.
        values: in the compared form of identifiers.
        wanted: values by further columns, of which each has to have one.
    """
    table, sought = CANONICAL_TABLES[entity], sorted(set(values))
    further = [table.c[name].in_(sorted(among)) for name, among in wanted.items()]
    found: list[AnyRecord] = []
    for start in range(0, len(sought), _MOST_VALUES):
        among = table.c[column].in_(sought[start : start + _MOST_VALUES])
        found += _found(connection, entity, market, among, *further)
    return found


def orders_since(connection: Connection, market: str, since: datetime, kinds: Collection[str]) -> list[ProductOrder]:
    """Orders of some types that were placed from a moment on.

    Args:
        connection: of a transaction.
        market: of the orders.
        since: the moment.
        kinds: types of orders.
    """
    table = CANONICAL_TABLES[ProductOrder]
    return _found(
        connection, ProductOrder, market, table.c.ordered_at >= since, table.c.order_type.in_(sorted(kinds))
    )


def _found(
    connection: Connection, entity: type[AnyRecord], market: str | None, *conditions: ColumnElement[bool]
) -> list[AnyRecord]:
    table = CANONICAL_TABLES[entity]
    names = [field.name for field in fields_of(entity)]
    query = select(*(table.c[name] for name in names)).where(known(table, None), *conditions)
    if market is not None:
        query = query.where(table.c.market == market)
    ordered = query.order_by(table.c.source_system, table.c.source_object, table.c.source_id)
    return [entity.model_validate(dict(row._mapping)) for row in connection.execute(ordered)]  # noqa: SLF001
