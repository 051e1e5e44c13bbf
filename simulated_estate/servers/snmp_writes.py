"""What may be set on an element, and the statuses of a SET (RFC 3416, 4.2.5)."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from simulated_estate.books import DeviceRow
from simulated_estate.servers.snmp_values import Kind, Value

NO_ACCESS, WRONG_TYPE, WRONG_LENGTH, WRONG_VALUE, NO_CREATION = 6, 7, 8, 10, 11
RESOURCE_UNAVAILABLE, NOT_WRITABLE = 13, 17


@dataclass(frozen=True, slots=True)
class Writable:
    """A column that may be set.

    Attributes:
        kind: its type.
        allows: whether a value of that type may stand there.
        longest: octets that it holds at most.
        write: writes a value into the row of a device.
    """

    kind: Kind
    allows: Callable[[Any], bool]
    longest: int
    write: Callable[[DeviceRow, Any], None]

    def status(self, value: Value) -> int:
        """Why a value cannot be set; 0 where it can."""
        if value.kind != self.kind:
            return WRONG_TYPE
        if isinstance(value.content, bytes) and len(value.content) > self.longest:
            return WRONG_LENGTH
        return 0 if self.allows(value.content) else WRONG_VALUE


def states(unlocked: Collection[int], locked: Collection[int]) -> Writable:
    """An administrative state."""

    def write(row: DeviceRow, number: int) -> None:
        row.locked = number in locked

    return Writable("integer", lambda number: number in (*unlocked, *locked), 0, write)


def label(longest: int) -> Writable:
    """A text that somebody writes beside a device."""

    def write(row: DeviceRow, octets: bytes) -> None:
        row.label = octets.decode()

    return Writable("octets", lambda octets: octets.isascii() and octets.decode().isprintable(), longest, write)
