"""A page that belongs to no pull, written while a pull is under way."""

from datetime import UTC, datetime, timedelta

import pytest

from canonical_model.errors import UnsafeToContinue
from storage.database import Database
from storage.pages import MappedPage, MappedRecord, PageCounts, store_page
from storage.pulls import finish_pull, start_pull
from storage.streams import stream_state
from storage.visits import deleted_ids, visited

NOW = datetime(2026, 4, 5, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def page(pull_id: int, at: datetime, *records: tuple[str, int], **facts: object) -> MappedPage:
    raws = [MappedRecord(name, {"order": order}, change_order=order) for name, order in records]
    return MappedPage("field", "jobs", pull_id, at, raws, **facts)  # type: ignore[arg-type]


def visit(database: Database, at: datetime, *records: tuple[str, int]) -> PageCounts:
    with database.writing() as connection, visited(connection, "field", "jobs", at, "inbox") as visit_id:
        return store_page(connection, page(visit_id, at, *records))


def test_a_pull_goes_on_after_a_visit_from_where_it_was(database: Database) -> None:
    with database.writing() as connection:
        pull_id = start_pull(connection, "field", "jobs", NOW)
    with database.writing() as connection:
        store_page(connection, page(pull_id, NOW, ("a", 1), resume={"after": "a"}))
    assert visit(database, NOW + MINUTE, ("b", 2)).landed == 1
    with database.writing() as connection:
        counts = store_page(connection, page(pull_id, NOW + 2 * MINUTE, ("b", 2), ("c", 3), resume={"after": "c"}))
        finish_pull(connection, pull_id, NOW, "succeeded", control_totals={"read": 3})
    assert counts.landed == 1
    with database.reading() as connection:
        state = stream_state(connection, "field", "jobs")
    assert (state.resume, state.last_success_at, state.control_totals) == ({"after": "c"}, NOW, {"read": 3})


def test_a_visit_makes_a_stream_neither_fresh_nor_resumable(database: Database) -> None:
    visit(database, NOW, ("a", 1))
    with database.reading() as connection:
        state = stream_state(connection, "field", "jobs")
    assert (state.resume, state.last_success_at, state.control_totals, state.source_total) == (None, None, None, None)
    with database.writing() as connection:
        pull_id = start_pull(connection, "field", "jobs", NOW)
        store_page(connection, page(pull_id, NOW, ("a", 1)))


def test_a_visit_does_not_give_a_stream_back_to_a_pull_that_lost_it(database: Database) -> None:
    with database.writing() as connection:
        lost = start_pull(connection, "field", "jobs", NOW)
        start_pull(connection, "field", "jobs", NOW)
    visit(database, NOW, ("a", 1))
    with pytest.raises(UnsafeToContinue), database.writing() as connection:
        store_page(connection, page(lost, NOW, ("b", 1)))


def test_a_visit_that_fails_leaves_everything_as_it_was(database: Database) -> None:
    with database.writing() as connection:
        pull_id = start_pull(connection, "field", "jobs", NOW)

    def fail() -> None:
        with database.writing() as connection, visited(connection, "field", "jobs", NOW, "inbox") as visit_id:
            store_page(connection, page(visit_id, NOW, ("a", 1)))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with database.writing() as connection:
        assert store_page(connection, page(pull_id, NOW, ("a", 1))).landed == 1


def test_an_older_copy_is_late_whoever_brings_it(database: Database) -> None:
    visit(database, NOW, ("a", 5))
    assert visit(database, NOW + MINUTE, ("a", 4)).late == 1
    assert visit(database, NOW + MINUTE, ("a", 6)).landed == 1


def test_records_that_the_source_deleted_are_known_until_they_come_back(database: Database) -> None:
    with database.writing() as connection:
        pull_id = start_pull(connection, "field", "jobs", NOW)
        store_page(connection, page(pull_id, NOW, ("a", 1), ("b", 1), ("c", 1)))
    with database.writing() as connection:
        store_page(connection, page(pull_id, NOW + MINUTE, ("c", 2), deleted=["a", "b"]))
    with database.reading() as connection:
        assert deleted_ids(connection, "field", "jobs", ["a", "b", "c", "never seen"]) == {"a", "b"}
        assert deleted_ids(connection, "field", "others", ["a"]) == set()
    with database.writing() as connection:
        store_page(connection, page(pull_id, NOW + 2 * MINUTE, ("a", 3)))
        assert deleted_ids(connection, "field", "jobs", ["a", "b"]) == {"b"}
