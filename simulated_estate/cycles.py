"""Bill cycles: from which day of a month to which an account is billed, where that is no calendar month.

The billing system goes from day to day. On the day of the month that an account's cycle names, or on the last day of
a month without it, a period begins. A new cycle that was entered is taken up on its own day; until then the old one
goes on.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise

from simulated_estate.months import Window, next_month

Cycles = tuple[tuple[date, int], ...]
"""When a cycle was entered, and its day of the month; oldest first. None at all: calendar months."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """The days of one bill, and up to which day they would have run if the cycle had stayed."""

    start: date
    end: date
    whole_end: date

    @property
    def is_stub(self) -> bool:
        """Whether the cycle changed before the period was over."""
        return self.end != self.whole_end


@lru_cache(maxsize=4096)
def periods_of(cycles: Cycles, window: Window) -> tuple[Period, ...]:
    """The periods that begin in the billed months and are over when the systems are looked at."""
    if not cycles:
        return tuple(Period(first, next_month(first), next_month(first)) for first in window.firsts())
    days = list(_first_days(cycles, window))
    return tuple(
        Period(start, end, _next_day(start, cycle))
        for (start, cycle), (end, _) in pairwise(days)
        if start >= window.start
    )


def period_at(day: date, cycles: Cycles, window: Window) -> Period:
    """The period in which a day lies.

    Raises:
        ValueError: it lies in none that is billed.
    """
    for period in periods_of(cycles, window):
        if period.start <= day < period.end:
            return period
    raise ValueError(f"{day} lies in no billed period")


def _first_days(cycles: Cycles, window: Window) -> Iterator[tuple[date, int]]:
    """Each day on which a period begins, with the cycle that it begins by."""
    current = cycles[0][1]
    day = window.start - timedelta(days=100)
    while day <= window.as_of.date():
        entered = [cycle for since, cycle in cycles[1:] if since <= day]
        current = entered[-1] if entered and _is_its_day(day, entered[-1]) else current
        if _is_its_day(day, current):
            yield day, current
        day += _DAY


def _is_its_day(day: date, cycle: int) -> bool:
    return day.day == cycle or (day.day < cycle and (day + _DAY).day == 1)


def _next_day(day: date, cycle: int) -> date:
    day += _DAY
    while not _is_its_day(day, cycle):
        day += _DAY
    return day
