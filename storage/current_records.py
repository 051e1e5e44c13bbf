"""Canonical records as they are known now, looked up by a column that has an index."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Connection, Select, bindparam, func, select

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
    statement = _statement(entity, market is not None, tuple(sorted(wanted)), ())
    return _found(connection, entity, statement, {"of_market": market, **_named(wanted)})


def read_first_at(connection: Connection, record: Record) -> datetime:
    """When a record, however it said it then, was read for the first time.

    Raises:
        LookupError: it never was.
    """
    table = CANONICAL_TABLES[type(record)]
    named = ("source_system", "source_object", "source_id")
    query = select(func.min(table.c.known_from)).where(*(table.c[name] == getattr(record, name) for name in named))
    first: datetime | None = connection.execute(query).scalar_one()
    if first is None:
        raise LookupError(f"{record.source} was never read")
    return first


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
    sought, found = sorted(set(values)), list[AnyRecord]()
    if len(sought) == 1 and not wanted:
        return current_records(connection, entity, market, **{column: sought[0]})
    statement = _statement(entity, True, (), (column, *sorted(wanted)))
    further = {name: sorted(among) for name, among in wanted.items()}
    for start in range(0, len(sought), _MOST_VALUES):
        among = {column: sought[start : start + _MOST_VALUES], **further}
        found += _found(connection, entity, statement, {"of_market": market, **_named(among)})
    return found


def orders_since(connection: Connection, market: str, since: datetime, kinds: Collection[str]) -> list[ProductOrder]:
    """Orders of some types that were placed from a moment on.

    Args:
        connection: of a transaction.
        market: of the orders.
        since: the moment.
        kinds: types of orders.
    """
    statement = _statement(ProductOrder, True, (), ("order_type",))
    statement = statement.where(CANONICAL_TABLES[ProductOrder].c.ordered_at >= since)
    return _found(connection, ProductOrder, statement, {"of_market": market, **_named({"order_type": sorted(kinds)})})


def _named(values: Mapping[str, Any]) -> dict[str, Any]:
    return {f"its_{name}": value for name, value in values.items()}


def _found(
    connection: Connection, entity: type[AnyRecord], statement: Select[Any], given: Mapping[str, Any]
) -> list[AnyRecord]:
    result = connection.execute(statement, given)
    names = tuple(result.keys())
    return [entity.model_validate(dict(zip(names, row, strict=True))) for row in result]


@cache
def _statement(entity: type[Record], has_market: bool, equal: tuple[str, ...], among: tuple[str, ...]) -> Select[Any]:
    """Built once for each set of columns: a statement costs more to put together than to run."""
    table = CANONICAL_TABLES[entity]
    columns = {name: table.c[name] for name in (*equal, *among)}
    query = select(*(table.c[field.name] for field in fields_of(entity))).where(
        known(table, None),
        *(columns[name] == bindparam(f"its_{name}", type_=columns[name].type) for name in equal),
        *(columns[name].in_(bindparam(f"its_{name}", expanding=True)) for name in among),
    )
    if has_market:
        query = query.where(table.c.market == bindparam("of_market"))
    return query.order_by(table.c.source_system, table.c.source_object, table.c.source_id)
