"""The variables of one network element in the order of their OIDs, each read from its row when it is asked for."""

import operator
import time
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Sequence

from simulated_estate.books import DeviceRow
from simulated_estate.servers.snmp_values import Oid, Value, text
from simulated_estate.servers.snmp_vendor import ENTERPRISES, Vendor
from simulated_estate.servers.snmp_writes import NO_CREATION, NOT_WRITABLE, Writable

SYSTEM: Oid = (1, 3, 6, 1, 2, 1, 1)
_Read = Callable[[], Value]


class ElementTree:
    """What an agent's GET and GETNEXT see.

    Values are live. The order is worked out anew when devices come or go; a device keeps its index for as long as the
    agent runs, so a walk that is under way neither loses nor repeats one.
    """

    def __init__(self, name: str, vendor: Vendor, rows: Callable[[], list[DeviceRow]]) -> None:
        self._name = name
        self._vendor = vendor
        self._rows = rows
        self._started = time.monotonic()
        self._seen: list[DeviceRow] | None = None
        self._indexes: dict[tuple[str, str, int], int] = {}
        self._by_index: dict[int, DeviceRow] = {}
        self._oids: list[Oid] = []
        self._reads: list[_Read] = []

    def at(self, oid: Oid) -> Value | None:
        """The value of an instance, None where there is none."""
        self._keep_step()
        place = bisect_left(self._oids, oid)
        return self._reads[place]() if place < len(self._oids) and self._oids[place] == oid else None

    def after(self, oid: Oid, count: int) -> list[tuple[Oid, Value]]:
        """The next instances after an OID, fewer than ``count`` at the end of the tree."""
        self._keep_step()
        place = bisect_right(self._oids, oid)
        end = place + count
        return [(found, read()) for found, read in zip(self._oids[place:end], self._reads[place:end], strict=True)]

    def has_column(self, oid: Oid) -> bool:
        """Whether an OID lies in a known column: what is missing there is an instance and not an object."""
        return oid[:-1] in self._vendor.columns or oid[: len(SYSTEM)] == SYSTEM

    def check(self, bindings: Sequence[tuple[Oid, Value]]) -> tuple[int, int]:
        """Status of a SET and the place of the binding it is about; zeros where all of it can be set."""
        self._keep_step()
        for place, (oid, value) in enumerate(bindings, start=1):
            writable = self._vendor.writes.get(oid[:-1])
            if writable is None:
                return NOT_WRITABLE, place
            status = writable.status(value) or (0 if oid[-1] in self._by_index else NO_CREATION)
            if status:
                return status, place
        return 0, 0

    def write(self, bindings: Sequence[tuple[Oid, Value]]) -> str:
        """Set what was checked; gives the serial of the first device."""
        found: list[tuple[Writable, DeviceRow, Value]] = [
            (self._vendor.writes[oid[:-1]], self._by_index[oid[-1]], value) for oid, value in bindings
        ]
        for writable, row, value in found:
            writable.write(row, value.content)
        return found[0][1].serial if found else ""

    def index_of(self, row: DeviceRow) -> int:
        """The index of a device on the element."""
        self._keep_step()
        return next(index for index, known in self._by_index.items() if known is row)

    def _keep_step(self) -> None:
        rows = self._rows()
        seen = self._seen
        if seen is not None and len(rows) == len(seen) and all(map(operator.is_, rows, seen)):
            return
        self._seen = list(rows)
        entries = self._system() + self._table(self._seen)
        entries.sort(key=operator.itemgetter(0))
        self._oids = [oid for oid, _ in entries]
        self._reads = [read for _, read in entries]

    def _system(self) -> list[tuple[Oid, _Read]]:
        vendor = self._vendor
        product = Value("oid", (*ENTERPRISES, vendor.number, *vendor.product))
        return [
            ((*SYSTEM, 1, 0), lambda: text(vendor.description)),
            ((*SYSTEM, 2, 0), lambda: product),
            ((*SYSTEM, 3, 0), lambda: Value("ticks", int((time.monotonic() - self._started) * 100))),
            ((*SYSTEM, 5, 0), lambda: text(self._name)),
        ]

    def _table(self, rows: list[DeviceRow]) -> list[tuple[Oid, _Read]]:
        doubles: Counter[tuple[str, str]] = Counter()
        entries: list[tuple[Oid, _Read]] = []
        self._by_index = {}
        for row in rows:
            place = (row.serial, row.port)
            doubles[place] += 1
            index = self._indexes.setdefault((*place, doubles[place]), len(self._indexes) + 1)
            self._by_index[index] = row
            entries += [((*column, index), _bound(read, row)) for column, read in self._vendor.columns.items()]
        return entries


def _bound(read: Callable[[DeviceRow], Value], row: DeviceRow) -> _Read:
    return lambda: read(row)
