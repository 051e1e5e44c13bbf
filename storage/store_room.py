"""What the store room has: devices whose last movement was into it, and that nobody was given."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Select, exists, func, select

from canonical_model.field_work import DeviceKind
from canonical_model.network import NetworkObservation
from canonical_model.stock import StockMovement
from storage.history import known
from storage.schema.canonical import CANONICAL_TABLES
from storage.schema.sagas import DEVICE_ALLOCATION

_IN_STOCK = ("received", "returned")


def devices_in_stock(connection: Connection, market: str, kind: DeviceKind) -> list[tuple[str, str | None]]:
    """Serial and model of every device of a kind that can be given to a job, the one that lies longest first.

    A device that the books have in stock and that an element sees at work lies with somebody: it is left out.

    Args:
        connection: of a transaction.
        market: whose store room.
        kind: of device.
    """
    last = _last_movements(market, kind)
    given = exists().where(DEVICE_ALLOCATION.c.serial == last.c.serial, DEVICE_ALLOCATION.c.released_at.is_(None))
    seen = CANONICAL_TABLES[NetworkObservation]
    at_work = exists().where(seen.c.serial == last.c.serial, seen.c.operational_state == "up", known(seen, None))
    query = select(last.c.serial, last.c.model).where(
        last.c.place == 1, last.c.movement.in_(_IN_STOCK), ~given, ~at_work
    )
    return [(row.serial, row.model) for row in connection.execute(query.order_by(last.c.moved_at, last.c.serial))]


def models_of(connection: Connection, serials: Collection[str]) -> dict[str, str]:
    """The model of devices, by serial, where some movement tells it."""
    table = CANONICAL_TABLES[StockMovement]
    query = select(table.c.serial, table.c.model).where(
        table.c.serial.in_(sorted(serials)), table.c.model.is_not(None), known(table, None)
    )
    return {row.serial: row.model for row in connection.execute(query.order_by(table.c.moved_at))}


def _last_movements(market: str, kind: DeviceKind) -> Any:
    table = CANONICAL_TABLES[StockMovement]
    latest = (table.c.moved_at.desc(), table.c.source_id.desc())
    place = func.row_number().over(partition_by=table.c.serial, order_by=latest)
    query: Select[Any] = select(
        table.c.serial, table.c.model, table.c.movement, table.c.moved_at, place.label("place")
    ).where(table.c.market == market, table.c.kind == kind, known(table, None))
    return query.subquery("last_movement")
