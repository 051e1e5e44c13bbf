"""What was ever kept for a service: places on ports and devices of the store room, given free again or not."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, select

from storage.schema.sagas import DEVICE_ALLOCATION, LINE_RESERVATION


@dataclass(frozen=True, slots=True)
class KeptLine:
    """A place on a port; ``onu_id`` is 0 where the technology numbers no terminals."""

    element: str
    port: str
    onu_id: int
    order_number: str
    reserved_at: datetime
    released_at: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class KeptDevice:
    """A device of the store room."""

    serial: str
    kind: str
    order_number: str
    allocated_at: datetime
    released_at: datetime | None
    reason: str


def lines_kept_for(connection: Connection, services: Collection[str]) -> list[KeptLine]:
    """Places that were kept for any of these services, in the order in which they were."""
    table = LINE_RESERVATION
    query = select(*(table.c[name] for name in KeptLine.__slots__))
    found = connection.execute(query.where(table.c.service_id.in_(services)).order_by(table.c.id))
    return [KeptLine(*row) for row in found]


def devices_kept_for(connection: Connection, orders: Collection[str]) -> list[KeptDevice]:
    """Devices that were kept for any of these orders, in the order in which they were."""
    return _devices(connection, DEVICE_ALLOCATION.c.order_number.in_(orders))


def devices_with(connection: Connection, serial: str) -> list[KeptDevice]:
    """Every time that a device was kept for an order."""
    return _devices(connection, DEVICE_ALLOCATION.c.serial == serial)


def _devices(connection: Connection, condition: ColumnElement[bool]) -> list[KeptDevice]:
    table = DEVICE_ALLOCATION
    query = select(*(table.c[name] for name in KeptDevice.__slots__)).where(condition).order_by(table.c.id)
    return [KeptDevice(*row) for row in connection.execute(query)]
