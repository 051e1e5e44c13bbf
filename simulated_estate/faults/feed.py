"""Faults of the records themselves: a feed that is empty, records that come late or twice."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TypeVar

from simulated_estate.faults.point import FaultPoint

T = TypeVar("T")


class Feeds:
    """What a system shows of the rows it holds, feed by feed (an sObject, a list operation, a path)."""

    def __init__(self, point: FaultPoint) -> None:
        self._point = point
        self._served: set[str] = set()
        self._released: set[str] = set()

    @property
    def is_empty(self) -> bool:
        """Whether the system has lost all its rows."""
        return self._point.faults.missing_feed

    def begin(self, feed: str) -> None:
        """A listing begins: after one that was served whole, late records have arrived."""
        if feed in self._served:
            self._released.add(feed)

    def end(self, feed: str) -> None:
        """A listing was served to its last record."""
        self._served.add(feed)

    def hidden_after(self, feed: str, newest: datetime) -> datetime | None:
        """Records stamped later than this, and before the newest, have not arrived yet; None if all have."""
        late = self._point.faults.late
        if not late or feed in self._released:
            return None
        return newest - timedelta(seconds=late)

    def repeated(self, records: Iterable[T]) -> list[T]:
        """The records of a page, some of them given twice."""
        probability = self._point.faults.duplicate
        if not probability:
            return list(records)
        page: list[T] = []
        for record in records:
            page.append(record)
            if self._point.happens(probability):
                page.append(record)
        return page
