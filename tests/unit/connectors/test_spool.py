"""Records that wait on disk."""

from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.spool import Spool


@given(st.integers(0, 30), st.integers(1, 12))
def test_records_come_back_in_pages_as_they_went_in(number: int, size: int) -> None:
    records = [{"serial": f"line\n{place}\u2028", "level": place, "none": None} for place in range(number)]
    with closing(Spool()) as spool:
        spool.add(records[: number // 2])
        spool.add(records[number // 2 :])
        pages = list(spool.pages(size))
    assert [record for page, _ in pages for record in page] == records
    assert [last for _, last in pages] == [False] * (len(pages) - 1) + [True]
    assert {len(page) for page, last in pages if not last} <= {size}


def test_what_is_larger_than_memory_waits_in_a_file_that_is_gone_with_it() -> None:
    spool = Spool()
    for start in range(0, 20_000, 1_000):
        spool.add({"serial": f"CXNK{number:08X}", "filler": "x" * 80} for number in range(start, start + 1_000))
    assert spool.total == 20_000
    assert sum(len(page) for page, _ in spool.pages(3_000)) == 20_000
    spool.close()
    spool.close()
    with pytest.raises(ValueError, match="closed"):
        list(spool.pages(10))
