"""How much room the plant has: what its inventory counts, what is kept by us, and what elements show; pure.

A service of ours that works is counted by the inventory sooner or later, so that what is kept by us and what is
counted must not be added up. Legs that others use are those that are counted less ours that are in the count.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
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


Port = tuple[str, str]
"""An element and its port."""


def rooms(
    terminals: Iterable[AccessTerminal], held: Iterable[HeldPlace], taken: Mapping[Port, Set[int]]
) -> tuple[TerminalRoom, ...]:
    """What is left of terminals.

    Args:
        terminals: of the plant.
        held: every place that is kept on their ports.
        taken: by port, numbers on which it shows a device.
    """
    numbers: defaultdict[Port, set[int]] = defaultdict(set)
    kept: Counter[tuple[str | None, str, str]] = Counter()
    counted: Counter[tuple[str | None, str, str]] = Counter()
    for each in held:
        numbers[each.element, each.port].add(each.number)
        kept[each.terminal, each.element, each.port] += 1
        counted[each.terminal, each.element, each.port] += each.is_counted
    found = []
    for terminal in terminals:
        port = (terminal.element, terminal.port)
        others = max(0, (terminal.used or 0) - counted[terminal.terminal, *port])
        left = port_capacity(terminal) - len(taken.get(port, frozenset()) | numbers.get(port, frozenset()))
        room = max(0, terminal.capacity - others)
        found.append(TerminalRoom(terminal, room, kept[terminal.terminal, *port], max(0, left)))
    return tuple(found)


def port_capacity(terminal: AccessTerminal) -> int:
    """Services that the port of a terminal carries in all."""
    return terminal.capacity if terminal.port_capacity is None else terminal.port_capacity


def taken_numbers(
    terminals: Iterable[AccessTerminal], seen: Mapping[Port, Sequence[SeenDevice]]
) -> dict[Port, frozenset[int]]:
    """By port, the number of every place on which it shows a device.

    A device that is shown without its number takes the last one that is free: that there is one place less is
    certain, which one is not.

    Args:
        terminals: whose ports are wanted.
        seen: devices by port, as ``by_port`` gives them.
    """
    found = {}
    for terminal in terminals:
        port = (terminal.element, terminal.port)
        devices = seen.get(port, ())
        told = {int(number) for each in devices if (number := _number(each.port, terminal.port)) is not None}
        first = FIRST_NUMBER[terminal.technology]
        free = [each for each in reversed(range(first, first + port_capacity(terminal))) if each not in told]
        found[port] = frozenset(told) | frozenset(free[: len(devices) - _numbered(devices, terminal.port)])
    return found


def by_port(terminals: Iterable[AccessTerminal], seen: Iterable[SeenDevice]) -> dict[Port, list[SeenDevice]]:
    """Devices by the port of the plant on which they are; others are left out."""
    ports = {(each.element, each.port) for each in terminals}
    found: defaultdict[Port, list[SeenDevice]] = defaultdict(list)
    for each in seen:
        own, before = (each.element, each.port), (each.element, each.port.rpartition("/")[0])
        if own in ports:
            found[own].append(each)
        elif before in ports:
            found[before].append(each)
    return found


def place_of(
    terminals: Iterable[AccessTerminal], element: str, seen_port: str
) -> tuple[AccessTerminal, int | None] | None:
    """Where in the plant a device is that an element shows on a port: a terminal, and the number on its port.

    Where several terminals hang on the port, any of them; where the technology has no numbers, none is told.

    Args:
        terminals: of the plant.
        element: that shows it.
        seen_port: as the element calls it, with the device's number or without.
    """
    for terminal in terminals:
        if terminal.element != element:
            continue
        if terminal.port == seen_port:
            return terminal, None
        number = _number(seen_port, terminal.port)
        if number is not None and seen_port == f"{terminal.port}/{number}":
            return terminal, int(number)
    return None


def _numbered(devices: Iterable[SeenDevice], port: str) -> int:
    return sum(_number(each.port, port) is not None for each in devices)


def _number(seen: str, port: str) -> str | None:
    number = seen[len(port) + 1 :]
    return number if number.isdecimal() else None
