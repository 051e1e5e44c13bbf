"""Keyset paging over rows that change while they are read."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from simulated_estate.books import Row
from simulated_estate.faults.feed import Feeds
from simulated_estate.servers.instants import as_instant

Position = tuple[datetime, str]
BEGINNING: Position = (datetime.min.replace(tzinfo=UTC), "")


@dataclass(frozen=True, slots=True)
class RowPage:
    """Rows of one page, where the next begins (None after the last row) and how many rows there are at all."""

    rows: list[Row]
    following: Position | None
    total: int


class OrderedRows:
    """The rows of one feed in the order of stamp and key, kept in step with a list that anyone may change.

    A row that changes gets a later stamp and moves to the end: whoever pages on meets it again and misses nothing.
    The order is worked out anew only when a stamp or the number of rows has changed.
    """

    def __init__(self, name: str, rows: Callable[[], list[Row]], stamp: str, key: str, feeds: Feeds) -> None:
        self._name = name
        self._rows = rows
        self._stamp = stamp
        self._key = key
        self._feeds = feeds
        self._seen: list[object] = []
        self._order: list[int] = []
        self._positions: list[Position] = []

    def page(self, start: Position | None, since: datetime | None, size: int) -> RowPage:
        """The rows after ``start`` (None: from the first one changed at or after ``since``), at most ``size``."""
        if start is None:
            self._feeds.begin(self._name)
        rows = [] if self._feeds.is_empty else list(self._rows())
        self._sort(rows)
        first = bisect_right(self._positions, start) if start else 0
        if since is not None:
            first = max(first, bisect_left(self._positions, (since, "")))
        gap = self._gap()
        taken: list[int] = []
        place = first
        while place < len(self._order) and len(taken) < size:
            if place not in gap:
                taken.append(place)
            place += 1
        is_end = place >= len(self._order)
        if is_end:
            self._feeds.end(self._name)
        following = None if is_end else self._positions[place - 1]
        page = [rows[self._order[index]] for index in taken]
        return RowPage(page, following, len(self._order) - len(gap))

    def _sort(self, rows: list[Row]) -> None:
        seen = [row[self._stamp] for row in rows]
        if seen == self._seen:
            return
        positions = [(as_instant(stamp), str(row[self._key])) for stamp, row in zip(seen, rows, strict=True)]
        self._order = sorted(range(len(positions)), key=positions.__getitem__)
        self._positions = [positions[index] for index in self._order]
        self._seen = seen

    def _gap(self) -> range:
        """Places of the records that have not arrived yet."""
        if not self._positions:
            return range(0)
        newest = self._positions[-1][0]
        limit = self._feeds.hidden_after(self._name, newest)
        if limit is None:
            return range(0)
        first = bisect_left(self._positions, (limit, ""))
        return range(first, bisect_left(self._positions, (newest, "")))
