"""What a stream as a whole must live up to."""

from datetime import UTC, datetime, timedelta

import pytest

from rules.feed_quality import FreshnessRule, VolumeRule, freshness_failure, volume_failure

NOW = datetime(2026, 11, 5, 12, tzinfo=UTC)
HALF_TO_DOUBLE = VolumeRule(days=7, least_percent=50, most_percent=200, severity="warning")


@pytest.mark.parametrize(
    ("today", "before", "told"),
    [
        (100, [100, 100, 100], None),
        (50, [100, 100, 100], None),
        (49, [100, 100, 100], "49 records changed within a day, 49 % of the usual 100: at least 50 % are expected"),
        (200, [50, 100, 150], None),
        (
            201,
            [100, 100, 100],
            "201 records changed within a day, 201 % of the usual 100: at most 200 % are expected",
        ),
        (0, [100, 100], None),  # two days are no habit
        (0, [0, 0, 0], None),
        (0, [], None),
    ],
)
def test_volume_is_held_against_the_usual_day(today: int, before: list[int], told: str | None) -> None:
    failure = volume_failure(HALF_TO_DOUBLE, today, before)
    assert (failure.told if failure else None) == told


def test_volume_without_an_upper_bound_takes_any() -> None:
    rule = VolumeRule(days=7, least_percent=0, most_percent=None, severity="critical")
    assert volume_failure(rule, 10**9, [1, 1, 1]) is None
    assert volume_failure(rule, 0, [1, 1, 1]) is None


@pytest.mark.parametrize(
    ("newest", "told"),
    [
        (NOW - timedelta(hours=48), None),
        (NOW + timedelta(hours=1), None),
        (NOW - timedelta(hours=49), "not be older than 48 h, and it is of 2026-11-03 11:00 UTC"),
        (None, "it has never shown one"),
    ],
)
def test_the_newest_change_may_be_so_old(newest: datetime | None, told: str | None) -> None:
    failure = freshness_failure(FreshnessRule(timedelta(hours=48), "critical"), newest, NOW)
    if told is None:
        assert failure is None
    else:
        assert failure is not None
        assert failure.severity == "critical"
        assert told in failure.told
