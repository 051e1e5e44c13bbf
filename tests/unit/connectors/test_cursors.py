"""Arithmetic on cursors as sources spell them."""

from datetime import UTC, datetime, timedelta

import pytest

from connectors.cursors import Cursor, earlier_of, is_cursor, latest, lies_ahead, reach_back


@pytest.mark.parametrize("value", ["2026-01-01", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000+0000", 0, 17])
def test_dates_times_and_whole_numbers_are_cursors(value: Cursor) -> None:
    assert is_cursor(value)


@pytest.mark.parametrize("value", [None, True, 1.5, "", "soon", "17", [], {}])
def test_anything_else_is_none(value: object) -> None:
    assert not is_cursor(value)


def test_the_latest_is_the_latest_moment_whatever_its_offset() -> None:
    late, early = "2026-03-05T14:00:00-05:00", "2026-03-05T18:00:00Z"
    assert latest([early, late, None, "soon"], None) == late
    assert latest([early], late) == late
    assert latest([], late) == late
    assert latest([3, 12, 7], 9) == 12


@pytest.mark.parametrize(
    ("high", "since"),
    [
        ("2026-03-05T14:00:00Z", "2026-03-05T13:50:00Z"),
        ("2026-03-05T14:00:00-05:00", "2026-03-05T13:50:00-05:00"),
        ("2026-03-05T14:00:00.250Z", "2026-03-05T13:50:00.250000Z"),
        ("2026-03-05T00:05:00", "2026-03-04T23:55:00"),
        ("2026-03-05", "2026-03-04"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ("0001-01-01T00:05:00", "0001-01-01T00:00:00"),
        (17, 17),
        (None, None),
    ],
)
def test_reaching_back_keeps_the_spelling(high: Cursor | None, since: Cursor | None) -> None:
    assert reach_back(high, timedelta(minutes=10)) == since


@pytest.mark.parametrize(
    ("value", "ahead"),
    [
        ("2026-03-05T12:00:00Z", False),
        ("2026-03-05T12:00:00.000001Z", True),
        ("2026-03-05T06:00:00-07:00", True),
        ("2026-03-05T23:00:00+13:00", False),
        ("9999-12-31T23:59:59-12:00", True),
        ("0001-01-01T00:00:00+14:00", False),
        ("2026-03-06", False),  # it has begun already where the day begins first
        ("2026-03-07", True),
        (99991231, False),
    ],
)
def test_what_lies_ahead_of_a_moment(value: Cursor, ahead: bool) -> None:
    noon = datetime(2026, 3, 5, 12, tzinfo=UTC)
    assert lies_ahead(value, noon) is ahead
    assert not lies_ahead(value, None)
    assert latest([value], None, noon) == (None if ahead else value)


def test_the_earlier_of_two_is_the_earlier_moment_whatever_its_spelling() -> None:
    assert earlier_of("2026-03-01T09:00:00Z", "2026-03-01T11:00:00.000+0100") == "2026-03-01T09:00:00Z"
    assert earlier_of("2026-03-01T11:00:00Z", "2026-03-01T10:00:00+0000") == "2026-03-01T10:00:00+0000"
    assert earlier_of(9, 3) == 3
