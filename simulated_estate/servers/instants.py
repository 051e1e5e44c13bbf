"""Points in time as rows may carry them: aware datetimes or ISO 8601 text."""

from datetime import UTC, date, datetime
from functools import lru_cache


def as_instant(value: datetime | str) -> datetime:
    """The instant in UTC; a time without a zone is taken as UTC.

    Raises:
        ValueError: the text is no ISO 8601 time.
    """
    if isinstance(value, str):
        return _read(value)
    return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


@lru_cache(maxsize=200_000)
def _read(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def iso_z(value: datetime | str) -> str:
    """``2026-03-05T14:03:22Z``, with a fraction where there is one."""
    return as_instant(value).isoformat().replace("+00:00", "Z")


def iso_date(value: date | str) -> str:
    """``2026-03-05``."""
    return value if isinstance(value, str) else value.isoformat()[:10]
