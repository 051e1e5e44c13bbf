"""How much room the plant has: what its inventory counts, what is kept by us, and what elements show; pure.

A service of ours that works is counted by the inventory sooner or later, so that what is kept by us and what is
counted must not be added up. Legs that others use are those that are counted less ours that are in the count.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from canonical_model.plant import AccessTerminal

FIRST_NUMBER = {"pon": 1, "active_ethernet": 0, "fixed_wireless": 0}
"""The first number of a terminal on a port; places without numbers of their own are counted from nought."""


@dataclass(frozen=True, slots=True)
class HeldPlace:
    """A place that is kept for a service of ours.

    Attributes:
        is_counted: whether it worked already when the plant was counted.
    """

    element: str
    port: str
    number: int
    terminal: str | None
    is_counted: bool


@dataclass(frozen=True, slots=True)
class SeenDevice:
    """A device that an element shows.

    Attributes:
        port: on which it is, with its number behind it where it has one (``1/1/3/17`` on port ``1/1/3``).
        seen_at: when the element was asked.
    """

    element: str
    port: str
    is_up: bool
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class TerminalRoom:
    """A terminal and what is left of it.

    Attributes:
        legs: services of ours that it has room for, those included that it carries already.
        held: of these, how many are kept.
        port_left: numbers that are free on its port.
    """

    terminal: AccessTerminal
    legs: int
    held: int
    port_left: int

    @property
    def free(self) -> int:
        """Services that can still be connected."""
        return max(0, min(self.legs - self.held, self.port_left))


def rooms(
    terminals: Iterable[AccessTerminal], held: Sequence[HeldPlace], seen: Iterable[SeenDevice]
) -> tuple[TerminalRoom, ...]:
    """What is left of terminals.

    Args:
        terminals: of the plant.
        held: every place that is kept on their elements.
        seen: devices on their elements.
    """
    known = list(terminals)
    taken = taken_numbers(known, seen) | {(each.element, each.port, each.number) for each in held}
    on_port = Counter((element, port) for element, port, _ in taken)
    kept = Counter((each.terminal, each.element, each.port) for each in held)
    counted = Counter((each.terminal, each.element, each.port) for each in held if each.is_counted)
    found = []
    for each in known:
        place = (each.terminal, each.element, each.port)
        others = max(0, (each.used or 0) - counted[place])
        left = port_capacity(each) - on_port[each.element, each.port]
        found.append(TerminalRoom(each, max(0, each.capacity - others), kept[place], max(0, left)))
    return tuple(found)


def port_capacity(terminal: AccessTerminal) -> int:
    """Services that the port of a terminal carries in all."""
    return terminal.capacity if terminal.port_capacity is None else terminal.port_capacity


def taken_numbers(terminals: Iterable[AccessTerminal], seen: Iterable[SeenDevice]) -> set[tuple[str, str, int]]:
    """Element, port and number of every place on which an element shows a device.

    A device that is shown without its number takes the last one that is free: that there is one place less is
    certain, which one is not.

    Args:
        terminals: whose ports are wanted.
        seen: devices on their elements.
    """
    ports = {(each.element, each.port): each for each in terminals}
    found: set[tuple[str, str, int]] = set()
    without: Counter[tuple[str, str]] = Counter()
    for device in seen:
        port, _, number = device.port.rpartition("/")
        if (device.element, device.port) in ports:
            without[device.element, device.port] += 1
        elif (device.element, port) in ports and number.isdecimal():
            found.add((device.element, port, int(number)))
    for (element, port), count in without.items():
        terminal = ports[element, port]
        first = FIRST_NUMBER[terminal.technology]
        numbers = reversed(range(first, first + port_capacity(terminal)))
        free = [number for number in numbers if (element, port, number) not in found]
        found |= {(element, port, number) for number in free[:count]}
    return found
