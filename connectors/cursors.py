"""Arithmetic on cursor values as sources spell them: ISO date-times, ISO dates and whole numbers."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

Cursor = str | int
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

FARTHEST_ZONE = timedelta(hours=14)
"""No calendar runs further ahead of UTC; by so much a day without a zone may begin early."""


def latest(values: Iterable[Any], than: Cursor | None, not_after: datetime | None = None) -> Cursor | None:
    """The latest readable cursor value of some records, or ``than`` where none is later.

    Values that are no cursor, or that lie ahead of ``not_after``, are passed over: a single record stamped
    9999-12-31 would hide every change that comes after it.
    """
    high, highest = than, _order(than)
    for value in values:
        order = _order(value)
        if order is None or (highest is not None and order <= highest) or lies_ahead(value, not_after):
            continue
        high, highest = value, order
    return high


def earlier_of(one: Cursor, other: Cursor) -> Cursor:
    """The earlier of two cursors of one kind; the other one where this is none."""
    return one if latest([other], one) == other else other


def lies_ahead(value: Cursor, not_after: datetime | None) -> bool:
    """Whether a cursor lies beyond a moment; a whole number is no moment and never does."""
    if not_after is None or isinstance(value, int):
        return False
    order = _order(value)
    return order is not None and order[2] > (not_after + FARTHEST_ZONE if _is_day(value) else not_after)


def is_cursor(value: Any) -> bool:
    """Whether a value can be compared as a cursor."""
    return _order(value) is not None


def reach_back(high: Cursor | None, overlap: timedelta) -> Cursor | None:
    """Where the next pull begins: the latest cursor less the overlap, spelled as the source spells it.

    A whole number has no time, so the overlap does not apply to it.
    """
    if not isinstance(high, str):
        return high
    instant = _instant(high)
    if instant is None:
        return None
    start = instant - min(overlap, instant - datetime.min.replace(tzinfo=instant.tzinfo))
    if _is_day(high):
        return start.date().isoformat()
    earlier = start.isoformat(timespec="microseconds" if "." in high else "seconds")
    return earlier.removesuffix("+00:00") + "Z" if high.endswith("Z") else earlier


def _is_day(value: str) -> bool:
    return "T" not in value and " " not in value


def _instant(value: str) -> datetime | None:
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


def _order(value: Any) -> tuple[int, int, datetime] | None:
    """A key that orders cursors of one kind, None for what is no cursor; a time without a zone counts as UTC."""
    if isinstance(value, int):
        return None if isinstance(value, bool) else (0, value, _EPOCH)
    instant = _instant(value) if isinstance(value, str) else None
    if instant is None:
        return None
    return 1, 0, instant if instant.tzinfo else instant.replace(tzinfo=UTC)
