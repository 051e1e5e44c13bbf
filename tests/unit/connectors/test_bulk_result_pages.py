"""A downloaded page of a job's result, read from the disk."""

import io

import pytest

from canonical_model.errors import RetryableError
from connectors.salesforce.bulk_job import ResultPage

TEN_MILLION = 10_000_000


def page(body: bytes, count: int, following: str = "") -> ResultPage:
    return ResultPage(io.BytesIO(body), count, following, lambda what: RetryableError(f"crm: it {what}"))


def test_lines_come_in_small_lots_with_their_line_breaks_and_quotes() -> None:
    found = page(b'"Id","Name"\n"1","a ""b"", c"\n"2","two\nlines"\n"3",""\n', 3, "MTA")
    assert found.columns == ["Id", "Name"]
    assert found.lines(2) == [["1", 'a "b", c'], ["2", "two\nlines"]]
    assert not found.is_read
    assert found.lines(2) == [["3", ""]]
    assert (found.is_read, found.following) == (True, "MTA")


def test_a_value_of_ten_million_characters_is_read() -> None:
    found = page(b'"Id"\n"' + b"x" * TEN_MILLION + b'"\n', 1)
    assert len(found.lines(1)[0][0]) == TEN_MILLION


def test_an_empty_result_has_no_lines() -> None:
    assert page(b'"Id"\n', 0).lines(10) == []
    assert page(b"", 0).lines(10) == []


@pytest.mark.parametrize(
    ("body", "count"),
    [
        (b'"Id","Name"\n"1","a"\n', 2),
        (b'"Id","Name"\n"1","a"\n"2","b"\n', 1),
        (b'"Id","Name"\n"1"\n', 1),
        (b'"Id","Name"\n"1","never closed\n', 1),
        (b'"Id","Name"\n"1"x,"a"\n', 1),
        (b'"Id","Name"\n"1","\xff"\n', 1),
        (b"<html><body>We are down for maintenance, sorry</body></html>", 1),
    ],
)
def test_a_page_that_is_cut_or_garbled_is_worth_another_try(body: bytes, count: int) -> None:
    with pytest.raises(RetryableError, match=r"crm: it (holds another number|is no CSV)"):
        page(body, count).lines(10)
