"""Billing periods that begin on an anchor day, and the stubs between one anchor and another."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canonical_model.billing_periods import Anchor, BillingPeriod, anchor_in_force, billing_periods
from canonical_model.intervals import DateInterval, calendar_months

YEAR = date(2026, 1, 1), date(2027, 1, 1)
LONGEST = 31

ANCHORS = st.integers(1, 31)
CHANGES = st.lists(st.tuples(st.dates(date(2025, 6, 1), date(2027, 3, 1)), ANCHORS), max_size=6)
STARTS = st.dates(date(2025, 10, 1), date(2026, 8, 1))


def first_days(*anchors: Anchor, start: date = YEAR[0], end: date = YEAR[1]) -> list[date]:
    return [period.days.start for period in billing_periods(anchors, start, end)]


def stubs(*anchors: Anchor) -> list[BillingPeriod]:
    return [period for period in billing_periods(anchors, *YEAR) if period.is_stub]


def days(start: tuple[int, int], end: tuple[int, int]) -> DateInterval:
    return DateInterval(date(2026, *start), date(2026, *end))


def test_an_account_of_which_nothing_is_told_is_billed_by_calendar_months() -> None:
    assert [period.days for period in billing_periods((), *YEAR)] == list(calendar_months(*YEAR))
    assert [period.days for period in billing_periods([(YEAR[1], 1)], *YEAR)] == list(calendar_months(*YEAR))


def test_periods_begin_on_the_anchor_day_and_only_whole_ones_are_given() -> None:
    periods = list(billing_periods([(date(2020, 3, 5), 17)], *YEAR))

    assert periods[0].days == days((1, 17), (2, 17))
    assert periods[-1].days == days((11, 17), (12, 17))
    assert [period.whole for period in periods] == [period.days for period in periods]


def test_a_month_without_the_anchor_day_begins_a_period_on_its_last_day() -> None:
    assert first_days((YEAR[0], 31), end=date(2026, 7, 1)) == [
        date(2026, 1, 31),
        date(2026, 2, 28),
        date(2026, 3, 31),
        date(2026, 4, 30),
        date(2026, 5, 31),
    ]
    assert first_days((YEAR[0], 30), start=date(2028, 1, 1), end=date(2028, 4, 1)) == [
        date(2028, 1, 30),
        date(2028, 2, 29),
    ]


@pytest.mark.parametrize(
    ("told", "stub", "whole"),
    [
        ((date(2026, 3, 10), 17), days((3, 1), (3, 17)), days((3, 1), (4, 1))),
        ((date(2026, 3, 17), 17), days((3, 1), (3, 17)), days((3, 1), (4, 1))),
        ((date(2026, 3, 18), 17), days((4, 1), (4, 17)), days((4, 1), (5, 1))),
    ],
    ids=["before", "on", "after"],
)
def test_a_change_of_anchor_makes_one_stub_up_to_the_first_new_anchor_day(
    told: Anchor, stub: DateInterval, whole: DateInterval
) -> None:
    assert stubs((date(2020, 1, 1), 1), told) == [BillingPeriod(stub, whole)]


def test_a_change_to_an_earlier_day_of_the_month_makes_a_stub_too() -> None:
    assert stubs((date(2020, 1, 1), 17), (date(2026, 3, 10), 5)) == [
        BillingPeriod(days((3, 17), (4, 5)), days((3, 17), (4, 17)))
    ]


def test_a_change_that_meets_an_old_first_day_makes_no_stub() -> None:
    assert stubs((date(2020, 1, 1), 30), (date(2026, 4, 2), 31)) == []


def test_a_change_that_is_called_off_before_it_holds_never_does() -> None:
    assert stubs((date(2020, 1, 1), 1), (date(2026, 3, 10), 17), (date(2026, 3, 12), 1)) == []
    assert anchor_in_force([(date(2020, 1, 1), 1), (date(2026, 3, 10), 17)], date(2026, 3, 16)) == 1
    assert anchor_in_force([(date(2020, 1, 1), 1), (date(2026, 3, 10), 17)], date(2026, 3, 17)) == 17


@given(CHANGES, STARTS, st.integers(0, 500))
def test_periods_of_any_changes_follow_each_other_without_a_gap_or_a_day_twice(
    anchors: list[Anchor], start: date, length: int
) -> None:
    end = start + timedelta(days=length)
    periods = list(billing_periods(anchors, start, end))

    assert all(one.days.end == other.days.start for one, other in pairwise(periods))
    assert all(0 < one.days.days <= LONGEST for one in periods)
    first, last = (periods[0].days.start, periods[-1].days.end) if periods else (end, start)
    assert start <= first
    assert last <= end
    assert (first - start).days < LONGEST or not periods
    assert (end - last).days < LONGEST or not periods


@given(CHANGES, STARTS)
def test_a_stub_lies_at_the_beginning_of_the_regular_period_that_measures_it(
    anchors: list[Anchor], start: date
) -> None:
    for period in billing_periods(anchors, start, start + timedelta(days=400)):
        assert period.whole.start == period.days.start
        assert period.days.end <= period.whole.end
        assert 28 <= period.whole.days <= LONGEST


@given(CHANGES, STARTS, st.randoms())
def test_periods_are_the_same_in_whatever_order_and_however_often_anchors_are_told(
    anchors: list[Anchor], start: date, chance: object
) -> None:
    end = start + timedelta(days=300)
    told_otherwise = sorted([*anchors, *anchors], key=lambda _: chance.random())  # type: ignore[attr-defined]

    assert list(billing_periods(told_otherwise, start, end)) == list(billing_periods(anchors, start, end))


@given(CHANGES, STARTS, st.integers(30, 200))
def test_where_one_begins_to_look_moves_no_period(anchors: list[Anchor], start: date, later: int) -> None:
    end = start + timedelta(days=500)
    seen_later = set(billing_periods(anchors, start + timedelta(days=later), end))

    assert seen_later <= set(billing_periods(anchors, start, end))
