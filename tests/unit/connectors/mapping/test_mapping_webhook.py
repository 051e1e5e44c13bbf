"""The part of a mapping that says where things stand in what a system sends by itself."""

from dataclasses import replace

from small_mapping import JOBS, LEDGER, LINES, faults_of, mapping_of

from connectors.webhooks.events import EventShape

SENDING = replace(LEDGER, sends=True)
SENT = LINES + "webhook: {events: items, event_id: event.id, record: line}\n"


def test_a_mapping_says_where_events_ids_and_records_stand() -> None:
    assert mapping_of(SENT, SENDING).webhook == EventShape("items", "event.id", "line")
    assert mapping_of(LINES, SENDING).webhook is None


def test_a_system_that_says_nothing_of_its_signature_is_a_fault() -> None:
    (fault,) = faults_of(SENT)
    assert "webhook: needs systems.ledger.webhook in operator.yaml" in fault


def test_a_stream_without_a_cursor_takes_no_events() -> None:
    (fault,) = faults_of(JOBS + "webhook: {event_id: id}\n", systems=[SENDING])
    assert "webhook: needs read.cursor" in fault


def test_an_unknown_word_names_the_nearest() -> None:
    (fault,) = faults_of(LINES + "webhook: {event_ids: id}\n", systems=[SENDING])
    assert "webhook.event_ids: unknown key; nearest: event_id" in fault
