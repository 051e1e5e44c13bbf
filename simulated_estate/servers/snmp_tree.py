"""The variables of one network element in the order of their OIDs, each read from its row when it is asked for."""

import operator
import time
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable

from simulated_estate.books import DeviceRow
from simulated_estate.servers.snmp_tables import ENTERPRISES, Vendor
from simulated_estate.servers.snmp_values import Oid, Value, text

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
        for row in rows:
            place = (row.serial, row.port)
            doubles[place] += 1
            index = self._indexes.setdefault((*place, doubles[place]), len(self._indexes) + 1)
            entries += [((*column, index), _bound(read, row)) for column, read in self._vendor.columns.items()]
        return entries


def _bound(read: Callable[[DeviceRow], Value], row: DeviceRow) -> _Read:
    return lambda: read(row)
