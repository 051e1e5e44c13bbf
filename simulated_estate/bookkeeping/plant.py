"""The plant's inventory, which the field service system keeps: terminals in the street and the ports that feed them.

``access_terminals``: ``id``, ``region``, ``terminal`` and ``hub`` (as the CRM names them), ``element``, ``port``,
    ``medium`` (``fibre``, ``ethernet``, ``radio``), ``places`` and ``in_use`` (services that can hang there, and that
    do), ``port_places`` (over all terminals of the port), ``pon`` (``GPON``, ``XGS-PON``, or None), ``class`` (of the
    optics, or None), ``ready_on`` (the day on which it will be built, None where it is), ``counted_at`` and
    ``updated_at`` (UTC, ``Z``).

The inventory knows the terminals that somebody has been connected to, and those beside them, on the ports on which
their devices are (``feeders``): terminals share a port of an OLT or of an access point, and a cabinet is fed one port
of its switch a home.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import count, islice

from simulated_estate.books import DeviceRow, Row
from simulated_estate.feeders import TERMINALS_OF_A_PORT, feeder_of, parts_of
from simulated_estate.markets import MARKETS, Market
from simulated_estate.spelling import utc_z

FEED = "access_terminals"
_MEDIA = {"pon": "fibre", "active_ethernet": "ethernet", "fixed_wireless": "radio"}
_PLACES = 12
_HOMES_PER_CABINET = 6
_SPARE_HOMES = 2
_PORT_PLACES = 64

_Ports = Mapping[tuple[str, str], Sequence[int]]
"""By element and port, the numbers behind it on which devices are."""


def plant_rows(
    premises: Iterable[Row], orders: Iterable[Row], network: Mapping[str, Iterable[DeviceRow]], counted: datetime
) -> Iterator[Row]:
    """The inventory of everything around some premises.

    Args:
        premises: rows of the CRM's ``Premise__c``.
        orders: rows of its ``Order``.
        network: by element, the devices that it lists.
        counted: when somebody last went through it.
    """
    in_use, ports = _in_use(orders), _ports(network)
    by_name = {market.name: market for market in MARKETS.values()}
    used: Counter[tuple[str, str]] = Counter()
    for premise in premises:
        used[premise["Market__c"], premise["Terminal__c"]] += in_use[premise["Id"]]
    named = {(market, _beside(terminal, place)) for market, terminal in used for place in range(TERMINALS_OF_A_PORT)}
    for market, terminal in sorted(named):
        yield from _rows(by_name[market], terminal, used[market, terminal], ports, counted)


def _in_use(orders: Iterable[Row]) -> Counter[str]:
    """How many services are delivered at each premise, by its Id."""
    change = {"New": 1, "Cease": -1}
    found: Counter[str] = Counter()
    for order in orders:
        if order["StatusCode"] == "Completed" and not order["IsDeleted"]:
            found[order["Premise__c"]] += change.get(order["Type"], 0)
    return Counter({premise: max(number, 0) for premise, number in found.items()})


def _ports(network: Mapping[str, Iterable[DeviceRow]]) -> _Ports:
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    for element, rows in network.items():
        for row in rows:
            port, _, number = row.port.rpartition("/")
            found[element, port].append(int(number))
    return found


def _beside(terminal: str, place: int) -> str:
    """One of the terminals that stand together with a terminal."""
    hub, number = parts_of(terminal)
    first = (number - 1) // TERMINALS_OF_A_PORT * TERMINALS_OF_A_PORT + 1
    return f"{hub}-T{first + place:03d}"


def _rows(market: Market, terminal: str, used: int, ports: _Ports, counted: datetime) -> Iterator[Row]:
    hub, _ = parts_of(terminal)
    element, port = feeder_of(market, terminal)
    known = {
        "region": market.region,
        "terminal": terminal,
        "hub": hub,
        "element": element.name,
        "medium": _MEDIA[market.technology],
        "pon": None,
        "class": None,
        "ready_on": None,
        "counted_at": utc_z(counted),
        "updated_at": utc_z(counted),
    }
    if market.technology == "active_ethernet":
        for place, home in enumerate(_homes(ports.get((element.name, port), ()), used)):
            yield {**known, **_counts(terminal, f"{port}/{home}", 1, int(place < used), 1)}
        return
    places = max(_PLACES, used + 4)
    optics = {"pon": "GPON", "class": "B+"} if int(hub[-2:]) % 2 == 0 else {"pon": "XGS-PON", "class": "N1"}
    yield {
        **known,
        **(optics if market.technology == "pon" else {}),
        **_counts(terminal, port, places, used, max(_PORT_PLACES, TERMINALS_OF_A_PORT * places)),
    }


def _homes(seen: Sequence[int], used: int) -> list[int]:
    """Numbers of a cabinet's ports: those on which a device is, and some on which nobody is yet."""
    wanted = max(_HOMES_PER_CABINET, used + _SPARE_HOMES, len(seen) + _SPARE_HOMES)
    spare = (number for number in count(1) if number not in seen)
    return [*sorted(seen), *islice(spare, wanted - len(seen))]


def _counts(terminal: str, port: str, places: int, used: int, of_port: int) -> Row:
    return {"id": f"{terminal}:{port}", "port": port, "places": places, "in_use": used, "port_places": of_port}
