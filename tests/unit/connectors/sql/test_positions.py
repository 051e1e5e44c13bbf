"""Positions of a pull: values that survive their way through the resume point, and cursors that reach back."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sql.positions import earlier, given_back, is_cursor, kept

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(),
    st.binary(),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.floats(allow_nan=False),
    st.datetimes(),
    st.dates(),
    st.uuids(),
)


@given(VALUES)
def test_a_value_comes_back_as_it_was(value: Any) -> None:
    again = given_back(json.loads(json.dumps(kept(value))))
    assert again == value
    assert type(again) is type(value)


def test_a_value_that_cannot_come_back_is_not_kept() -> None:
    with pytest.raises(TypeError):
        kept([1])
    with pytest.raises(ValueError, match="nonsense"):
        given_back({"nonsense": "1"})


@pytest.mark.parametrize(
    ("value", "overlap", "begin"),
    [
        ("2026-01-01 00:05:00", timedelta(minutes=10), "2025-12-31 23:55:00"),
        ("2026-01-01T00:05:00", timedelta(minutes=10), "2025-12-31T23:55:00"),
        ("2026-01-01 00:05", timedelta(minutes=10), "2025-12-31 23:55"),
        ("2026-01-01 00:05:00.123", timedelta(minutes=10), "2025-12-31 23:55:00.000"),
        ("2026-01-01 00:05:00.5+00", timedelta(minutes=10), "2025-12-31 23:55:00.0+00"),
        ("2026-01-01T00:05:00Z", timedelta(minutes=10), "2025-12-31T23:55:00Z"),
        ("2026-01-01 00:05:00 +0200", timedelta(minutes=10), "2025-12-31 23:55:00 +0200"),
        ("2026-01-01", timedelta(minutes=10), "2025-12-31"),
        ("0001-01-01 00:00:00", timedelta(minutes=10), "0001-01-01 00:00:00"),
        (17, timedelta(minutes=10), 14),
        (Decimal("17.5"), timedelta(minutes=10), Decimal("14.5")),
        (datetime(2026, 1, 1, tzinfo=UTC), timedelta(hours=1), datetime(2025, 12, 31, 23, tzinfo=UTC)),
        (date(2026, 1, 1), timedelta(minutes=1), date(2025, 12, 31)),
    ],
)
def test_a_pull_reaches_back_in_the_spelling_of_the_database(value: Any, overlap: timedelta, begin: Any) -> None:
    assert is_cursor(value)
    assert earlier(value, overlap, 3) == begin


@pytest.mark.parametrize(
    ("local", "begin"),
    [
        ("2026-11-01 01:50:00", "2026-11-01 00:40:00"),  # the clocks are set back at two
        ("2026-11-01 12:00:00", "2026-11-01 10:50:00"),
        ("2026-11-03 12:00:00", "2026-11-03 11:50:00"),
        ("2026-03-08 12:00:00", "2026-03-08 11:50:00"),  # set forward: no hour comes twice
        ("2026-11-01 01:50:00+00", "2026-11-01 01:40:00+00"),
    ],
)
def test_where_clocks_are_set_back_a_pull_reaches_back_further(local: str, begin: str) -> None:
    assert earlier(local, timedelta(minutes=10), 0, "America/Denver") == begin


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        "infinity",
        "0000-00-00 00:00:00",
        "01/02/2026",
        "2026-13-01",
        "",
        "12:00",
        float("nan"),
        b"x",
        UUID(int=1),
    ],
)
def test_what_is_no_number_and_no_moment_moves_no_cursor(value: Any) -> None:
    assert not is_cursor(value)


def test_what_lies_ahead_moves_no_cursor() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert is_cursor("2026-01-01 00:00:00+00", now)
    assert not is_cursor("9999-12-31 23:59:59", now)
    assert not is_cursor("9999-12-31 23:59:59-05", now)
    assert is_cursor(99999999, now)


@pytest.mark.parametrize(
    "value",
    [
        "2026-01-02 08:59:00",
        "2026-01-02",
        datetime(2026, 1, 2, 8, 59),  # noqa: DTZ001 - as a driver gives it
        date(2026, 1, 2),
        "2026-01-01 23:59Z",
    ],
)
def test_a_moment_without_an_offset_lies_ahead_by_the_clocks_of_its_zone(value: Any) -> None:
    now = datetime(2026, 1, 2, tzinfo=UTC)  # nine in the morning in Tokyo, and still the day before in Denver
    assert is_cursor(value, now, "Asia/Tokyo")
    assert is_cursor(value, now, "America/Denver") is (value == "2026-01-01 23:59Z")
