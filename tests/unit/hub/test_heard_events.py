"""What is heard, as events: names, moments, octets, and what makes two of them one."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from connectors.mapping.plan import Hearing
from connectors.radius.accounting import AccountingRecord
from connectors.snmp.notifications import Notification
from hub.listening import accounting, traps
from hub.listening.traps import HeardStream

NOW = datetime(2026, 4, 5, 12, tzinfo=UTC)
GASP, TEXT = "1.3.6.1.4.1.664.5.38", "1.3.6.1.2.1.2.2.1.2"
TRAP = Notification("olt", "10.0.0.1", GASP, 123, 7, ((f"{TEXT}.12", b"ont 1/7"), (f"{TEXT}0.1", 5)))
START = AccountingRecord("bng", "10.0.0.9", {"Acct-Session-Id": "S-1", "Acct-Status-Type": "Start"})


def test_a_value_is_named_by_its_object_and_not_by_one_that_begins_alike() -> None:
    (event,) = traps.events_of(TRAP, [HeardStream("events", Hearing((), {TEXT: "what", "1.3.6.1.9": "other"}))], NOW)
    payload = json.loads(event.payload)
    assert payload["record"] == {
        "event_id": event.event_id,
        "kind": GASP,
        "sender": "10.0.0.1",
        "uptime": 123,
        "received_at": "2026-04-05T12:00:00+00:00",
        "what": "ont 1/7",
        "other": None,
    }
    assert payload["values"] == {f"{TEXT}.12": "ont 1/7", f"{TEXT}0.1": 5}


def test_a_stream_takes_its_kinds_and_what_stands_under_them() -> None:
    kinds = {"one": GASP, "under": "1.3.6.1.4.1.664.5", "no": f"{GASP}1"}
    heard = [HeardStream(name, Hearing((kind,))) for name, kind in kinds.items()]
    assert [event.stream for event in traps.events_of(TRAP, heard, NOW)] == ["one", "under"]


def test_a_copy_has_the_same_id_and_anything_else_another() -> None:
    others = [replace(TRAP, uptime=124), replace(TRAP, request_id=8), replace(TRAP, sender="10.0.0.2")]
    assert TRAP.digest == replace(TRAP).digest
    assert len({TRAP.digest, *(other.digest for other in others)}) == 4


def test_a_session_has_moments_and_whole_numbers_of_octets() -> None:
    values = {"Acct-Delay-Time": 10, "Acct-Session-Time": 60, "Acct-Input-Octets": 1, "Acct-Input-Gigawords": 3}
    fields = accounting.fields_of(replace(START, values={**START.values, **values}), NOW)
    assert fields["occurred_at"] == "2026-04-05T11:59:50+00:00"
    assert fields["started_at"] == "2026-04-05T11:58:50+00:00"
    assert (fields["input_octets"], fields["output_octets"]) == (3 * 2**32 + 1, 0)


def test_a_clock_that_is_far_off_is_not_believed() -> None:
    near, far = NOW - timedelta(hours=5), NOW - timedelta(days=400)
    for told, occurred in ((near, near), (far, NOW)):
        values = {**START.values, "Event-Timestamp": int(told.timestamp())}
        assert accounting.fields_of(replace(START, values=values), NOW)["occurred_at"] == occurred.isoformat()


def test_a_request_that_is_sent_again_is_known_by_all_but_its_delay() -> None:
    again = replace(START, values={**START.values, "Acct-Delay-Time": 5})
    other = replace(START, values={**START.values, "Acct-Session-Id": "S-2"})
    assert again.digest == START.digest != other.digest
