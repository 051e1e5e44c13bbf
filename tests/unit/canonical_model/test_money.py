"""Money is exact, knows its currency, and its parts add up."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from canonical_model.money import Money, minor_digits, round_half_up, split_by_largest_remainder

CENTS = st.integers(-(10**9), 10**9)


def test_a_bundle_discount_of_thirty_splits_over_its_three_members_to_the_cent() -> None:
    assert split_by_largest_remainder(3000, [5999, 1999, 1499]) == [1895, 631, 474]


def test_a_negative_amount_splits_as_its_mirror() -> None:
    assert split_by_largest_remainder(-3000, [5999, 1999, 1499]) == [-1895, -631, -474]


def test_among_equal_remainders_the_earlier_part_gets_the_cent() -> None:
    assert split_by_largest_remainder(100, [1, 1, 1]) == [34, 33, 33]


def test_a_part_without_weight_gets_nothing() -> None:
    assert split_by_largest_remainder(7, [0, 3, 0]) == [0, 7, 0]


@pytest.mark.parametrize("weights", [[], [0, 0], [5, -1]])
def test_there_must_be_something_to_split_over(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weights must be non-negative and one of them positive"):
        split_by_largest_remainder(100, weights)


@given(CENTS, st.lists(st.integers(0, 10**6), min_size=1, max_size=8).filter(any))
def test_parts_add_up_to_the_whole_and_none_is_a_cent_from_its_exact_share(total: int, weights: list[int]) -> None:
    parts = split_by_largest_remainder(total, weights)

    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * sum(weights) - total * weight) < sum(weights)


@pytest.mark.parametrize(
    ("exact", "rounded"),
    [
        ("0.005", "0.01"),
        ("0.015", "0.02"),
        ("0.025", "0.03"),
        ("2.344999", "2.34"),
        ("-0.005", "-0.01"),
        ("-2.345", "-2.35"),
        ("7", "7.00"),
    ],
)
def test_halves_are_rounded_away_from_zero(exact: str, rounded: str) -> None:
    assert str(round_half_up(Decimal(exact))) == rounded


def test_rounding_knows_other_digits_than_cents() -> None:
    assert round_half_up(Decimal("1234.5"), digits=0) == Decimal(1235)


@given(CENTS, st.sampled_from(["USD", "CAD", "JPY"]))
def test_minor_units_come_back_as_they_were(minor: int, currency: str) -> None:
    assert Money.from_minor(minor, currency).to_minor() == minor


def test_a_yen_has_no_cents() -> None:
    assert Money.from_minor(500, "JPY") == Money(Decimal(500), "JPY")
    assert Money.from_minor(500, "USD") == Money(Decimal("5.00"), "USD")


def test_an_amount_with_more_decimals_than_its_currency_is_no_number_of_minor_units() -> None:
    with pytest.raises(ValueError, match=r"10\.005 has more decimals than USD has"):
        Money(Decimal("10.005"), "USD").to_minor()


def test_amounts_of_different_currencies_never_meet() -> None:
    with pytest.raises(ValueError, match="cannot add CAD to USD"):
        Money(Decimal(1), "USD") + Money(Decimal(1), "CAD")


def test_amounts_of_one_currency_add_up_and_turn_round() -> None:
    assert Money(Decimal("1.10"), "USD") + -Money(Decimal("0.30"), "USD") == Money(Decimal("0.80"), "USD")


def test_money_reads_as_a_person_writes_it() -> None:
    assert str(Money.from_minor(-123456789, "USD")) == "-1,234,567.89 USD"
    assert str(Money.from_minor(123456, "JPY")) == "123,456 JPY"


def test_an_unknown_currency_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="currency 'BTC' is unknown; known are CAD, EUR"):
        minor_digits("BTC")


def test_money_does_not_change() -> None:
    with pytest.raises((AttributeError, ValidationError)):
        Money(Decimal(1), "USD").amount = Decimal(2)  # type: ignore[misc]
