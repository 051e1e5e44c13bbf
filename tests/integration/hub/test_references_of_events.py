"""Events that refer to what nobody knows yet wait in quarantine, and come back once it is known."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from hub.inbox import take_inbox
from hub.reports.quality_page import render_quality_page
from hub.stream_quality import StreamQuality, quality_of
from hub.sync import sync_stream
from hub.workplace import Hub, open_hub
from storage.inbox import IncomingEvent, keep_events
from tests.fakes.books_operator import aside, records
from tests.fakes.trap_operator import DYING_GASP, ENVIRONMENT, trap_hub
from tests.fakes.webhook_operator import NOW

SYSTEM = """  crew:
    kind: sql
    role: field
    address: env:CREW
"""
INSTALLED = """
system: crew
stream: installed
market: "'oldtown'"
read:
  object: installed
  key: [serial]
  fields: {serial: text, job: text}
records:
  - entity: CompletionMaterial
    fields: {work_order_id: job, kind: "'ont'", serial: serial}
"""
SUITE = """
quality:
  NetworkEvent:
    - name: somebody installed it
      expectation: expect_column_values_to_be_known
      column: serial
      among: {entity: CompletionMaterial}
    - {name: at a port, expectation: expect_column_values_to_not_be_null, column: port, mostly: 0.9}
    - {name: many at once, expectation: expect_table_row_count_to_be_between, min_value: 100}
"""


@pytest.fixture
def hub(tmp_path: Path, database_address: str) -> Iterator[Hub]:
    with trap_hub(tmp_path, database_address):
        pass
    folder = tmp_path / "operator"
    operator, events = folder / "operator.yaml", folder / "mappings" / "events.yaml"
    operator.write_text(operator.read_text().replace("systems:\n", f"systems:\n{SYSTEM}"))
    events.write_text(events.read_text() + SUITE)
    (folder / "mappings" / "installed.yaml").write_text(INSTALLED)
    environment = ENVIRONMENT | {"OLT_DATABASE": database_address, "CREW": f"sqlite:///{tmp_path / 'crew.db'}"}
    with closing(sqlite3.connect(tmp_path / "crew.db")) as crew:
        crew.execute("CREATE TABLE installed (serial TEXT PRIMARY KEY, job)")
    with open_hub(folder, tmp_path / "work", environment) as opened:
        yield opened


def heard(hub: Hub, *serials: str) -> None:
    """Gasps of these devices lie in the inbox."""
    with hub.database.writing() as connection:
        for serial in serials:
            record: dict[str, Any] = {
                "event_id": f"e-{serial}",
                "kind": DYING_GASP,
                "what": f"1/1/1, ONT Serial No: {serial}, gone",
                "received_at": NOW.isoformat(),
            }
            event = IncomingEvent(
                "olt-a", "events", f"e-{serial}", NOW, None, json.dumps({"record": record}), f"digest of {serial}"
            )
            keep_events(connection, [event])


def installed(hub: Hub, *serials: str) -> None:
    with closing(sqlite3.connect(hub.environment["CREW"].removeprefix("sqlite:///"))) as crew, crew:
        crew.executemany("INSERT INTO installed VALUES (?, 'W1')", [(serial,) for serial in serials])


def test_an_event_of_a_stranger_waits_until_a_pull_brings_what_it_refers_to(hub: Hub) -> None:
    installed(hub, "ABCD00000001")
    sync_stream(hub, "crew", "installed", NOW)
    heard(hub, "ABCD00000001", "ABCD00000002", "ABCD00000003")
    (taken,) = take_inbox(hub, NOW)
    assert (taken.taken, taken.rejected, taken.fault) == (1, 2, None)
    assert {one.serial for one in records(hub, "NetworkEvent")} == {"ABCD00000001"}
    assert {one.expectation for one in aside(hub).values()} == {"somebody installed it"}

    installed(hub, "ABCD00000003")
    sync_stream(hub, "crew", "installed", NOW + timedelta(hours=1))
    assert {one.serial for one in records(hub, "NetworkEvent")} == {"ABCD00000001", "ABCD00000003"}
    assert set(aside(hub)) == {"e-ABCD00000002"}


def events(hub: Hub, days: int = 0) -> StreamQuality:
    found = quality_of(hub, "olt-a", NOW + timedelta(days=days)).streams
    return next(stream for stream in found if stream.mapping.stream == "events")


def found(stream: StreamQuality) -> dict[str, list[tuple[str, int, int]]]:
    """Verdict, judged and failed by day, the newest first."""
    return {
        check.name: [(one.judgement.verdict, one.judgement.evaluated, one.judgement.failed) for one in check.results]
        for check in stream.checks
    }


def test_what_expectations_find_in_events_is_kept_day_by_day_and_asks_no_share_of_them(hub: Hub) -> None:
    assert (events(hub).standing, found(events(hub))) == ("well", {})
    installed(hub, "ABCD00000001", "ABCD00000004")
    sync_stream(hub, "crew", "installed", NOW)
    for serial in ("ABCD00000001", "ABCD00000002", "ABCD00000003"):
        heard(hub, serial)
        take_inbox(hub, NOW)
    stream = events(hub)
    assert found(stream)["somebody installed it"] == [("set_aside", 3, 2)]
    assert (stream.standing, stream.held_back) == ("held_back", 2)
    # neither a share nor a count of rows is asked of records that come one by one
    assert found(stream).get("at a port", [("not_judged", 0, 0)])[0][0] == "not_judged"
    assert "many at once" not in found(stream)
    assert "from the inbox, by day" in render_quality_page(quality_of(hub, "olt-a", NOW))

    heard(hub, "ABCD00000004")
    take_inbox(hub, NOW + timedelta(days=1))
    assert found(events(hub, days=1))["somebody installed it"] == [("passed", 1, 0), ("set_aside", 3, 2)]
