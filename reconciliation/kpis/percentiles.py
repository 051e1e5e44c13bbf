"""Median and percentiles by the nearest rank: always a value that was measured, and so exact in cents and minutes.

The p-th percentile is the smallest value that at least p percent of the values do not exceed (type 1 of Hyndman and
Fan, 1996): nothing is interpolated, and the median of an even number of values is the lower one of the middle two.
"""

from collections.abc import Sequence

Histogram = Sequence[tuple[int, int]]
"""Values in rising order, each with how often it occurs."""


def nearest_rank(histogram: Histogram, percent: int) -> int | None:
    """A percentile of values that are told by how often each occurs; None where there is none.

    Args:
        histogram: the values.
        percent: 1 to 100.

    Raises:
        ValueError: there is no such percentile.
    """
    if not 1 <= percent <= 100:
        raise ValueError(f"a percentile is 1 to 100, not {percent}")
    number = sum(count for _, count in histogram)
    rank = -(-number * percent // 100)
    for value, count in histogram:
        rank -= count
        if rank <= 0 < number:
            return value
    return None


def merged(histograms: Sequence[Histogram]) -> tuple[tuple[int, int], ...]:
    """One histogram of the values of several."""
    counts: dict[int, int] = {}
    for histogram in histograms:
        for value, count in histogram:
            counts[value] = counts.get(value, 0) + count
    return tuple(sorted(counts.items()))
