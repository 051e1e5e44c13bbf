"""Places on ports and devices of the store room that are kept for a service; the database refuses a second holder."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from storage.schema.sagas import DEVICE_ALLOCATION, LINE_RESERVATION


@dataclass(frozen=True, slots=True)
class Place:
    """A port that can serve a line, and where it comes out.

    Attributes:
        capacity: how many terminals the port carries; their numbers begin with ``first_id``.
        terminal: in the street, where the plant's inventory tells it.
        legs: how many services of ours that terminal has room for; None where nobody counts them.
    """

    element: str
    port: str
    capacity: int
    first_id: int = 1
    terminal: str | None = None
    legs: int | None = None


@dataclass(frozen=True, slots=True)
class Reservation:
    """A place on a port, and a leg of the terminal behind it, that are kept for a service."""

    element: str
    port: str
    onu_id: int
    service_id: str
    order_number: str
    reserved_at: datetime
    terminal: str | None = None
    leg: int | None = None


def reserve_line(
    connection: Connection,
    places: Sequence[Place],
    taken: Collection[tuple[str, str, int]],
    *,
    market: str,
    service_id: str,
    order_number: str,
    at: datetime,
) -> Reservation | None:
    """Keep the first free place for an order; what is kept for it already is given back as it is.

    Two processes that reach for the same place at once get two different ones, or one of them nothing.

    Args:
        connection: of a transaction.
        places: ports that can serve it, the nearest first.
        taken: element, port and number of terminals that the network itself shows in use.
        market: of the service.
        service_id: of the service.
        order_number: that asked for it.
        at: now.

    Returns:
        None where every place is taken.
    """
    known = held_for(connection, market, order_number)
    if known is not None:
        return known
    for place in places:
        while (free := _free(connection, market, place, taken)) is not None:
            number, leg = free
            reservation = Reservation(
                place.element, place.port, number, service_id, order_number, at, place.terminal, leg
            )
            if _inserted(connection, market, reservation):
                return reservation
            if (mine := held_for(connection, market, order_number)) is not None:
                return mine
    return None


def held_for(connection: Connection, market: str, order_number: str) -> Reservation | None:
    """The place that is kept for an order."""
    row = connection.execute(select(LINE_RESERVATION).where(*_held(market, order_number=order_number))).one_or_none()
    return None if row is None else _reservation(row)


def held_lines(connection: Connection, market: str) -> list[Reservation]:
    """Every place that is kept in a market, oldest first."""
    query = select(LINE_RESERVATION).where(*_held(market)).order_by(LINE_RESERVATION.c.id)
    return [_reservation(row) for row in connection.execute(query)]


def release_line(connection: Connection, market: str, order_number: str, at: datetime, reason: str) -> bool:
    """Give the place of an order free; False where none was kept."""
    statement = update(LINE_RESERVATION).values(released_at=at, reason=reason)
    return connection.execute(statement.where(*_held(market, order_number=order_number))).rowcount > 0


def release_lines_of(
    connection: Connection, market: str, service_id: str, at: datetime, reason: str, but_of_order: str | None = None
) -> None:
    """Give every place of a service free, but the one that one of its orders goes on with."""
    statement = update(LINE_RESERVATION).values(released_at=at, reason=reason)
    statement = statement.where(*_held(market, service_id=service_id))
    if but_of_order is not None:
        statement = statement.where(LINE_RESERVATION.c.order_number != but_of_order)
    connection.execute(statement)


def allocate_device(
    connection: Connection, serials: Sequence[str], *, kind: str, service_id: str, order_number: str, at: datetime
) -> str | None:
    """Give the first free device to an order; one of the kind that it has already is given back as it is.

    Args:
        connection: of a transaction.
        serials: of devices in stock that would do, the first to go out first.
        kind: of device.
        service_id: of the service.
        order_number: that it is for.
        at: now.

    Returns:
        Its serial; None where every one is given away.
    """
    table = DEVICE_ALLOCATION
    given = set(connection.execute(select(table.c.serial).where(table.c.released_at.is_(None))).scalars())
    if (mine := allocated_to(connection, order_number, kind)) is not None:
        return mine
    for serial in serials:
        if serial in given:
            continue
        values = {"serial": serial, "kind": kind, "service_id": service_id, "order_number": order_number}
        try:
            with connection.begin_nested():
                connection.execute(insert(table).values(**values, allocated_at=at, reason=""))
        except IntegrityError:  # somebody else took it, or took one for this order
            if (mine := allocated_to(connection, order_number, kind)) is not None:
                return mine
            continue
        return serial
    return None


def allocated_to(connection: Connection, order_number: str, kind: str) -> str | None:
    """Serial of the device of a kind that an order was given."""
    table = DEVICE_ALLOCATION
    query = select(table.c.serial).where(
        table.c.order_number == order_number, table.c.kind == kind, table.c.released_at.is_(None)
    )
    serial: str | None = connection.execute(query).scalar_one_or_none()
    return serial


def devices_of(connection: Connection, order_number: str) -> list[str]:
    """Serials of the devices that an order was given."""
    table = DEVICE_ALLOCATION
    query = select(table.c.serial).where(table.c.order_number == order_number, table.c.released_at.is_(None))
    return list(connection.execute(query.order_by(table.c.id)).scalars())


def release_device(connection: Connection, serial: str, at: datetime, reason: str) -> bool:
    """Take a device back from the order that it was given to; False where it was given to none."""
    table = DEVICE_ALLOCATION
    statement = update(table).values(released_at=at, reason=reason)
    found = connection.execute(statement.where(table.c.serial == serial, table.c.released_at.is_(None)))
    return found.rowcount > 0


def _held(market: str, **wanted: str) -> list[ColumnElement[bool]]:
    table = LINE_RESERVATION
    named = [table.c[column] == value for column, value in wanted.items()]
    return [table.c.market == market, table.c.released_at.is_(None), *named]


def _free(
    connection: Connection, market: str, place: Place, taken: Collection[tuple[str, str, int]]
) -> tuple[int, int | None] | None:
    """The first free number on a port with the first free leg of its terminal; None where either is used up."""
    table = LINE_RESERVATION
    here = (table.c.element == place.element, table.c.port == place.port, table.c.released_at.is_(None))
    used = set(connection.execute(select(table.c.onu_id).where(*here)).scalars())
    used |= {number for element, port, number in taken if (element, port) == (place.element, place.port)}
    numbers = range(place.first_id, place.first_id + place.capacity)
    number = next((each for each in numbers if each not in used), None)
    if number is None or place.terminal is None or place.legs is None:
        return None if number is None else (number, None)
    at_terminal = select(table.c.leg).where(*here, table.c.market == market, table.c.terminal == place.terminal)
    in_use = set(connection.execute(at_terminal).scalars())
    leg = next((each for each in range(1, place.legs + 1) if each not in in_use), None)
    return None if leg is None else (number, leg)


def _reservation(row: Row[Any]) -> Reservation:
    return Reservation(
        row.element,
        row.port,
        row.onu_id,
        row.service_id,
        row.order_number,
        row.reserved_at,
        row.terminal,
        row.leg,
    )


def _inserted(connection: Connection, market: str, wanted: Reservation) -> bool:
    try:
        with connection.begin_nested():
            connection.execute(
                insert(LINE_RESERVATION).values(
                    market=market,
                    element=wanted.element,
                    port=wanted.port,
                    onu_id=wanted.onu_id,
                    service_id=wanted.service_id,
                    order_number=wanted.order_number,
                    reserved_at=wanted.reserved_at,
                    reason="",
                    terminal=wanted.terminal,
                    leg=wanted.leg,
                )
            )
    except IntegrityError:
        return False
    return True
