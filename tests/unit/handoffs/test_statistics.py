"""What a sample proves: the figures of textbooks, and what must hold of every sample."""

from decimal import Decimal
from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoffs.statistics import (
    CONFIDENCES,
    Interval,
    Share,
    difference,
    least_clean_sample,
    proven_share,
    proves_at_least,
    proves_below,
    wilson,
)

NINETY_FIVE = Decimal(95)


@st.composite
def shares(draw: st.DrawFn, least: int = 1, most: int = 400) -> Share:
    of = draw(st.integers(least, most))
    return Share(draw(st.integers(0, of)), of)


def shown(interval: Interval) -> tuple[float, float]:
    return round(float(interval.low) * 100, 1), round(float(interval.high) * 100, 1)


@pytest.mark.parametrize(
    ("good", "of", "low", "high"),
    [
        (10, 10, 72.2, 100.0),
        (0, 10, 0.0, 27.8),
        (95, 100, 88.8, 97.8),
        (50, 100, 40.4, 59.6),
        (298, 300, 97.6, 99.8),
    ],
)
def test_wilson_of_a_share_is_what_the_textbook_says(good: int, of: int, low: float, high: float) -> None:
    assert shown(wilson(Share(good, of), NINETY_FIVE)) == (low, high)


def test_wilson_of_nothing_is_everything() -> None:
    assert wilson(Share(0, 0), NINETY_FIVE) == Interval(Fraction(0), Fraction(1))


@pytest.mark.parametrize(("percent", "least"), [("99", 299), ("99.9", 2995), ("98", 149), ("95", 59)], ids=str)
def test_the_rule_of_three_is_exact(percent: str, least: int) -> None:
    bound = Fraction(percent) / 100
    assert least_clean_sample(bound, NINETY_FIVE) == least
    assert proves_at_least(Share(least, least), bound, NINETY_FIVE)
    assert not proves_at_least(Share(least - 1, least - 1), bound, NINETY_FIVE)


def test_one_mismatch_needs_a_larger_sample() -> None:
    bound = Fraction(99, 100)
    assert not proves_at_least(Share(299, 300), bound, NINETY_FIVE)
    assert not proves_at_least(Share(471, 472), bound, NINETY_FIVE)
    assert proves_at_least(Share(472, 473), bound, NINETY_FIVE)


def test_no_sample_proves_everything() -> None:
    assert not proves_at_least(Share(10_000, 10_000), Fraction(1), NINETY_FIVE)
    with pytest.raises(ValueError, match="no sample proves"):
        least_clean_sample(Fraction(1), NINETY_FIVE)


def test_a_share_is_of_what_there_is() -> None:
    with pytest.raises(ValueError, match="4 of 3"):
        Share(4, 3)


def test_a_large_sample_is_judged_without_running_out_of_digits() -> None:
    assert proves_at_least(Share(2_000_000, 2_000_000), Fraction(99_999, 100_000), NINETY_FIVE)
    assert not proves_at_least(Share(1_990_000, 2_000_000), Fraction(999, 1000), NINETY_FIVE)


@given(shares(most=60), st.integers(1, 99), st.sampled_from(sorted(CONFIDENCES)))
def test_the_decision_is_that_of_whole_numbers(share: Share, percent: int, confidence: Decimal) -> None:
    """The tail added up in integers alone: so many bad ones or fewer, where the true share is at the bound."""
    bad, good, n = 100 - percent, percent, share.of
    tail = Fraction(sum(comb(n, k) * bad**k * good ** (n - k) for k in range(share.bad + 1)), 100**n)
    assert proves_at_least(share, Fraction(percent, 100), confidence) == (tail <= 1 - Fraction(confidence) / 100)


@given(shares(), st.fractions(0, 1), st.sampled_from(sorted(CONFIDENCES)))
def test_a_sample_never_proves_both(share: Share, bound: Fraction, confidence: Decimal) -> None:
    assert not (proves_at_least(share, bound, confidence) and proves_below(share, bound, confidence))


@given(shares(), st.fractions(Fraction(1, 100), Fraction(99, 100)))
def test_more_confidence_proves_no_more(share: Share, bound: Fraction) -> None:
    proven = [proves_at_least(share, bound, confidence) for confidence in sorted(CONFIDENCES)]
    assert proven == sorted(proven, reverse=True)


@given(shares(), st.fractions(Fraction(1, 100), Fraction(99, 100)))
def test_one_more_good_one_never_takes_a_proof_away(share: Share, bound: Fraction) -> None:
    if proves_at_least(share, bound, NINETY_FIVE):
        assert proves_at_least(share + Share(1, 1), bound, NINETY_FIVE)


@given(shares())
def test_what_is_shown_is_what_is_decided(share: Share) -> None:
    proven = proven_share(share, NINETY_FIVE)
    assert 0 <= proven <= 1
    assert proves_at_least(share, Fraction(proven) - Fraction(1, 10**9), NINETY_FIVE)
    assert not proves_at_least(share, Fraction(proven) + Fraction(1, 10**9), NINETY_FIVE)


@given(shares(), st.sampled_from(sorted(CONFIDENCES)))
def test_an_interval_holds_what_was_seen(share: Share, confidence: Decimal) -> None:
    interval = wilson(share, confidence)
    assert 0 <= interval.low <= share.ratio <= interval.high <= 1


@given(shares(), st.integers(2, 9))
def test_more_of_the_same_makes_the_interval_narrower(share: Share, times: int) -> None:
    few, many = wilson(share, NINETY_FIVE), wilson(Share(share.good * times, share.of * times), NINETY_FIVE)
    assert many.high - many.low < few.high - few.low


@given(shares(), shares())
def test_the_difference_of_two_shares_turns_with_them(ours: Share, theirs: Share) -> None:
    here, there = difference(ours, theirs, NINETY_FIVE), difference(theirs, ours, NINETY_FIVE)
    assert (here.low, here.high) == (-there.high, -there.low)
    assert here.low <= ours.ratio - theirs.ratio <= here.high


def test_the_difference_that_newcombe_computed() -> None:
    """Newcombe (1998), method 10: 56/70 against 48/80 is 0.0524 to 0.3339."""
    found = difference(Share(56, 70), Share(48, 80), NINETY_FIVE)
    assert (round(float(found.low), 4), round(float(found.high), 4)) == (0.0524, 0.3339)
