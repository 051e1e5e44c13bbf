"""The chance of a group is that of Fisher's exact test, for a handful of subjects and for a whole market."""

from decimal import Decimal
from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciliation.causes.chance import chance_of_at_least

PRECISE = Fraction(1, 10**20)


@st.composite
def groups(draw: st.DrawFn) -> tuple[int, int, int, int]:
    """Hit, group, all hit and everybody, as they may be."""
    everybody = draw(st.integers(0, 120))
    group, all_hit = draw(st.integers(0, everybody)), draw(st.integers(0, everybody))
    hit = draw(st.integers(max(0, group + all_hit - everybody), min(group, all_hit)))
    return hit, group, all_hit, everybody


def counted(hit: int, group: int, all_hit: int, everybody: int) -> Fraction:
    """Draws with so many hit, or more, among all draws."""
    draws = sum(comb(all_hit, n) * comb(everybody - all_hit, group - n) for n in range(hit, min(group, all_hit) + 1))
    return Fraction(draws, comb(everybody, group))


@given(groups())
def test_it_is_what_counting_all_draws_gives(numbers: tuple[int, int, int, int]) -> None:
    true = counted(*numbers)
    assert abs(Fraction(chance_of_at_least(*numbers)) - true) <= true * PRECISE


@given(groups())
def test_it_does_not_matter_which_of_both_is_the_group(numbers: tuple[int, int, int, int]) -> None:
    hit, group, all_hit, everybody = numbers
    one, other = (
        Fraction(chance_of_at_least(hit, *pair, everybody)) for pair in ((group, all_hit), (all_hit, group))
    )
    assert abs(one - other) <= one * PRECISE


def test_a_market_of_half_a_million_is_no_more_work() -> None:
    assert chance_of_at_least(250, 2_000, 1_500, 500_000) < Decimal("1E-200")
    assert chance_of_at_least(6, 2_000, 1_500, 500_000) == pytest.approx(Decimal("0.5544"), abs=Decimal("0.001"))
    assert chance_of_at_least(125_600, 250_000, 250_000, 500_000) < Decimal("0.001")


@pytest.mark.parametrize("numbers", [(3, 2, 5, 9), (0, 8, 5, 9), (1, 10, 1, 9), (-1, 1, 1, 9), (1, 1, 0, 9)])
def test_numbers_that_cannot_be_are_refused(numbers: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="cannot be hit"):
        chance_of_at_least(*numbers)
