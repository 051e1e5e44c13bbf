"""Median and percentiles: by the nearest rank, whatever the order, and the same for parts put together."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciliation.kpis.percentiles import merged, nearest_rank

VALUES = st.lists(st.integers(-10_000, 10_000), max_size=60)
PERCENTS = st.integers(1, 100)


def histogram(values: list[int]) -> tuple[tuple[int, int], ...]:
    return tuple(sorted(Counter(values).items()))


@given(VALUES.filter(bool), PERCENTS)
def test_it_is_the_smallest_value_that_so_many_percent_do_not_exceed(values: list[int], percent: int) -> None:
    found = nearest_rank(histogram(values), percent)
    assert found in values
    assert 100 * sum(value <= found for value in values) >= percent * len(values)
    assert 100 * sum(value < found for value in values) < percent * len(values)


@given(VALUES.filter(bool))
def test_it_grows_with_the_percentage_up_to_the_largest(values: list[int]) -> None:
    ranks = [nearest_rank(histogram(values), percent) for percent in range(1, 101)]
    assert ranks == sorted(ranks)
    assert ranks[-1] == max(values)


@given(st.lists(VALUES, max_size=5), PERCENTS)
def test_parts_put_together_are_the_whole(parts: list[list[int]], percent: int) -> None:
    whole = [value for part in parts for value in part]
    together = merged([histogram(part) for part in parts])
    assert together == histogram(whole)
    assert nearest_rank(together, percent) == nearest_rank(histogram(whole), percent)


def test_the_median_of_an_even_number_is_the_lower_of_the_middle_two() -> None:
    assert nearest_rank(histogram([10, 20, 30, 40]), 50) == 20
    assert nearest_rank(histogram([10, 20, 30, 40, 50, 60, 70, 80, 90, 100]), 90) == 90


def test_of_nobody_there_is_none() -> None:
    assert nearest_rank((), 50) is None


@pytest.mark.parametrize("percent", [0, -1, 101])
def test_a_percentile_that_cannot_be_is_refused(percent: int) -> None:
    with pytest.raises(ValueError, match="1 to 100"):
        nearest_rank(((1, 1),), percent)
