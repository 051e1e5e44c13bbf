"""A market as readiness sees it at one moment: its plant, what is kept and in use there, and what is in stock."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from canonical_model.catalogue import Catalogue
from canonical_model.incidents import Outage
from canonical_model.markets import Market
from canonical_model.places import Premise
from canonical_model.plant import AccessTerminal
from hub.readiness.order_records import KnownRecords
from hub.workplace import Hub
from provisioning.equipment import TERMINAL_KINDS, StockedDevice
from provisioning.network_file import NetworkFile
from provisioning.plant_room import HeldPlace, Port, SeenDevice, TerminalRoom, by_port, rooms, taken_numbers
from provisioning.qualification import Operation
from storage.current_records import CurrentRecords, current_records
from storage.line_use import seen_devices, working_since
from storage.reservations import Reservation, devices_of, held_lines
from storage.store_room import devices_in_stock, models_of


@dataclass(frozen=True, slots=True)
class OwnPlace:
    """The place that an order's service has already, as the network and the inventory count it.

    Attributes:
        number: on the port, where the element tells one.
        is_counted: the inventory counts its leg among those in use.
    """

    terminal: str | None
    element: str
    port: str
    number: int | None
    is_counted: bool


@dataclass(frozen=True, slots=True)
class MarketView:
    """What was known when it was read; whatever is kept afterwards, the database itself refuses a second holder.

    Attributes:
        plant: terminals by their hub, of the hubs that were asked for.
        held: places that are kept, by port.
        lines: the same by order.
        seen: devices that elements show, by port.
        taken: numbers of these, by port.
        stock: devices that can be given to a job.
        outages: that have no end.
        tables: version of the tables that profiles are made from.
        own_devices: serial and model of what an order was given already, by its number.
        own_places: by order, what it has itself in the plant although nothing is kept for it: an order of the past.
    """

    market: Market
    plant: Mapping[str | None, Sequence[AccessTerminal]]
    held: Mapping[Port, Sequence[tuple[str, HeldPlace]]]
    lines: Mapping[str, Reservation]
    seen: Mapping[Port, Sequence[SeenDevice]]
    taken: Mapping[Port, frozenset[int]]
    stock: Sequence[StockedDevice]
    outages: Sequence[Outage]
    tables: str
    own_devices: Mapping[str, Sequence[StockedDevice]]
    own_places: Mapping[str, OwnPlace] = field(default_factory=dict)

    def service_of(self, order_number: str) -> str | None:
        """The service for which an order has kept a line; it is not called anew when other orders come and go."""
        line = self.lines.get(order_number)
        return None if line is None else line.service_id

    def rooms_for(self, premise: Premise, order_number: str | None = None) -> tuple[TerminalRoom, ...]:
        """What is left of the terminals of a premise's hub; what an order has itself is not in its way."""
        loose = self.plant.get(None, ())
        if premise.hub is None:
            terminals = [each for those in self.plant.values() for each in those]
        else:
            terminals = [*self.plant.get(premise.hub, ()), *loose]
        mine = self.lines.get(order_number or "")
        taken: Mapping[Port, frozenset[int]] = self.taken
        if mine is not None:
            own = (mine.element, mine.port)
            taken = {**taken, own: taken.get(own, frozenset()) - {mine.onu_id}}
        own_place = self.own_places.get(order_number or "")
        if own_place is not None:
            terminals, taken = _without(own_place, terminals, taken)
        ports = {(each.element, each.port) for each in terminals}
        service = None if mine is None else mine.service_id
        kept = [place for port in ports for holder, place in self.held.get(port, ()) if holder != service]
        return rooms(terminals, kept, taken)

    def operation(self, catalogue: Catalogue, network: NetworkFile, order_number: str | None = None) -> Operation:
        """The operator's tables, with what was given to an order at the front of the stock."""
        own = self.own_devices.get(order_number or "", ())
        return Operation(catalogue, network, (*own, *self.stock))


def _without(
    own: OwnPlace, terminals: Sequence[AccessTerminal], taken: Mapping[Port, frozenset[int]]
) -> tuple[list[AccessTerminal], Mapping[Port, frozenset[int]]]:
    """The plant as if a service were not there."""
    found = [
        each.model_copy(update={"used": max(0, (each.used or 0) - 1)})
        if own.is_counted and (each.terminal, each.element, each.port) == (own.terminal, own.element, own.port)
        else each
        for each in terminals
    ]
    port = (own.element, own.port)
    numbers = taken.get(port, frozenset())
    number = max(numbers, default=None) if own.number is None else own.number
    return found, {**taken, port: numbers - {number}}


def market_view(
    connection: Connection,
    hub: Hub,
    market: Market,
    premises: Collection[Premise],
    order_numbers: Collection[str] = (),
    expected: Mapping[str, str] | None = None,
) -> MarketView:
    """Read what the orders of some premises need.

    Args:
        connection: of a reading transaction.
        hub: the operator's hub.
        market: of them all.
        premises: whose hubs are wanted.
        order_numbers: of orders that may have been given a device.
        expected: by order, the serial that field service has named for it.
    """
    terminals = plant_of(CurrentRecords(connection, market.id), premises)
    elements = {each.element for each in terminals}
    kinds = {TERMINAL_KINDS[each.technology] for each in terminals}
    stock = [
        StockedDevice(serial, kind, model)
        for kind in sorted(kinds)
        for serial, model in devices_in_stock(connection, market.id, kind)
    ]
    return assembled_view(
        market,
        hub.operator.network.fingerprint,
        terminals,
        seen_devices(connection, market.id, elements),
        stock=stock,
        outages=current_records(connection, Outage, market.id, ended_at=None),
        lines=held_lines(connection, market.id),
        working=working_since(connection, market.id),
        own_devices=_own_devices(connection, market, order_numbers, expected or {}),
    )


def assembled_view(
    market: Market,
    tables: str,
    terminals: Sequence[AccessTerminal],
    devices: Iterable[tuple[str, str, str, datetime]],
    *,
    stock: Sequence[StockedDevice],
    outages: Sequence[Outage],
    lines: Sequence[Reservation] = (),
    working: Mapping[str, datetime] | None = None,
    own_devices: Mapping[str, Sequence[StockedDevice]] | None = None,
) -> MarketView:
    """Lay out what was read of a market, from wherever it was read.

    Args:
        market: which.
        tables: version of the tables that profiles are made from.
        terminals: of the plant.
        devices: that elements show: element, port, operational state, and when it was asked.
        stock: devices that can be given to a job.
        outages: that have no end.
        lines: that are kept.
        working: by service, since when it works.
        own_devices: what orders were given already.
    """
    plant: defaultdict[str | None, list[AccessTerminal]] = defaultdict(list)
    for each in terminals:
        plant[each.hub].append(each)
    seen = by_port(terminals, (SeenDevice(element, port, state == "up", at) for element, port, state, at in devices))
    return MarketView(
        market=market,
        plant=plant,
        held=_held(terminals, lines, working or {}),
        lines={each.order_number: each for each in lines},
        seen=seen,
        taken=taken_numbers(terminals, seen),
        stock=stock,
        outages=outages,
        tables=tables,
        own_devices=own_devices or {},
    )


def _held(
    terminals: Iterable[AccessTerminal], lines: Iterable[Reservation], working: Mapping[str, datetime]
) -> dict[Port, list[tuple[str, HeldPlace]]]:
    """Places that are kept, by port, each with its service."""
    counted = {(each.terminal, each.element, each.port): each.observed_at for each in terminals}
    found: defaultdict[Port, list[tuple[str, HeldPlace]]] = defaultdict(list)
    for line in lines:
        counted_at = counted.get((line.terminal or "", line.element, line.port))
        since = working.get(line.service_id)
        is_counted = counted_at is not None and since is not None and since <= counted_at
        place = HeldPlace(line.element, line.port, line.onu_id, line.terminal, is_counted)
        found[line.element, line.port].append((line.service_id, place))
    return found


def plant_of(records: KnownRecords, premises: Collection[Premise]) -> list[AccessTerminal]:
    """The terminals of the hubs of premises, and of those without a hub their own."""
    hubs = {each.hub for each in premises if each.hub is not None}
    found = records.among(AccessTerminal, "hub", hubs)
    loose = {each.terminal for each in premises if each.hub is None and each.terminal is not None}
    return [*found, *records.among(AccessTerminal, "terminal", loose)]


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
