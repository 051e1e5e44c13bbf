"""Which port of which element feeds a terminal in the street: the one plan that devices and inventory follow.

Four terminals of a hub share a port of an OLT or of an access point. A cabinet has one of its switch to itself, and
each of its homes has a port of its own behind that.
"""

from simulated_estate.markets import Element, Market

TERMINALS_OF_A_PORT = 4
_TERMINALS_OF_A_HUB = 240
_PORTS_OF_A_CARD = 16


def feeder_of(market: Market, terminal: str) -> tuple[Element, str]:
    """The element and its port that feed a terminal; a device is on the port with a number of its own behind it."""
    hub, number = parts_of(terminal)
    station = int(hub[-2:]) - 1
    element = market.elements[station % len(market.elements)]
    shared = terminals_of_a_port(market)
    of_hub = -(-_TERMINALS_OF_A_HUB // shared)
    cards_of_hub = -(-of_hub // _PORTS_OF_A_CARD)
    group = station // len(market.elements) * cards_of_hub * _PORTS_OF_A_CARD + (number - 1) // shared
    return element, f"1/{1 + group // _PORTS_OF_A_CARD}/{1 + group % _PORTS_OF_A_CARD}"


def terminals_of_a_port(market: Market) -> int:
    """How many terminals hang on one port."""
    return 1 if market.technology == "active_ethernet" else TERMINALS_OF_A_PORT


def parts_of(terminal: str) -> tuple[str, int]:
    """The hub of a terminal, and the terminal's number there, from 1 on."""
    hub, _, number = terminal.rpartition("-T")
    return hub, int(number)
