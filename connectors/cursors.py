"""Arithmetic on cursor values as sources spell them: ISO date-times, ISO dates and whole numbers."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

Cursor = str | int
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def latest(values: Iterable[Any], than: Cursor | None) -> Cursor | None:
    """The latest readable cursor value of some records, or ``than`` where none is later.

    Values that are no cursor are passed over: their record is judged later, on its own.
    """
    high = than
    for value in values:
        if is_cursor(value) and (high is None or _order(value) > _order(high)):
            high = value
    return high


def earlier(one: Cursor, other: Cursor) -> Cursor:
    """The earlier of two cursors of one kind."""
    return one if _order(one) <= _order(other) else other


def is_cursor(value: Any) -> bool:
    """Whether a value can be compared as a cursor."""
    if isinstance(value, int) and not isinstance(value, bool):
        return True
    return isinstance(value, str) and _instant(value) is not None


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
    if "T" not in high and " " not in high:
        return start.date().isoformat()
    earlier = start.isoformat(timespec="microseconds" if "." in high else "seconds")
    return earlier.removesuffix("+00:00") + "Z" if high.endswith("Z") else earlier


def _instant(value: str) -> datetime | None:
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


def _order(value: Cursor) -> tuple[int, int, datetime]:
    """A key that orders cursors of one kind; a time without a zone counts as UTC."""
    if isinstance(value, int):
        return 0, value, _EPOCH
    instant = _instant(value) or _EPOCH
    return 1, 0, instant if instant.tzinfo else instant.replace(tzinfo=UTC)
