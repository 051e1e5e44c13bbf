"""The plant's inventory, which the field service system keeps: terminals in the street and the ports that feed them.

``access_terminals``: ``id``, ``region``, ``terminal`` and ``hub`` (as the CRM names them), ``element``, ``port``,
    ``medium`` (``fibre``, ``ethernet``, ``radio``), ``places`` and ``in_use`` (services that can hang there, and that
    do), ``port_places`` (over all terminals of the port), ``pon`` (``GPON``, ``XGS-PON``, or None), ``class`` (of the
    optics, or None), ``ready_on`` (the day on which it will be built, None where it is), ``counted_at`` and
    ``updated_at`` (UTC, ``Z``).

The inventory knows the terminals that somebody has been connected to, and the others of the same port: four terminals
share a port of an OLT, a switch is fed one port a home, and a radio sector is a terminal of its own.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime

from simulated_estate.books import Row
from simulated_estate.markets import MARKETS, Market
from simulated_estate.spelling import utc_z

FEED = "access_terminals"
_MEDIA = {"pon": "fibre", "active_ethernet": "ethernet", "fixed_wireless": "radio"}
_PER_PORT = 4
_PLACES = 12
_HOMES_PER_CABINET = 6
_PORT_PLACES = 64
_PORTS_PER_CARD = 16
_CARDS_PER_HUB = 4


def plant_rows(premises: Iterable[Row], orders: Iterable[Row], counted: datetime) -> Iterator[Row]:
    """The inventory of everything around some premises.

    Args:
        premises: rows of the CRM's ``Premise__c``.
        orders: rows of its ``Order``.
        counted: when somebody last went through it.
    """
    in_use = _in_use(orders)
    by_name = {market.name: market for market in MARKETS.values()}
    used: Counter[tuple[str, str]] = Counter()
    for premise in premises:
        used[premise["Market__c"], premise["Terminal__c"]] += in_use[premise["Id"]]
    named = {(market, _beside(terminal, place)) for market, terminal in used for place in range(_PER_PORT)}
    for market, terminal in sorted(named):
        yield from _rows(by_name[market], terminal, used[market, terminal], counted)


def _in_use(orders: Iterable[Row]) -> Counter[str]:
    """How many services are delivered at each premise, by its Id."""
    change = {"New": 1, "Cease": -1}
    found: Counter[str] = Counter()
    for order in orders:
        if order["StatusCode"] == "Completed" and not order["IsDeleted"]:
            found[order["Premise__c"]] += change.get(order["Type"], 0)
    return Counter({premise: max(number, 0) for premise, number in found.items()})


def _beside(terminal: str, place: int) -> str:
    """One of the terminals that share a port with a terminal."""
    hub, number = _parts(terminal)
    first = (number - 1) // _PER_PORT * _PER_PORT + 1
    return f"{hub}-T{first + place:03d}"


def _parts(terminal: str) -> tuple[str, int]:
    hub, _, number = terminal.rpartition("-T")
    return hub, int(number)


def _rows(market: Market, terminal: str, used: int, counted: datetime) -> Iterator[Row]:
    hub, number = _parts(terminal)
    station = int(hub[-2:]) - 1
    element = market.elements[station % len(market.elements)]
    group = station // len(market.elements) * _CARDS_PER_HUB * _PORTS_PER_CARD + (number - 1) // _PER_PORT
    port = f"1/{1 + group // _PORTS_PER_CARD}/{1 + group % _PORTS_PER_CARD}"
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
        homes = range(max(_HOMES_PER_CABINET, used + 2))
        for home in homes:
            own = f"{port}/{1 + number % _PER_PORT * len(homes) + home}"
            yield {**known, **_counts(terminal, own, 1, int(home < used), 1)}
        return
    places = max(_PLACES, used + 4)
    optics = {"pon": "GPON", "class": "B+"} if station % 2 else {"pon": "XGS-PON", "class": "N1"}
    yield {
        **known,
        **(optics if market.technology == "pon" else {}),
        **_counts(terminal, port, places, used, max(_PORT_PLACES, _PER_PORT * places)),
    }


def _counts(terminal: str, port: str, places: int, used: int, of_port: int) -> Row:
    return {"id": f"{terminal}:{port}", "port": port, "places": places, "in_use": used, "port_places": of_port}
