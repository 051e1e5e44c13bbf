"""The inbox keeps each event once, whoever writes at the same time, and knows what became of it."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from storage.database import Database, open_database
from storage.inbox import (
    IncomingEvent,
    conflicts,
    event_with,
    forget_taken,
    inbox_events,
    keep_events,
    leave_waiting,
    next_events,
    put_back,
    settle,
    waiting,
)

NOW = datetime(2026, 4, 5, 12, tzinfo=UTC)


def event(event_id: str, content: str = "1", stream: str = "jobs", system: str = "field") -> IncomingEvent:
    return IncomingEvent(system, stream, event_id, NOW, NOW, f'{{"x":{content}}}', f"digest of {content}")


def keep(database: Database, *events: IncomingEvent) -> set[int]:
    with database.writing() as connection:
        return keep_events(connection, events)


def waiting_ids(database: Database, stream: str = "jobs") -> list[str]:
    with database.reading() as connection:
        return [one.event_id for one in next_events(connection, "field", stream, 100)]


def test_an_event_that_comes_again_is_kept_once(database: Database) -> None:
    assert keep(database, event("a"), event("b")) == set()
    assert keep(database, event("b"), event("a"), event("c"), event("c")) == set()
    assert waiting_ids(database) == ["a", "b", "c"]


def test_the_same_id_means_another_event_in_another_stream_or_system(database: Database) -> None:
    assert keep(database, event("a"), event("a", "2", stream="visits"), event("a", "3", system="crm")) == set()
    with database.reading() as connection:
        assert waiting(connection) == {("crm", "jobs"): 1, ("field", "jobs"): 1, ("field", "visits"): 1}


def test_another_content_under_a_known_id_is_kept_aside_once_and_changes_nothing(database: Database) -> None:
    keep(database, event("a"))
    assert keep(database, event("b"), event("a", "2"), event("c"), event("c", "4")) == {1, 3}
    assert keep(database, event("a", "2")) == {0}
    with database.reading() as connection:
        assert [(one.event_id, one.payload) for one in next_events(connection, "field", "jobs", 9)] == [
            ("a", {"x": 1}),
            ("b", {"x": 1}),
            ("c", {"x": 1}),
        ]
        assert sorted((one.event_id, one.payload["x"]) for one in conflicts(connection)) == [("a", 2), ("c", 4)]
        assert conflicts(connection, "crm") == []


def test_nothing_is_kept_of_a_transaction_that_fails(database: Database) -> None:
    def fail() -> None:
        with database.writing() as connection:
            keep_events(connection, [event("a")])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert waiting_ids(database) == []


def test_writers_side_by_side_keep_each_event_once_and_agree_which_one_counts(
    database: Database, database_address: str
) -> None:
    together = threading.Barrier(4)

    def write(number: int) -> int:
        opened = open_database(database_address)
        against = 0
        together.wait()
        for start in range(0, 60, 6):
            # the same ids from each writer, in another order, with a content of its own for every sixth
            ids = list(range(start, start + 6))[:: 1 if number % 2 else -1]
            against += len(keep(opened, *(event(str(one), str(number) if one % 6 == 0 else "0") for one in ids)))
        opened.close()
        return against

    with ThreadPoolExecutor(4) as pool:
        against = sum(pool.map(write, range(4)))
    assert sorted(waiting_ids(database), key=int) == [str(number) for number in range(60)]
    with database.reading() as connection:
        kept_aside = conflicts(connection)
    assert against == len(kept_aside) == 3 * 10


def test_an_event_is_taken_or_rejected_once_with_its_reason(database: Database) -> None:
    keep(database, event("a"), event("b"), event("c"))
    later = NOW + timedelta(minutes=1)
    with database.writing() as connection:
        a, b, _ = (one.id for one in next_events(connection, "field", "jobs", 9))
        assert settle(connection, {a: ""}, {b: "no serial"}, later)
    assert waiting_ids(database) == ["c"]
    with database.writing() as connection:
        assert not settle(connection, {a: "again"}, {}, later)
        found = event_with(connection, b)
        assert found is not None
        assert (found.state, found.reason, found.attempts, found.settled_at) == ("rejected", "no serial", 1, later)
        assert [one.event_id for one in inbox_events(connection, "taken")] == ["a"]
        assert event_with(connection, 999) is None


def test_what_could_not_be_taken_in_waits_on_with_the_reason(database: Database) -> None:
    keep(database, event("a"))
    with database.writing() as connection:
        (one,) = next_events(connection, "field", "jobs", 9)
        leave_waiting(connection, [one.id], "the mapping is wrong")
        (one,) = next_events(connection, "field", "jobs", 9)
    assert (one.state, one.attempts, one.reason) == ("received", 1, "the mapping is wrong")


def test_rejected_events_wait_again_all_of_them_or_those_that_are_named(database: Database) -> None:
    keep(database, event("a"), event("b"), event("c"), event("d", stream="visits"))
    with database.writing() as connection:
        a, b, c = (one.id for one in next_events(connection, "field", "jobs", 9))
        (d,) = (one.id for one in next_events(connection, "field", "visits", 9))
        settle(connection, {a: ""}, {b: "x", c: "x", d: "x"}, NOW)
        assert put_back(connection, [a, b]) == 1
        assert put_back(connection, None, "field", "jobs") == 1
        assert put_back(connection, None, "crm") == 0
    assert waiting_ids(database) == ["b", "c"]


def test_only_what_was_taken_long_ago_is_forgotten(database: Database) -> None:
    keep(database, event("a"), event("b"), event("c"), event("d"))
    with database.writing() as connection:
        a, b, c, _ = (one.id for one in next_events(connection, "field", "jobs", 9))
        settle(connection, {a: ""}, {b: "x"}, NOW)
        settle(connection, {c: ""}, {}, NOW + timedelta(days=2))
        assert forget_taken(connection, NOW + timedelta(days=1)) == 1
        assert sorted(one.event_id for one in inbox_events(connection)) == ["b", "c", "d"]
