"""Half-open intervals of local dates: the start belongs to it, the end does not."""

from collections.abc import Iterator
from datetime import date
from typing import Self

from pydantic import model_validator
from pydantic.dataclasses import dataclass

OPEN_END = date(9999, 12, 31)
"""The end of what has not ended."""


@dataclass(frozen=True, slots=True)
class DateInterval:
    """Days from ``start`` up to and without ``end``, in a market's local calendar."""

    start: date
    end: date = OPEN_END

    @model_validator(mode="after")
    def _end_is_not_before_start(self) -> Self:
        if self.end < self.start:
            raise ValueError(f"an interval cannot end ({self.end}) before it starts ({self.start})")
        return self

    @property
    def days(self) -> int:
        """Number of days covered."""
        return (self.end - self.start).days

    def overlap(self, other: Self) -> Self | None:
        """The days that both cover, or None."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return type(self)(start, end) if start < end else None

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end


def add_months(day: date, months: int) -> date:
    """The same day of the month some months away, or that month's last day where it has fewer days."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    first_of_next = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    last_day = (first_of_next - date.resolution).day
    return date(year, month + 1, min(day.day, last_day))


def calendar_months(start: date, end: date) -> Iterator[DateInterval]:
    """Whole calendar months that lie between two dates, oldest first."""
    first = start if start.day == 1 else add_months(start.replace(day=1), 1)
    while (following := add_months(first, 1)) <= end:
        yield DateInterval(first, following)
        first = following
