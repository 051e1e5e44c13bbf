"""A market as readiness sees it at one moment: its plant, what is kept and in use there, and what is in stock."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from canonical_model.incidents import Outage
from canonical_model.markets import Market
from canonical_model.places import Premise
from canonical_model.plant import AccessTerminal
from hub.workplace import Hub
from provisioning.equipment import TERMINAL_KINDS, StockedDevice
from provisioning.plant_room import HeldPlace, SeenDevice, TerminalRoom, rooms
from provisioning.qualification import Operation
from storage.current_records import current_records, records_among
from storage.line_use import seen_devices, working_since
from storage.reservations import Reservation, devices_of, held_lines
from storage.store_room import devices_in_stock, models_of


@dataclass(frozen=True, slots=True)
class MarketView:
    """What was known when it was read; whatever is kept afterwards, the database itself refuses a second holder.

    Attributes:
        plant: terminals of the hubs that were asked for.
        held: places that are kept.
        working: by service of ours, since when it works.
        seen: devices that the elements of these terminals show.
        stock: devices that can be given to a job.
        outages: that have no end.
        own_devices: serial and model of what an order was given already, by its number.
    """

    market: Market
    plant: Sequence[AccessTerminal]
    held: Sequence[Reservation]
    working: Mapping[str, datetime]
    seen: Sequence[SeenDevice]
    stock: Sequence[StockedDevice]
    outages: Sequence[Outage]
    own_devices: Mapping[str, Sequence[StockedDevice]] = field(default_factory=dict)

    def service_of(self, order_number: str) -> str | None:
        """The service for which an order has kept a line; it is not called anew when other orders come and go."""
        return next((each.service_id for each in self.held if each.order_number == order_number), None)

    def rooms_for(self, premise: Premise, service_id: str | None = None) -> tuple[TerminalRoom, ...]:
        """What is left of the terminals of a premise's hub; what a service has itself is not in its way."""
        mine = next((each for each in self.held if each.service_id == service_id), None)
        observed = {(each.terminal, each.element, each.port): each.observed_at for each in self.plant}
        kept = [self._held_place(each, observed) for each in self.held if each is not mine]
        own = None if mine is None else (mine.element, f"{mine.port}/{mine.onu_id}")
        seen = [each for each in self.seen if (each.element, each.port) != own]
        of_hub = [each for each in self.plant if premise.hub is None or each.hub in (None, premise.hub)]
        return rooms(of_hub, kept, seen)

    def operation(self, hub: Hub, order_number: str | None = None) -> Operation:
        """The operator's tables, with what was given to an order at the front of the stock."""
        own = self.own_devices.get(order_number or "", ())
        return Operation(hub.operator.catalogue, hub.operator.network, (*own, *self.stock))

    def _held_place(self, each: Reservation, observed: Mapping[tuple[str, str, str], datetime | None]) -> HeldPlace:
        counted_at = observed.get((each.terminal or "", each.element, each.port))
        since = self.working.get(each.service_id)
        is_counted = counted_at is not None and since is not None and since <= counted_at
        return HeldPlace(each.element, each.port, each.onu_id, each.terminal, is_counted)


def market_view(
    connection: Connection,
    market: Market,
    premises: Collection[Premise],
    order_numbers: Collection[str] = (),
    expected: Mapping[str, str] | None = None,
) -> MarketView:
    """Read what the orders of some premises need.

    Args:
        connection: of a reading transaction.
        market: of them all.
        premises: whose hubs are wanted.
        order_numbers: of orders that may have been given a device.
        expected: by order, the serial that field service has named for it.
    """
    plant = _plant(connection, market.id, premises)
    elements = {each.element for each in plant}
    kinds = {TERMINAL_KINDS[each.technology] for each in plant}
    stock = [
        StockedDevice(serial, kind, model)
        for kind in sorted(kinds)
        for serial, model in devices_in_stock(connection, market.id, kind)
    ]
    return MarketView(
        market=market,
        plant=plant,
        held=held_lines(connection, market.id),
        working=working_since(connection, market.id),
        seen=[
            SeenDevice(element, port, state == "up", at)
            for element, port, state, at in seen_devices(connection, market.id, elements)
        ],
        stock=stock,
        outages=current_records(connection, Outage, market.id, ended_at=None),
        own_devices=_own_devices(connection, market, order_numbers, expected or {}),
    )


def _plant(connection: Connection, market: str, premises: Collection[Premise]) -> list[AccessTerminal]:
    hubs = {each.hub for each in premises if each.hub is not None}
    found = records_among(connection, AccessTerminal, market, "hub", hubs)
    loose = {each.terminal for each in premises if each.hub is None and each.terminal is not None}
    return [*found, *records_among(connection, AccessTerminal, market, "terminal", loose)]


def _own_devices(
    connection: Connection, market: Market, order_numbers: Collection[str], expected: Mapping[str, str]
) -> dict[str, list[StockedDevice]]:
    serials = {number: devices_of(connection, number) for number in order_numbers}
    for number, serial in expected.items():
        if serial not in serials.setdefault(number, []):
            serials[number].append(serial)
    models = models_of(connection, {serial for each in serials.values() for serial in each})
    kind = TERMINAL_KINDS[market.technology]
    return {
        number: [StockedDevice(serial, kind, models.get(serial)) for serial in each]
        for number, each in serials.items()
        if each
    }
