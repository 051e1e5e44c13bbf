"""The months a life is told for, and the little calendar arithmetic that billing needs."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

_PULLED_AFTER = timedelta(days=4, hours=12)
BACK_BILL_MONTHS = 6


def next_month(day: date) -> date:
    """The first day of the month after a day."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def add_months(day: date, months: int) -> date:
    """The same day some months later (or earlier), clipped to the end of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


@dataclass(frozen=True, slots=True)
class Window:
    """The billed months: ``[start, end)`` with both on the first of a month.

    Raises:
        ValueError: not whole months, or fewer than two.
    """

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.start.day != 1 or self.end.day != 1 or self.months < 2:
            raise ValueError(f"the estate lives whole months, two at least: {self.start} to {self.end}")

    @property
    def months(self) -> int:
        """How many months are billed."""
        return (self.end.year - self.start.year) * 12 + self.end.month - self.start.month

    @property
    def days(self) -> int:
        """How many days are billed."""
        return (self.end - self.start).days

    @property
    def as_of(self) -> datetime:
        """The moment at which the systems are looked at, UTC: the bills of the last month are out."""
        return datetime.combine(self.end, time(), UTC) + _PULLED_AFTER

    @property
    def back_bill_from(self) -> date:
        """Months that start on or after this day can still be billed."""
        return add_months(self.end, -BACK_BILL_MONTHS)

    def firsts(self) -> Iterator[date]:
        """The first day of each billed month."""
        day = self.start
        while day < self.end:
            yield day
            day = next_month(day)
