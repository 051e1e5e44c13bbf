"""Paging by counting reads every row once, however a source cuts its pages."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.counted_pages import counted_position, matching_total
from connectors.paged_pull import Ask


def read_through(paging: str, rows: int, size: int, first: int, knows_total: bool, short: int = 0) -> list[int]:
    """The rows that a pull by counting reads of a source; every page of one by offsets lacks ``short`` rows."""
    position: Any = None
    found: list[int] = []
    for _ in range(10 * rows + 10):
        ask = Ask(None, position, size)
        start = (position or 0) if paging == "offset" else ((first if position is None else position) - first) * size
        page = list(range(rows))[start : start + max(1, size - short)]
        found += page
        position = counted_position(paging, ask, len(page), rows if knows_total else None, first)
        if position is None:
            return found
    raise AssertionError("it never ends")


@given(st.sampled_from(["offset", "page"]), st.integers(0, 30), st.integers(1, 7), st.integers(0, 2), st.booleans())
def test_every_row_comes_once_with_and_without_a_total(
    paging: str, rows: int, size: int, first: int, knows_total: bool
) -> None:
    assert read_through(paging, rows, size, first, knows_total) == list(range(rows))


@given(st.integers(0, 30), st.integers(1, 7), st.integers(0, 6), st.booleans())
def test_pages_by_offset_may_be_cut_short(rows: int, size: int, short: int, knows_total: bool) -> None:
    assert read_through("offset", rows, size, 1, knows_total, short) == list(range(rows))


@pytest.mark.parametrize(
    ("since", "counts_whole", "expected"),
    [(None, True, 9), (None, False, 9), ("2026", False, 9), ("2026", True, None)],
)
def test_a_total_of_all_that_is_held_says_nothing_of_changes(since: Any, counts_whole: bool, expected: Any) -> None:
    assert matching_total(Ask(since, None, 3), 9, counts_whole=counts_whole) == expected
