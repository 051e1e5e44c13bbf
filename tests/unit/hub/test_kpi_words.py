"""How figures are said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.reports.kpi_words import amount, duration


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (0, "0 min"),
        (1, "1 min"),
        (60, "1 h"),
        (139, "2 h 19 min"),
        (1440, "1 d"),
        (1440 + 59, "1 d"),
        (20541, "14 d 6 h"),
        (1_500_000, "1,041 d 16 h"),
        (-31, "−31 min"),
        (-1441, "−1 d"),
    ],
)
def test_minutes_are_said_in_the_two_largest_units(minutes: int, said: str) -> None:
    assert duration(minutes) == said


@given(st.integers(0, 10**7))
def test_what_is_cut_off_is_less_than_the_smaller_unit(minutes: int) -> None:
    size = {"d": 1440, "h": 60, "min": 1}
    words = duration(minutes).replace(",", "").split()
    said = sum(int(number) * size[unit] for number, unit in zip(words[::2], words[1::2], strict=True))
    assert 0 <= minutes - said < (60 if minutes >= 1440 else 1)


def test_money_and_counts_are_said_whole_and_nothing_is_a_dash() -> None:
    assert amount(177600, "money", "USD") == "$1,776.00"
    assert amount(1, "days", "") == "1 day"
    assert amount(1234, "count", "") == "1,234"
    assert amount(None, "minutes", "") == "–"
