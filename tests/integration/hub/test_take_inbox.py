"""Events become records: through the mapping that pulls use, in the order of the source, once."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from canonical_model.field_work import FieldCompletion
from canonical_model.record import SourceReference
from connectors.webhooks.events import read_events
from hub.inbox import DELETED, StreamTaken, take_inbox
from hub.inbox_records import EventReading, event_reading
from hub.workplace import Hub
from storage.cross_references import cross_references
from storage.inbox import IncomingEvent, inbox_events, keep_events, put_back
from storage.pages import MappedPage, store_page
from storage.pulls import start_pull
from storage.quarantine import quarantined
from storage.schema.canonical import CANONICAL_TABLES
from storage.schema.columns import STILL_KNOWN
from storage.streams import stream_state
from tests.fakes.webhook_operator import NOW, done, job, webhook_hub

MINUTE = timedelta(minutes=1)
COMPLETIONS = CANONICAL_TABLES[FieldCompletion]


@pytest.fixture
def hub(tmp_path: Path, database_address: str) -> Iterator[Hub]:
    with webhook_hub(tmp_path, database_address) as opened:
        yield opened


def keep(hub: Hub, *events: dict[str, Any], system: str = "jobs", stream: str = "done") -> None:
    (mapping,) = hub.operator.mappings[system]
    assert mapping.webhook is not None
    for content in events:
        with hub.database.writing() as connection:
            for sent in read_events(json.dumps(content).encode(), mapping.webhook):
                keep_events(
                    connection, [IncomingEvent(system, stream, sent.event_id, NOW, NOW, sent.payload, sent.digest)]
                )


def take(hub: Hub, at: datetime = NOW) -> StreamTaken:
    (outcome,) = take_inbox(hub, at)
    return outcome


def tiers(hub: Hub) -> dict[str, str | None]:
    """Tier by work order, of what is known now."""
    with hub.database.reading() as connection:
        query = select(COMPLETIONS.c.work_order_id, COMPLETIONS.c.installed_offering_id)
        rows = connection.execute(query.where(COMPLETIONS.c.known_to == STILL_KNOWN)).all()
    assert len(rows) == len(dict(map(tuple, rows)))  # type: ignore[arg-type]
    return dict(map(tuple, rows))  # type: ignore[arg-type]


def states(hub: Hub) -> list[tuple[str, str, str]]:
    with hub.database.reading() as connection:
        return [(event.event_id, event.state, event.reason) for event in inbox_events(connection)][::-1]


def test_events_become_records_with_all_that_hangs_on_them(hub: Hub) -> None:
    keep(hub, done(1), done(2), done(3, tier=None, devices=[]))
    outcome = take(hub)
    assert (outcome.taken, outcome.rejected, outcome.counts.landed, outcome.fault) == (3, 0, 3, None)
    assert tiers(hub) == {"W1": "silver", "W2": "silver", "W3": None}
    with hub.database.reading() as connection:
        devices = {*connection.exec_driver_sql("SELECT serial FROM completion_material").scalars()}
        (reference,) = cross_references(connection, "serial", "ABCD00000002")
    assert devices == {"ABCD00000001", "ABCD00000002"}
    assert reference.source == SourceReference("jobs", "v1/done/devices", "W2#1")
    assert take_inbox(hub, NOW) == []


def test_an_older_event_that_comes_late_changes_nothing(hub: Hub) -> None:
    keep(hub, done(1, minute=20, tier=None))
    take(hub)
    keep(hub, done(1, minute=10))
    outcome = take(hub, NOW + MINUTE)
    assert (outcome.taken, outcome.counts.late, tiers(hub)) == (1, 1, {"W1": None})


def test_events_out_of_order_within_one_time_end_in_the_newest(hub: Hub) -> None:
    keep(hub, done(1, minute=20, tier=None), done(1, minute=10), done(1, minute=30), done(1, minute=25, tier=None))
    take(hub)
    assert tiers(hub) == {"W1": "silver"}


def test_an_event_that_cannot_be_used_is_set_aside_with_its_reason_and_the_others_are_taken(hub: Hub) -> None:
    keep(hub, done(1), done(2, tier="Platinum"), {"event": "e3"}, done(4))
    outcome = take(hub)
    assert (outcome.taken, outcome.rejected) == (2, 2)
    assert tiers(hub) == {"W1": "silver", "W4": "silver"}
    reasons = {event: reason for event, state, reason in states(hub) if state == "rejected"}
    assert "Platinum" in reasons["e2-0"]
    assert reasons["e3"] == "the event holds no job: job is missing"
    with hub.database.reading() as connection:
        (lying,) = quarantined(connection, "jobs", "done")
    assert (lying.landed_id, lying.payload) == ("W2", job(2, tier="Platinum"))


def test_what_was_rejected_is_taken_in_again_after_the_mapping_is_mended(
    tmp_path: Path, database_address: str
) -> None:
    with webhook_hub(tmp_path, database_address) as hub:
        keep(hub, done(1, tier="Platinum"))
        take(hub)
        assert tiers(hub) == {}
    mended = "{Silver: silver}=>{Silver: silver, Platinum: silver}"
    with webhook_hub(tmp_path, database_address, done=mended) as hub:
        with hub.database.writing() as connection:
            assert put_back(connection, None) == 1
        assert take(hub, NOW + MINUTE).taken == 1
        assert tiers(hub) == {"W1": "silver"}
        with hub.database.reading() as connection:
            assert quarantined(connection) == []
            (event,) = inbox_events(connection)
    assert (event.state, event.attempts, event.reason) == ("taken", 2, "")


def pull(hub: Hub, resume: str, deleted: tuple[str, ...] = ()) -> None:
    """A pull that brings nothing but deletions."""
    with hub.database.writing() as connection:
        pull_id = start_pull(connection, "jobs", "done", NOW)
        page = MappedPage("jobs", "done", pull_id, NOW, [], deleted=deleted, resume={"after": resume})
        store_page(connection, page)


def test_an_event_does_not_bring_back_what_the_source_has_deleted(hub: Hub) -> None:
    keep(hub, done(1), done(2))
    take(hub)
    pull(hub, "x", deleted=("W1",))
    keep(hub, done(1, minute=30), done(2, minute=30, tier=None))
    assert take(hub, NOW + MINUTE).taken == 2
    assert tiers(hub) == {"W2": None}
    assert ("e1-30", "taken", DELETED) in states(hub)


def test_taking_in_leaves_the_pulls_resume_point_and_freshness_alone(hub: Hub) -> None:
    pull(hub, "x")
    with hub.database.reading() as connection:
        before = stream_state(connection, "jobs", "done")
    keep(hub, done(1))
    take(hub)
    with hub.database.reading() as connection:
        after = stream_state(connection, "jobs", "done")
    assert (after.resume, after.last_success_at) == (before.resume, before.last_success_at)
    assert after.last_event_at == datetime.fromisoformat("2026-04-05T11:00:00Z")


def test_a_stream_that_fails_as_a_whole_waits_and_does_not_hold_up_the_others(hub: Hub) -> None:
    keep(hub, *({"event": f"e{number}", "job": {"id": f"W{number}"}} for number in range(6)))
    change = {"order": "N1", "version": 1, "state": "completed"}
    keep(hub, {"changes": [change]}, system="desk", stream="states")
    outcomes = {outcome.stream: outcome for outcome in take_inbox(hub, NOW)}
    assert outcomes["states"].taken == 1
    assert outcomes["done"].taken == 0
    assert "is in none of 6 records" in str(outcomes["done"].fault)
    waiting = [(state, reason) for event, state, reason in states(hub) if event.startswith("e")]
    assert len(waiting) == 6
    assert all(state == "received" and "is in none of 6" in reason for state, reason in waiting)


def test_a_defect_costs_one_stream_its_turn_and_loses_no_event(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken_for_jobs(of: Hub, system: str, stream: str) -> EventReading:
        if system == "jobs":
            raise KeyError("something that nobody thought of")
        return event_reading(of, system, stream)

    keep(hub, done(1))
    keep(hub, {"changes": [{"order": "N1", "version": 1, "state": "completed"}]}, system="desk", stream="states")
    with monkeypatch.context() as patched:
        patched.setattr("hub.inbox.event_reading", broken_for_jobs)
        outcomes = {outcome.stream: outcome for outcome in take_inbox(hub, NOW)}
    assert str(outcomes["done"].fault) == "a defect of Splice (KeyError): the log of the worker tells more"
    assert (outcomes["done"].taken, outcomes["states"].taken) == (0, 1)
    assert take(hub).taken == 1


def test_events_of_a_stream_that_takes_none_any_more_wait_and_say_so(tmp_path: Path, database_address: str) -> None:
    with webhook_hub(tmp_path, database_address) as hub:
        keep(hub, done(1))
    with webhook_hub(tmp_path, database_address, done="webhook: {event_id: event, record: job}=>") as hub:
        outcome = take(hub)
    assert "its webhook was removed" in str(outcome.fault)


def test_a_long_backlog_comes_in_pages(hub: Hub) -> None:
    keep(hub, [done(number) for number in range(2_300)])
    assert take_inbox(hub, NOW, most_pages=1)[0].taken == 1_000
    assert take_inbox(hub, NOW)[0].taken == 1_300
    assert len(tiers(hub)) == 2_300


def test_what_was_taken_long_ago_is_forgotten_and_its_record_stays(hub: Hub) -> None:
    keep(hub, done(1))
    take(hub)
    take_inbox(hub, NOW + timedelta(days=89))
    assert len(states(hub)) == 1
    take_inbox(hub, NOW + timedelta(days=91))
    assert states(hub) == []
    assert tiers(hub) == {"W1": "silver"}


def test_two_that_take_in_at_the_same_time_take_each_event_once(hub: Hub, database_address: str) -> None:
    keep(hub, [done(number, minute=number % 60) for number in range(1_500)])
    with ThreadPoolExecutor(2) as pool:
        outcomes = [one for both in pool.map(lambda _: take_inbox(hub, NOW), range(2)) for one in both]
    assert [str(outcome.fault) for outcome in outcomes if outcome.fault] == []
    assert sum(outcome.taken for outcome in outcomes) == 1_500
    assert sum(outcome.counts.changed for outcome in outcomes) == 3_000  # a completion and its device
    with hub.database.reading() as connection:
        events = inbox_events(connection, most=2_000)
    assert {(event.state, event.attempts) for event in events} == {("taken", 1)}
