"""Keep a place on a port and a device for an order, both or neither; and give them free again."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from handoffs.stages import Authority
from hub.readiness.market_view import MarketView
from hub.workplace import Hub
from provisioning.equipment import TERMINAL_KINDS, StockedDevice
from provisioning.plant_room import FIRST_NUMBER, TerminalRoom, port_capacity
from provisioning.qualification import ServiceQualification
from provisioning.unavailability import Unavailability
from storage.reservations import (
    Place,
    Reservation,
    allocate_device,
    allocated_to,
    devices_of,
    held_for,
    release_device,
    release_line,
    reserve_line,
)
from storage.work_paths import begin_with_hub

MOST_PLACES = 16
"""Terminals that are tried in one round; where all were taken since they were looked at, the next round goes on."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept for an order."""

    line: Reservation
    device: StockedDevice


class _NothingLeft(Exception):  # noqa: N818 - ends the transaction, so that nothing of it stays
    def __init__(self, reason: Unavailability) -> None:
        super().__init__(reason.label)
        self.reason = reason


def keep(
    hub: Hub,
    view: MarketView,
    found: ServiceQualification,
    order_number: str,
    service_id: str,
    provisions: Authority,
    now: datetime,
) -> Kept | Unavailability:
    """Keep the nearest place that is free and a device that does; what is kept already stays, if it still does.

    Two processes that reach for the last place get one each, or one of them a reason. A process that dies has kept
    both or nothing.

    Args:
        hub: the operator's hub.
        view: of the market.
        found: the qualification, with rooms and devices.
        order_number: that asks for it.
        service_id: of the service.
        provisions: by which the hub provisions it; with what is kept the order is on the hub's path.
        now: when this happens.

    Raises:
        UnsafeToContinue: another writer has begun the order, or the hand-off was moved at this moment.
        RetryableError: the database is out of reach.
    """
    work = f"order/{order_number}"
    try:
        with hub.database.journaling() as connection:
            begin_with_hub(connection, view.market.id, "order_to_provisioning", work, provisions, now)
            line = _line(connection, view, found, order_number, service_id, now)
            return Kept(line, _device(connection, found, order_number, service_id, now))
    except _NothingLeft as nothing:
        return nothing.reason


def give_free(connection: Connection, market: str, order_number: str, now: datetime, why: str) -> bool:
    """Give everything free that is kept for an order; whether there was anything."""
    released = release_line(connection, market, order_number, now, why)
    for serial in devices_of(connection, order_number):
        released = release_device(connection, serial, now, why) or released
    return released


def _line(
    connection: Connection,
    view: MarketView,
    found: ServiceQualification,
    order_number: str,
    service_id: str,
    now: datetime,
) -> Reservation:
    places = [_place(room) for room in found.rooms[:MOST_PLACES]]
    market = view.market.id
    known = held_for(connection, market, order_number)
    if known is not None and (known.element, known.port) not in {(each.element, each.port) for each in places}:
        release_line(connection, market, order_number, now, "the order is for another place by now")
    taken = {
        (place.element, place.port, number)
        for place in places
        for number in view.taken.get((place.element, place.port), frozenset())
    }
    line = reserve_line(
        connection,
        places,
        taken,
        market=market,
        service_id=service_id,
        order_number=order_number,
        at=now,
    )
    if line is None:
        raise _NothingLeft(Unavailability("noFreeCapacity", "the last place was taken meanwhile"))
    return line


def _device(
    connection: Connection, found: ServiceQualification, order_number: str, service_id: str, now: datetime
) -> StockedDevice:
    technology = found.rooms[0].terminal.technology
    kind, devices = TERMINAL_KINDS[technology], {each.serial: each for each in found.devices}
    known = allocated_to(connection, order_number, kind)
    if known is not None and known not in devices:
        release_device(connection, known, now, "another device is needed by now")
    serial = allocate_device(
        connection, list(devices), kind=kind, service_id=service_id, order_number=order_number, at=now
    )
    if serial is None:
        raise _NothingLeft(Unavailability("noEquipment", f"the last {kind} was given away meanwhile"))
    return devices[serial]


def _place(room: TerminalRoom) -> Place:
    terminal = room.terminal
    return Place(
        terminal.element,
        terminal.port,
        port_capacity(terminal),
        FIRST_NUMBER[terminal.technology],
        terminal.terminal,
        room.legs,
    )
