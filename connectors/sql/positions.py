"""Values of cursor and key columns as a resume point keeps them, and arithmetic on cursors.

They are kept as the driver gave them, not as the mapping sees them, because they go back into statements.
"""

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from connectors.sql.values import setback

_MOMENT = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)"
    r"(?:(?P<between>[T ])(?P<time>\d\d:\d\d(?::\d\d)?)(?P<fraction>[.]\d{1,9})?"
    r"(?P<offset> ?(?:Z|[+-]\d\d(?::?\d\d)?))?)?",
    re.ASCII,
)
_TAGS: tuple[tuple[type, str, Callable[[Any], str], Callable[[str], Any]], ...] = (
    (Decimal, "decimal", str, Decimal),
    (float, "float", repr, float),
    (bytes, "hex", bytes.hex, bytes.fromhex),
    (datetime, "moment", datetime.isoformat, datetime.fromisoformat),
    (date, "day", date.isoformat, date.fromisoformat),
    (UUID, "uuid", str, UUID),
)
_FROM_TAG = {tag: read for _, tag, _, read in _TAGS}


def kept(value: Any) -> Any:
    """A value of a driver as JSON, from which ``given_back`` makes the same value.

    Raises:
        TypeError: values of this type cannot be kept, so that no column of them can be a key or a cursor.
    """
    if value is None or isinstance(value, str | int):
        return value
    for kind, tag, write, _ in _TAGS:
        if isinstance(value, kind):
            return {tag: write(value)}
    raise TypeError(type(value).__name__)


def given_back(stored: Any) -> Any:
    """The value that was kept.

    Raises:
        ValueError: this was not written by ``kept``.
    """
    if not isinstance(stored, Mapping):
        return stored
    ((tag, text),) = stored.items()
    if tag not in _FROM_TAG:
        raise ValueError(tag)
    return _FROM_TAG[tag](text)


def is_cursor(value: Any, not_after: datetime | None = None, zone: str | None = None) -> bool:
    """Whether a value can move a cursor: a number, a day or a moment, and none that lies ahead of ``not_after``.

    Args:
        value: as the driver gave it.
        not_after: the latest moment; None sets no bound.
        zone: of days and of moments without an offset; without it they count as UTC.
    """
    if isinstance(value, bool) or value is None:
        return False
    if isinstance(value, int | float | Decimal):
        return math.isfinite(value)
    moment = _moment(value, zone)
    return moment is not None and (not_after is None or moment <= not_after.astimezone(UTC))


def earlier(value: Any, overlap: timedelta, number_overlap: int, zone: str | None = None) -> Any:
    """Where a pull begins that reaches back behind a cursor, spelled as the database spells it.

    Args:
        value: a value for which ``is_cursor`` holds.
        overlap: for days and moments.
        number_overlap: for numbers.
        zone: of moments without an offset; on the day on which its clocks are set back, an hour comes twice.
    """
    if isinstance(value, float):
        return value - number_overlap
    if isinstance(value, int | Decimal):
        return value - number_overlap
    if isinstance(value, datetime):
        return _less(value, overlap + (setback(zone, value) if value.tzinfo is None else timedelta(0)))
    if isinstance(value, date):
        return _less(datetime(value.year, value.month, value.day), overlap).date()  # noqa: DTZ001 - a day has no zone
    return _earlier_text(value, overlap, zone)


def _earlier_text(text: str, overlap: timedelta, zone: str | None) -> str:
    match = _MOMENT.fullmatch(text)
    if match is None:
        raise ValueError("no cursor")
    local = datetime.fromisoformat(f"{match['day']}T{match['time'] or '00:00'}")
    offset = match["offset"] or ""
    begin = _less(local, overlap + (setback(zone, local) if match["time"] and not offset else timedelta(0)))
    if match["time"] is None:
        return begin.date().isoformat()
    precision = "minutes" if len(match["time"]) == len("00:00") else "seconds"
    fraction = "." + "0" * (len(match["fraction"]) - 1) if match["fraction"] else ""
    return begin.isoformat(match["between"], precision) + fraction + offset


def _less(moment: datetime, overlap: timedelta) -> datetime:
    return moment - min(overlap, moment - datetime.min.replace(tzinfo=moment.tzinfo))


def _moment(value: Any, zone: str | None) -> datetime | None:
    """A day or moment as UTC."""
    try:
        if isinstance(value, str):
            match = _MOMENT.fullmatch(value)
            # fromisoformat takes three or six digits of a fraction, and no blank before the offset
            value = datetime.fromisoformat(
                f"{match['day']}T{match['time'] or '00:00'}{(match['offset'] or '').strip()}" if match else ""
            )
        elif type(value) is date:
            value = datetime(value.year, value.month, value.day)  # noqa: DTZ001 - its zone comes below
        if not isinstance(value, datetime):
            return None
        calendar = ZoneInfo(zone) if zone else UTC
        return (value if value.tzinfo else value.replace(tzinfo=calendar)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
