"""A clock that somebody set runs on."""

from datetime import UTC, datetime, timedelta

from hub.running_clock import running_clock


def test_it_begins_at_the_moment_it_was_set_to_and_never_goes_back() -> None:
    set_to = datetime(2020, 2, 29, 12, tzinfo=UTC)
    clock = running_clock(set_to)
    readings = [clock() for _ in range(1000)]
    assert set_to <= readings[0] < set_to + timedelta(minutes=1)
    assert readings == sorted(readings)
    assert readings[-1] > set_to
