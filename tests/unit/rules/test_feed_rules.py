"""What a stream as a whole must live up to."""

from datetime import UTC, datetime, timedelta

import pytest

from rules.feed_quality import (
    FeedSuite,
    FreshnessRule,
    VolumeRule,
    changes_by_day,
    judged_freshness,
    judged_volume,
    usual_day,
)

NOW = datetime(2026, 11, 5, 12, tzinfo=UTC)
HALF_TO_DOUBLE = VolumeRule(days=28, least_percent=50, most_percent=200, severity="warning")


def by_day(today: int | None, *before: int) -> dict[int, int]:
    """Changes by how many days ago; None where there was no pull today."""
    counts = dict(enumerate(before, start=1))
    return counts if today is None else {0: today, **counts}


@pytest.mark.parametrize(
    ("days", "verdict", "observed"),
    [
        (by_day(100, 100, 100, 100), "passed", "100 records changed within a day, 100 % of the usual 100"),
        (by_day(50, 100, 100, 100), "passed", "50 records changed within a day, 50 % of the usual 100"),
        (
            by_day(49, 100, 100, 100),
            "told",
            "49 records changed within a day, 49 % of the usual 100: at least 50 % are expected",
        ),
        (by_day(200, 50, 100, 150), "passed", "200 records changed within a day, 200 % of the usual 100"),
        (
            by_day(201, 100, 100, 100),
            "told",
            "201 records changed within a day, 201 % of the usual 100: at most 200 % are expected",
        ),
        (by_day(0, 100, 100), "not_judged", "not enough history: 2 of 3 days before"),
        (by_day(0), "not_judged", "not enough history: 0 of 3 days before"),
        (by_day(0, 0, 0, 0), "not_judged", "not enough history: nothing changed before"),
        (by_day(None, 100, 100, 100), "not_judged", "no pull within the last day"),
    ],
)
def test_volume_is_held_against_the_usual_day_and_too_little_history_is_no_pass(
    days: dict[int, int], verdict: str, observed: str
) -> None:
    judged = judged_volume(HALF_TO_DOUBLE, days)
    assert (judged.verdict, judged.observed) == (verdict, observed)
    assert judged.evaluated == (verdict != "not_judged")


def ago(**age: float) -> datetime:
    return NOW - timedelta(**age)


@pytest.mark.parametrize(
    ("pulls", "days"),
    [
        ([(ago(days=3), 999), (ago(days=2), 20), (ago(days=1), 10), (ago(), 5)], {0: 5, 1: 10, 2: 20}),
        # the first pull was within a day that is not known as a whole
        ([(ago(days=2.5), 999), (ago(days=2), 20), (ago(days=1), 10), (ago(), 5)], {0: 5, 1: 10}),
        # what two days brought came in one pull
        ([(ago(days=3), 0), (ago(days=2), 20), (ago(), 40)], {0: 20, 1: 20, 2: 20}),
        # every six hours
        ([(ago(hours=6 * number), 5) for number in range(12, -1, -1)], {0: 20, 1: 20, 2: 20}),
        # three pulls at one moment
        ([(ago(days=1), 0), (ago(), 1), (ago(), 2), (ago(), 3)], {0: 6}),
        # a day that nobody asked for is not told
        ([(ago(days=9), 0), (ago(days=8), 50), (ago(days=7), 10), (ago(), 70)], dict.fromkeys(range(8), 10)),
        ([(ago(days=1), 7)], {}),
        ([], {}),
    ],
)
def test_what_a_pull_brought_counts_for_the_days_since_the_one_before_it(
    pulls: list[tuple[datetime, int]], days: dict[int, int]
) -> None:
    assert changes_by_day(pulls, NOW, 7) == days


def test_nightly_pulls_that_are_early_or_late_make_no_day_unusual() -> None:
    late = [0, 40, -30, 0, 20, 5, 40, 0, -60, 10, 0]
    pulls = [(ago(days=10 - night, minutes=-minutes), 100) for night, minutes in enumerate(late)]
    counts = changes_by_day(pulls, NOW, 28)
    assert len(counts) == 10
    assert abs(sum(counts.values()) - 1000) <= 5  # each is rounded for itself
    assert all(95 <= count <= 105 for count in counts.values())


WEEKS = {day: 10 if day % 7 == 0 else 1_000 for day in range(1, 29)}
"""Hardly anything happens on the weekday that today is."""


def test_a_day_is_held_against_its_own_weekday_once_there_were_three_of_them() -> None:
    judged = judged_volume(HALF_TO_DOUBLE, {0: 9, **WEEKS})
    assert (judged.verdict, judged.observed) == (
        "passed",
        "9 records changed within a day, 90 % of the usual 10 of this weekday",
    )
    assert judged_volume(HALF_TO_DOUBLE, {0: 900, **WEEKS}).verdict == "told"
    young = {day: count for day, count in WEEKS.items() if day < 21}
    judged = judged_volume(HALF_TO_DOUBLE, {0: 9, **young})
    assert (judged.verdict, "of this weekday" in judged.observed) == ("told", False)


def test_a_holiday_is_neither_judged_nor_usual() -> None:
    judged = judged_volume(HALF_TO_DOUBLE, by_day(1, 100, 100, 100), holidays={0})
    assert (judged.verdict, judged.observed) == ("not_judged", "not enough history: the last day was a holiday")
    days = by_day(100, 100, 100, 100, 0, 0)
    assert judged_volume(HALF_TO_DOUBLE, days, holidays={4, 5}).observed.endswith("100 % of the usual 100")
    usual = usual_day(WEEKS, {7, 14})
    assert usual is not None
    assert not usual.is_of_weekday  # two are left, which are too few
    assert usual_day(by_day(100, 100, 100, 100), {1}) is None


def test_volume_without_an_upper_bound_takes_any() -> None:
    rule = VolumeRule(days=28, least_percent=0, most_percent=None, severity="critical")
    assert judged_volume(rule, by_day(10**9, 1, 1, 1)).verdict == "passed"
    assert judged_volume(rule, by_day(0, 1, 1, 1)).verdict == "passed"


@pytest.mark.parametrize(
    ("newest", "verdict", "observed"),
    [
        (NOW - timedelta(hours=48), "passed", "the newest change: it is of 2026-11-03 12:00 UTC"),
        (NOW + timedelta(hours=1), "passed", "the newest change: it is of 2026-11-05 13:00 UTC"),
        (
            NOW - timedelta(hours=49),
            "stopped",
            "the newest change must not be older than 48 h, and it is of 2026-11-03 11:00 UTC",
        ),
        (None, "stopped", "the newest change must not be older than 48 h, and it has never shown one"),
    ],
)
def test_the_newest_change_may_be_so_old(newest: datetime | None, verdict: str, observed: str) -> None:
    judged = judged_freshness(FreshnessRule(timedelta(hours=48), "critical"), newest, NOW)
    assert (judged.verdict, judged.observed) == (verdict, observed)


def test_rules_that_say_the_same_have_one_version() -> None:
    assert FeedSuite(HALF_TO_DOUBLE).version == FeedSuite(VolumeRule(28, 50, 200, "warning")).version
    assert FeedSuite(HALF_TO_DOUBLE).version != FeedSuite(VolumeRule(28, 51, 200, "warning")).version
