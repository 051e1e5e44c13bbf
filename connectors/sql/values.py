"""Values of drivers as JSON values, column by column; what is exact in the database stays exact."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from connectors.exact_json import loads
from connectors.plain_values import JSON_TYPES, binary_text, plain
from connectors.sql.dialect import Column, Convert, ValueOptions

_WITH_TIME = len("2026-01-31T10:00")


def each(convert: Callable[[Any], Any]) -> Convert:
    """Convert every value of a column that is there."""
    return lambda column: [None if value is None else convert(value) for value in column]


def plain_column(options: ValueOptions) -> Convert:
    """Convert a column whose values may be of any type, each by its own."""
    binary = binary_text(options.binary)
    in_zone = zoned(options.zone) if options.zone else None

    def convert(column: Column) -> Column:
        kinds = set(map(type, column))
        if in_zone is not None and str in kinds:
            column = [in_zone(value) if isinstance(value, str) else value for value in column]
        if kinds <= JSON_TYPES:
            return column
        return [value if type(value) in JSON_TYPES else plain(value, binary, in_zone) for value in column]

    return convert


def json_text(value: Any) -> Any:
    """What a text of JSON says; a text that is none stays a text."""
    try:
        return loads(value) if isinstance(value, str | bytes) else value
    except ValueError:
        return value


def zoned(zone: str) -> Callable[[str], str]:
    """Adds the offset of a zone to ISO date-times that bear none; everything else stays as it is.

    A time that the clocks show twice counts as the first one.
    """
    calendar = ZoneInfo(zone)

    def with_offset(text: str) -> str:
        if len(text) < _WITH_TIME or not text[:4].isdigit() or text[4] != "-" or text[10] not in "T ":
            return text
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            return text
        return text if moment.tzinfo else moment.replace(tzinfo=calendar).isoformat()

    return with_offset


def setback(zone: str | None, local: datetime) -> timedelta:
    """By how much clocks of a zone are set back within a day of a local time: so far local times may repeat."""
    if zone is None:
        return timedelta(0)
    calendar, day = ZoneInfo(zone), timedelta(days=1)
    try:
        before, after = (
            moment.replace(tzinfo=UTC).astimezone(calendar).utcoffset() for moment in (local - day, local + day)
        )
    except OverflowError:
        return timedelta(0)
    return max((before or timedelta(0)) - (after or timedelta(0)), timedelta(0))
