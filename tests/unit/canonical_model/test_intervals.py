"""Half-open intervals of days, and whole calendar months."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from canonical_model.intervals import OPEN_END, DateInterval, add_months, calendar_months

DAYS = st.dates(date(2015, 1, 1), date(2035, 12, 31))


@st.composite
def intervals(draw: st.DrawFn) -> DateInterval:
    start, end = sorted((draw(DAYS), draw(DAYS)))
    return DateInterval(start, end)


def test_the_start_belongs_to_it_and_the_end_does_not() -> None:
    january = DateInterval(date(2026, 1, 1), date(2026, 2, 1))

    assert date(2026, 1, 1) in january
    assert date(2026, 1, 31) in january
    assert date(2026, 2, 1) not in january
    assert january.days == 31


def test_what_has_not_ended_holds_any_later_day() -> None:
    assert date(2999, 1, 1) in DateInterval(date(2026, 1, 1))
    assert DateInterval(date(2026, 1, 1)).end == OPEN_END


def test_an_interval_cannot_end_before_it_starts() -> None:
    with pytest.raises(ValidationError, match=r"cannot end \(2026-01-01\) before it starts \(2026-01-02\)"):
        DateInterval(date(2026, 1, 2), date(2026, 1, 1))


def test_neighbours_do_not_overlap() -> None:
    january = DateInterval(date(2026, 1, 1), date(2026, 2, 1))
    assert january.overlap(DateInterval(date(2026, 2, 1), date(2026, 3, 1))) is None


@given(intervals(), intervals(), DAYS)
def test_an_overlap_holds_the_days_that_both_hold(one: DateInterval, other: DateInterval, day: date) -> None:
    both = one.overlap(other)

    assert both == other.overlap(one)
    assert (both is not None and day in both) == (day in one and day in other)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 1, 15), -1, date(2025, 12, 15)),
        (date(2026, 11, 30), 24, date(2028, 11, 30)),
        (date(2026, 5, 7), 0, date(2026, 5, 7)),
    ],
)
def test_months_are_added_as_a_calendar_does(day: date, months: int, expected: date) -> None:
    assert add_months(day, months) == expected


@given(DAYS.map(lambda day: day.replace(day=1)), st.integers(-60, 60))
def test_firsts_of_months_come_back(first: date, months: int) -> None:
    assert add_months(add_months(first, months), -months) == first


def test_only_whole_months_count() -> None:
    months = list(calendar_months(date(2026, 1, 2), date(2026, 3, 31)))
    assert months == [DateInterval(date(2026, 2, 1), date(2026, 3, 1))]


@given(DAYS, st.integers(0, 900))
def test_whole_months_follow_each_other_without_a_gap(start: date, days: int) -> None:
    end = start + timedelta(days=days)
    months = list(calendar_months(start, end))

    assert all(month.start.day == 1 and 28 <= month.days <= 31 for month in months)
    assert all(one.end == other.start for one, other in pairwise(months))
    assert all(start <= month.start and month.end <= end for month in months)
    assert days - sum(month.days for month in months) <= 60
