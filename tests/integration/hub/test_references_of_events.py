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
