"""How fresh and whole a stream was at a moment: what a snapshot of that moment is judged by."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from storage.database import Database
from storage.feeds import FeedState, feed_states, first_pull_at, known_until
from storage.pages import MappedPage, MappedRecord, store_page
from storage.pulls import Outcome, finish_pull, start_pull
from tests.integration.storage.page_builders import HOUR, NINE, amounts, bill, unusable

MICROSECOND = timedelta(microseconds=1)


def pull(
    database: Database,
    at: datetime,
    *raws: MappedRecord,
    deleted: Sequence[str] = (),
    outcome: Outcome | None = "succeeded",
    stream: str = "lines",
    total: int | None = None,
) -> None:
    """A pull of a stream, a page for every two raw records; without an outcome it was killed."""
    with database.writing() as connection:
        pull_id = start_pull(connection, "billing", stream, at)
    pages = [raws[start : start + 2] for start in range(0, len(raws), 2)] or [()]
    for number, page in enumerate(pages):
        gone = deleted if number == len(pages) - 1 else ()
        with database.writing() as connection:
            store_page(connection, MappedPage("billing", stream, pull_id, at, page, gone))
    if outcome is not None:
        with database.writing() as connection:
            finish_pull(connection, pull_id, at, outcome, control_totals={"source_total": total, "read": len(raws)})


def bills(*numbers: int, amount: int = 100) -> list[MappedRecord]:
    return [bill(f"L{number}", amount) for number in numbers]


def lines(database: Database, moment: datetime) -> FeedState:
    with database.reading() as connection:
        return feed_states(connection, moment)["billing", "lines"]


def counts(database: Database, moment: datetime) -> tuple[int, int | None]:
    state = lines(database, moment)
    return state.records, state.records_before


def test_a_stream_that_was_not_pulled_yet_has_no_state(database: Database) -> None:
    pull(database, NINE, *bills(1))

    with database.reading() as connection:
        assert feed_states(connection, NINE - MICROSECOND) == {}
        assert list(feed_states(connection, NINE)) == [("billing", "lines")]


def test_a_feed_is_as_fresh_as_its_last_complete_pull_of_that_moment(database: Database) -> None:
    pull(database, NINE, *bills(1), total=1)
    pull(database, NINE + HOUR, *bills(2), total=2)
    pull(database, NINE + 2 * HOUR, outcome="failed")
    pull(database, NINE + 3 * HOUR, outcome=None)

    seen = [lines(database, NINE + hours * HOUR) for hours in range(4)]
    assert [state.last_success_at for state in seen] == [NINE, NINE + HOUR, NINE + HOUR, NINE + HOUR]
    assert [state.last_pull_at for state in seen] == [NINE + hours * HOUR for hours in range(4)]
    assert [state.last_pull_outcome for state in seen] == ["succeeded", "succeeded", "failed", "running"]
    assert [state.source_total for state in seen] == [1, 2, 2, 2]


def test_a_feed_is_no_fresher_than_what_its_source_told_of(database: Database) -> None:
    with database.writing() as connection:
        pull_id = start_pull(connection, "billing", "lines", NINE + HOUR)
        finish_pull(connection, pull_id, NINE + HOUR, "succeeded", control_totals={"read": 1}, as_of=NINE)
    assert lines(database, NINE + 2 * HOUR).last_success_at == NINE


def test_what_a_stream_held_at_each_moment_and_one_complete_pull_earlier(database: Database) -> None:
    pull(database, NINE, *bills(1, 2, 3, 4, 5))
    pull(database, NINE + HOUR, *bills(6), *bills(1, 2, amount=200), unusable("L7"))
    pull(database, NINE + 2 * HOUR, *bills(3, amount=300), deleted=["L1", "L2", "L4", "never-seen"])
    pull(database, NINE + 3 * HOUR)

    assert [counts(database, NINE + hours * HOUR) for hours in range(4)] == [(5, None), (7, 5), (4, 7), (4, 4)]
    assert counts(database, NINE + 99 * HOUR) == (4, 4)


def test_deletions_of_a_pull_that_broke_off_count_against_the_complete_one_before_it(database: Database) -> None:
    pull(database, NINE, *bills(*range(10)))
    pull(database, NINE + HOUR, deleted=[f"L{number}" for number in range(6)], outcome="failed")
    pull(database, NINE + 2 * HOUR, *bills(20))

    assert counts(database, NINE + 2 * HOUR) == (5, 10)


def test_pulls_of_the_same_moment_do_not_shrink_a_feed(database: Database) -> None:
    pull(database, NINE, *bills(*range(6)))
    pull(database, NINE, *bills(*range(6), amount=200))
    pull(database, NINE)

    assert counts(database, NINE) == (6, 6)


def test_streams_are_counted_apart(database: Database) -> None:
    pull(database, NINE, *bills(1, 2))
    pull(database, NINE, *bills(3, 4, 5), stream="other")
    pull(database, NINE + HOUR, deleted=["L3", "L4"], stream="other")

    with database.reading() as connection:
        states = feed_states(connection, NINE + HOUR)
    assert {name[1]: (state.records, state.records_before) for name, state in states.items()} == {
        "lines": (2, None),
        "other": (1, 3),
    }


@pytest.mark.parametrize(
    ("moment", "known"),
    [
        (NINE - MICROSECOND, set()),
        (NINE, {"L1", "L2", "L3"}),
        (NINE + HOUR - MICROSECOND, {"L1", "L2", "L3"}),
        (NINE + HOUR, {"L1", "L2", "L3", "L4", "L5", "L6"}),
        (NINE + 9 * HOUR, {"L1", "L2", "L3", "L4", "L5", "L6"}),
    ],
)
def test_a_pull_that_had_begun_is_known_with_all_its_pages(
    database: Database, moment: datetime, known: set[str]
) -> None:
    """Its pages follow each other by microseconds, so that a snapshot at its very moment would miss all but one."""
    pull(database, NINE, *bills(1, 2, 3))
    pull(database, NINE + HOUR, *bills(4, 5, 6))

    with database.reading() as connection:
        until = known_until(connection, moment)
    assert set(amounts(database, until)) == known
    assert (until is None) == (moment >= NINE + HOUR)


def test_the_first_pull_of_some_systems(database: Database) -> None:
    with database.reading() as connection:
        assert first_pull_at(connection, ["billing"]) is None
    pull(database, NINE + HOUR)
    pull(database, NINE + 2 * HOUR)

    with database.reading() as connection:
        assert first_pull_at(connection, ["billing", "crm"]) == NINE + HOUR
        assert first_pull_at(connection, ["crm"]) is None
        assert first_pull_at(connection, []) is None
