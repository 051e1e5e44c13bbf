"""What a person does about records in quarantine: look, let out, mend the mapping and try them again."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from canonical_model.errors import ConfigurationError, UnsafeToContinue
from hub.decision import Decision
from hub.quarantine import in_quarantine, one_in_quarantine, release_records, retry_records
from hub.sync import sync_stream
from hub.workplace import Hub
from storage.cross_references import cross_references
from storage.pulls import start_pull
from storage.schema.audit import AUDIT
from storage.schema.canonical import CANONICAL_TABLES
from storage.schema.columns import STILL_KNOWN
from storage.schema.synchronisation import PULL
from storage.streams import stream_states
from tests.fakes.lumen_valley import LumenValley, change, lumen_valley


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[LumenValley]:
    with lumen_valley(tmp_path / "operator", subscribers=40) as running:
        yield running


@pytest.fixture
def hub(operator: LumenValley, tmp_path: Path) -> Iterator[Hub]:
    with operator.hub(tmp_path / "work") as opened:
        yield opened


@pytest.fixture
def bills(operator: LumenValley, hub: Hub) -> list[dict[str, Any]]:
    """The bills of the estate after a pull; the first two are in a state that no mapping knows, and in quarantine."""
    rows = operator.running.books.billing["bills"]
    for row in rows[:2]:
        row["status"] = "PARKED"
    sync_stream(hub, "billing", "bills", operator.estate.as_of)
    return rows


@pytest.fixture
def mended(operator: LumenValley, hub: Hub, bills: list[dict[str, Any]]) -> Iterator[Hub]:
    """The hub with a mapping that knows the state."""
    change(operator.folder / "mappings" / "billing-bills.yaml", "PAID: settled}", "PAID: settled, PARKED: onHold}")
    with operator.hub(hub.workspace) as opened:
        yield opened


def decision(operator: LumenValley, why: str = "the state is known now") -> Decision:
    return Decision("ana", operator.estate.as_of + timedelta(hours=1), why)


def held(hub: Hub, entity: str = "CustomerBill") -> dict[str, Any]:
    """Current records of an entity by source id."""
    table = next(table for kind, table in CANONICAL_TABLES.items() if kind.__name__ == entity)
    with hub.database.reading() as connection:
        rows = connection.execute(select(table).where(table.c.known_to == STILL_KNOWN)).all()
    return {row.source_id: row for row in rows}


def notes(hub: Hub) -> list[Any]:
    with hub.database.reading() as connection:
        return list(connection.execute(select(AUDIT)))


def rows_of(hub: Hub, table: Any) -> list[Any]:
    with hub.database.reading() as connection:
        return list(connection.execute(select(table)))


def streams(hub: Hub) -> list[Any]:
    with hub.database.reading() as connection:
        return stream_states(connection)


def test_a_record_gets_another_chance_when_its_mapping_is_mended(
    operator: LumenValley, mended: Hub, bills: list[dict[str, Any]]
) -> None:
    first, second = (row["billNumber"] for row in bills[:2])
    before = streams(mended), rows_of(mended, PULL)
    retried = retry_records(mended, "billing", "bills", [], decision(operator))

    assert (sorted(retried.accepted), retried.refused) == (sorted([first, second]), [])
    assert in_quarantine(mended) == []
    assert held(mended)[first].state == "onHold"
    assert len(held(mended)) == len(bills)
    with mended.database.reading() as connection:
        account = held(mended)[first].account_number
        known = {one.source.id for one in cross_references(connection, "account_number", account)}
    assert first in known
    assert (streams(mended), rows_of(mended, PULL)) == before
    (note,) = notes(mended)
    assert (note.actor, note.action, note.subject) == ("ana", "quarantine.retry", "billing.bills")
    assert json.loads(note.detail) == {
        "accepted": retried.accepted,
        "refused": [],
        "why": "the state is known now",
    }


def test_only_those_that_are_named_are_tried(operator: LumenValley, mended: Hub, bills: list[dict[str, Any]]) -> None:
    first, second = (row["billNumber"] for row in bills[:2])
    assert retry_records(mended, "billing", "bills", [first], decision(operator)).accepted == [first]
    assert [one.landed_id for one in in_quarantine(mended)] == [second]


def test_a_record_that_is_still_refused_stays_with_the_reason_of_now(
    operator: LumenValley, hub: Hub, bills: list[dict[str, Any]]
) -> None:
    before = in_quarantine(hub)
    change(operator.folder / "mappings" / "billing-bills.yaml", "total_minor: total", "total_minor: MONEY(status, 2)")
    with operator.hub(hub.workspace) as worse:
        retried = retry_records(worse, "billing", "bills", [], decision(operator))
    assert retried.accepted == []
    assert all("total_minor" in reason for _, reason in retried.refused)
    after = in_quarantine(hub)
    assert {one.reason for one in after} == {reason for _, reason in retried.refused}
    assert [(one.landed_id, one.first_seen_at, one.last_seen_at) for one in after] == [
        (one.landed_id, one.first_seen_at, one.last_seen_at) for one in before
    ]
    assert len(held(hub)) == len(bills) - 2


def test_a_record_that_its_source_sends_again_later_is_just_the_next_version(
    operator: LumenValley, mended: Hub, bills: list[dict[str, Any]]
) -> None:
    retry_records(mended, "billing", "bills", [], decision(operator))
    again = sync_stream(mended, "billing", "bills", operator.estate.as_of + timedelta(hours=2))
    assert again.counts.changed == 0
    bills[0] |= {"status": "PAID", "modified": operator.estate.as_of.isoformat()}
    sync_stream(mended, "billing", "bills", operator.estate.as_of + timedelta(hours=3))
    assert held(mended)[bills[0]["billNumber"]].state == "settled"


def test_a_pull_under_way_is_not_disturbed(operator: LumenValley, mended: Hub, bills: list[dict[str, Any]]) -> None:
    with mended.database.writing() as connection:
        running = start_pull(connection, "billing", "bills", operator.estate.as_of)
    assert retry_records(mended, "billing", "bills", [], decision(operator)).accepted
    assert [(pull.id, pull.outcome) for pull in rows_of(mended, PULL)][-1] == (running, "running")


def test_a_device_was_seen_when_it_was_pulled_and_not_when_it_was_tried_again(
    operator: LumenValley, tmp_path: Path
) -> None:
    serial = operator.running.books.network["rb-olt-calix"][0].serial
    change(
        operator.folder / "mappings" / "network-devices.yaml",
        "  operational_state: operational_state\n",
        f"  operational_state: CASE WHEN serial = '{serial}' THEN 'odd' ELSE operational_state END\n",
    )
    with operator.hub(tmp_path / "work") as odd:
        sync_stream(odd, "rb-olt-calix", "devices", operator.estate.as_of)
        assert [one.landed_id for one in in_quarantine(odd)] == [serial]
    change(operator.folder / "mappings" / "network-devices.yaml", "THEN 'odd'", "THEN 'down'")
    with operator.hub(tmp_path / "work") as mended:
        later = Decision("ana", operator.estate.as_of + timedelta(days=9))
        assert retry_records(mended, "rb-olt-calix", "devices", [], later).accepted == [serial]
        observed = held(mended, "NetworkObservation")[serial].observed_at
    assert abs(observed - operator.estate.as_of) < timedelta(seconds=1)


def test_what_lay_in_quarantine_alone_leaves_it_when_the_source_holds_it_no_more(
    operator: LumenValley, tmp_path: Path
) -> None:
    mapping = operator.folder / "mappings" / "network-devices.yaml"
    odd_state = "CASE WHEN port IS NOT NULL THEN 'odd' ELSE 'up' END"
    change(mapping, "  operational_state: operational_state\n", f"  operational_state: {odd_state}\n")
    devices = operator.running.books.network["ms-sw-ciena"]
    with operator.hub(tmp_path / "work") as odd, pytest.raises(UnsafeToContinue):
        sync_stream(odd, "ms-sw-ciena", "devices", operator.estate.as_of)
    change(mapping, odd_state, "operational_state")
    gone = devices.pop().serial
    with operator.hub(tmp_path / "work") as mended:
        assert gone in {one.landed_id for one in in_quarantine(mended)}
        sync_stream(mended, "ms-sw-ciena", "devices", operator.estate.as_of)
        assert in_quarantine(mended) == []


def test_a_release_needs_a_reason_and_is_all_or_nothing(
    operator: LumenValley, hub: Hub, bills: list[dict[str, Any]]
) -> None:
    first = bills[0]["billNumber"]
    with pytest.raises(ConfigurationError, match="needs a reason"):
        release_records(hub, "billing", "bills", [first], decision(operator, " "))
    with pytest.raises(ConfigurationError, match=r"not in quarantine of billing\.bills: 'RB0000'"):
        release_records(hub, "billing", "bills", [first, "RB0000"], decision(operator))
    assert len(in_quarantine(hub)) == 2
    release_records(hub, "billing", "bills", [first], decision(operator, "a test bill"))
    assert [one.landed_id for one in in_quarantine(hub)] == [bills[1]["billNumber"]]
    assert json.loads(notes(hub)[0].detail) == {"landed_ids": [first], "why": "a test bill"}


def test_what_is_not_there_is_named_with_the_nearest(hub: Hub, bills: list[dict[str, Any]]) -> None:
    number = bills[0]["billNumber"]
    with pytest.raises(ConfigurationError, match=f"nearest: {number}"):
        one_in_quarantine(hub, "billing", "bills", f"{number}x")
    with pytest.raises(ConfigurationError, match="there is no system 'biling'; nearest: billing"):
        in_quarantine(hub, "biling")
    with pytest.raises(ConfigurationError, match="has no stream 'bill'; nearest: bills"):
        in_quarantine(hub, "billing", "bill")
    assert in_quarantine(hub, "crm") == []
