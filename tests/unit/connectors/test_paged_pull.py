"""A pull through pages: what is kept between them, and which ends are refused."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canonical_model.errors import ConfigurationError, RetryableError, UnsafeToContinue
from connectors.paged_pull import Answer, Ask, paged
from connectors.ports import Page, RawRecord, StreamRead

READ = StreamRead("things", "Thing", ("id", "at"), ("id",), "at", overlap=timedelta(0), page_size=3)


def thing(number: int, **changes: Any) -> RawRecord:
    return {"id": f"t{number}", "at": f"2026-01-{number:02d}T00:00:00Z", **changes}


class Things:
    """A source of things in the order of their cursor."""

    def __init__(self, rows: list[RawRecord]) -> None:
        self.rows = rows
        self.asked: list[Ask] = []

    def __call__(self, ask: Ask) -> Answer:
        self.asked.append(ask)
        since = str(ask.since or "")
        matching = [row for row in self.rows if row["at"] >= since]
        start = int(ask.position or 0)
        following = start + ask.size if start + ask.size < len(matching) else None
        return Answer(matching[start : start + ask.size], following, len(matching), len(self.rows))


def ids(pages: list[Page]) -> list[str]:
    return [record["id"] for page in pages for record in page.records]


def stored(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(page.resume))
    return found


def test_pages_end_with_a_cursor_to_go_on_from() -> None:
    source = Things([thing(number) for number in range(1, 8)])
    pages = list(paged(READ, None, source))
    assert [len(page.records) for page in pages] == [3, 3, 1]
    assert [page.last for page in pages] == [False, False, True]
    assert {page.source_total for page in pages} == {7}
    source.rows.append(thing(9))
    assert ids(list(paged(READ, stored(pages[-1]), source))) == ["t7", "t9"]
    assert source.asked[-1].since is not None


def test_the_overlap_reaches_back_behind_the_cursor() -> None:
    source = Things([thing(number) for number in range(1, 8)])
    read = replace(READ, overlap=timedelta(days=2), page_size=100)
    (first,) = paged(read, None, source)
    assert ids(list(paged(read, stored(first), source))) == ["t5", "t6", "t7"]


@given(st.integers(0, 20), st.integers(1, 6), st.integers(0, 6))
def test_a_break_after_any_page_loses_nothing(count: int, size: int, breaks_after: int) -> None:
    source = Things([thing(number) for number in range(1, count + 1)])
    read = replace(READ, page_size=size)
    before: list[Page] = []
    for page in paged(read, None, source):
        if len(before) == breaks_after:
            break
        before.append(page)
    after = list(paged(read, stored(before[-1]) if before else None, source))
    assert set(ids([*before, *after])) == {row["id"] for row in source.rows}


def test_a_position_that_has_died_starts_the_pull_under_way_again() -> None:
    source = Things([thing(number) for number in range(1, 8)])
    resume = stored(next(iter(paged(READ, None, source))))

    first = len(source.asked)

    def dead(ask: Ask) -> Answer:
        answer = source(ask)
        if len(source.asked) == first + 1:
            raise ConfigurationError("no such position")
        return answer

    assert set(ids(list(paged(READ, resume, dead)))) == {row["id"] for row in source.rows}


def test_an_error_that_may_pass_is_not_taken_for_a_dead_position() -> None:
    source = Things([thing(number) for number in range(1, 8)])
    resume = stored(next(iter(paged(READ, None, source))))

    def busy(ask: Ask) -> Answer:
        raise RetryableError("busy")

    with pytest.raises(RetryableError):
        list(paged(READ, resume, busy))


def answering(*answers: Answer) -> Callable[[Ask], Answer]:
    left = list(answers)
    return lambda ask: left.pop(0)


def test_fewer_records_than_the_source_counts_are_refused() -> None:
    short = answering(Answer([thing(1)], None, matching=2))
    with pytest.raises(UnsafeToContinue, match="Thing counts 2 records and gave 1"):
        list(paged(READ, None, short))


def test_a_record_given_twice_counts_once() -> None:
    twice = answering(Answer([thing(1), thing(1)], None, matching=2))
    with pytest.raises(UnsafeToContinue, match="counts 2 records and gave 1"):
        list(paged(READ, None, twice))


def test_a_source_that_shrinks_under_way_is_no_fault() -> None:
    shrinking = answering(Answer([thing(1)], 1, matching=3), Answer([thing(2)], None, matching=2))
    assert ids(list(paged(READ, None, shrinking))) == ["t1", "t2"]


def test_a_circle_of_pages_is_refused() -> None:
    circle = answering(Answer([thing(1)], "a"), Answer([thing(2)], "b"), Answer([thing(3)], "a"))
    with pytest.raises(UnsafeToContinue, match="same next page twice"):
        list(paged(READ, None, circle))


def test_a_cursor_that_no_record_holds_is_named_with_its_nearest() -> None:
    with pytest.raises(ConfigurationError, match=r"cursor att .* did you mean at\?"):
        list(paged(replace(READ, cursor_field="att"), None, Things([thing(1)])))


def test_a_cursor_that_holds_nothing_anywhere_is_not_called_misspelt() -> None:
    with pytest.raises(ConfigurationError, match=r"cursor at holds no date") as told:
        list(paged(READ, None, answering(Answer([{"id": "t1", "at": None}], None))))
    assert "did you mean" not in str(told.value)


def test_a_resume_point_that_another_kind_of_system_left_begins_anew() -> None:
    source = Things([thing(1), thing(2)])
    assert ids(list(paged(READ, {"after": "x", "high": "2026-12-01T00:00:00Z"}, source))) == ["t1", "t2"]


NOON = replace(READ, hub_clock=datetime(2026, 1, 5, 12, tzinfo=UTC))


def test_a_record_stamped_in_the_far_future_is_given_and_hides_nothing_that_comes_later() -> None:
    source = Things([thing(1), thing(2), thing(9, at="9999-12-31T00:00:00Z")])
    pages = list(paged(NOON, None, source))
    assert ids(pages) == ["t1", "t2", "t9"]
    source.rows.append(thing(3))
    assert set(ids(list(paged(NOON, stored(pages[-1]), source)))) == {"t2", "t3", "t9"}


def test_where_every_cursor_lies_ahead_the_next_pull_begins_where_this_one_did() -> None:
    source = Things([thing(1), thing(2)])
    (first,) = paged(NOON, None, source)
    source.rows[:] = [thing(9, at="9999-12-31T00:00:00Z")]
    (second,) = paged(NOON, stored(first), source)
    assert stored(second) == stored(first)


def test_a_stored_cursor_that_lies_ahead_is_forgotten() -> None:
    source = Things([thing(1), thing(2)])
    assert ids(list(paged(NOON, {"high": "9999-12-31T00:00:00Z"}, source))) == ["t1", "t2"]
    under_way = {"since": "9999-12-30T00:00:00Z", "position": 1, "reached": "9999-12-31T00:00:00Z"}
    pages = list(paged(NOON, under_way, source))
    assert ids(pages) == ["t1", "t2"]
    assert stored(pages[-1]) == {"high": "2026-01-02T00:00:00Z", "seen": 0}


def test_a_number_is_no_moment_and_moves_the_cursor_however_large_it_is() -> None:
    pages = list(paged(NOON, None, answering(Answer([thing(1, at=99991231235959)], None))))
    assert stored(pages[-1])["high"] == 99991231235959


def test_deleted_records_come_as_keys() -> None:
    source = Things([thing(1), thing(2, gone=True), thing(3, gone=False)])
    (page,) = paged(READ, None, source, deleted_field="gone")
    assert ids([page]) == ["t1", "t3"]
    assert page.deleted == [("t2",)]


def test_an_empty_source_gives_one_last_page() -> None:
    (page,) = paged(READ, None, Things([]))
    assert (page.records, page.last, page.source_total) == ([], True, 0)


def test_an_empty_pull_keeps_the_cursor_of_the_one_before() -> None:
    source = Things([thing(1), thing(2)])
    (first,) = paged(READ, None, source)
    source.rows.clear()
    (second,) = paged(READ, stored(first), source)
    assert stored(second) == stored(first)


def test_without_a_cursor_everything_comes_each_time() -> None:
    source = Things([thing(1), thing(2)])
    read = replace(READ, cursor_field=None)
    (first,) = paged(read, None, source)
    assert ids(list(paged(read, stored(first), source))) == ["t1", "t2"]


def test_answers_in_no_order_move_the_cursor_no_further_than_they_are_settled() -> None:
    rows = [thing(number) for number in (5, 1, 9, 3)]

    def ask(_: Ask) -> Answer:
        return Answer(rows, None, len(rows), len(rows), settled="2026-01-07T00:00:00Z")

    (page,) = paged(READ, None, ask)
    assert page.resume["high"] == "2026-01-07T00:00:00Z"
    rows.pop(2)
    (page,) = paged(READ, None, ask)
    assert page.resume["high"] == "2026-01-05T00:00:00Z"
