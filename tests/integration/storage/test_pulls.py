"""Pulls and the state of streams: who may write, how fresh a feed is, what it held."""

from sqlalchemy import select

from storage.database import Database
from storage.pulls import finish_pull, start_pull
from storage.schema.synchronisation import PULL
from storage.streams import StreamState, stream_state, stream_states
from tests.integration.storage.page_builders import HOUR, NINE, Stream, bill


def outcomes(database: Database) -> list[str]:
    with database.reading() as connection:
        return list(connection.execute(select(PULL.c.outcome).order_by(PULL.c.id)).scalars())


def state_of_bills(database: Database) -> StreamState:
    with database.reading() as connection:
        return stream_state(connection, "billing", "lines")


def test_a_stream_that_was_never_pulled_has_no_state(database: Database) -> None:
    assert state_of_bills(database) == StreamState("billing", "lines")


def test_a_success_makes_the_stream_fresh_as_of_the_start_of_the_pull(database: Database) -> None:
    with database.writing() as connection:
        pull_id = start_pull(connection, "billing", "lines", NINE)
    with database.writing() as connection:
        finish_pull(connection, pull_id, NINE + HOUR, "succeeded", control_totals={"amount_minor": 12})

    state = state_of_bills(database)
    assert (state.last_success_at, state.control_totals) == (NINE, {"amount_minor": 12})


def test_a_failure_leaves_freshness_totals_and_cursor_of_before(database: Database) -> None:
    bills = Stream(database)
    bills.store(bill("L1"), resume={"after": "L1"})
    with database.writing() as connection:
        finish_pull(connection, bills.pull_id, NINE, "succeeded", control_totals={"records": 1})
        second = start_pull(connection, "billing", "lines", NINE + HOUR)
        finish_pull(connection, second, NINE + HOUR, "failed", "the source did not answer")

    state = state_of_bills(database)
    assert (state.last_success_at, state.control_totals, state.resume) == (NINE, {"records": 1}, {"after": "L1"})
    assert outcomes(database) == ["succeeded", "failed"]


def test_a_pull_that_died_is_superseded_by_the_next(database: Database) -> None:
    with database.writing() as connection:
        dead = start_pull(connection, "billing", "lines", NINE)
        other = start_pull(connection, "billing", "payments", NINE)
        start_pull(connection, "billing", "lines", NINE + HOUR)
    assert outcomes(database) == ["superseded", "running", "running"]

    with database.writing() as connection:
        finish_pull(connection, dead, NINE + HOUR, "succeeded")
        finish_pull(connection, other, NINE + HOUR, "stopped", "half the records are gone")
    assert outcomes(database) == ["superseded", "stopped", "running"]
    assert state_of_bills(database).last_success_at is None


def test_streams_are_listed_with_their_freshness(database: Database) -> None:
    with database.writing() as connection:
        for system, stream in (("field", "work_orders"), ("billing", "lines")):
            finish_pull(connection, start_pull(connection, system, stream, NINE), NINE, "succeeded")

    with database.reading() as connection:
        listed = [(state.system, state.stream, state.last_success_at) for state in stream_states(connection)]
        assert listed == [("billing", "lines", NINE), ("field", "work_orders", NINE)]
        assert [state.stream for state in stream_states(connection, "field")] == ["work_orders"]
