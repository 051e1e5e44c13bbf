"""A stream without a cursor whose source says that nothing has changed: nothing is read, nothing counts as gone."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hub.stream_pull import StreamOutcome
from hub.sync import sync_stream
from hub.workplace import Hub, open_hub
from storage.extract import row_counts
from storage.streams import stream_state
from tests.fakes.paged_things import Things, serving, things
from tests.fakes.small_hub import MAPPING, SmallHub

NOW = datetime(2026, 4, 5, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def service() -> Things:
    return Things("cursor", is_tagged=True)


@pytest.fixture
def folder(tmp_path: Path, service: Things) -> Iterator[Path]:
    small = SmallHub(tmp_path)
    with serving(service) as server:
        operator = json.loads((small.folder / "operator.yaml").read_text())
        operator["systems"]["crm"] |= {"address": server.url, "options": {"login": "none"}}
        (small.folder / "operator.yaml").write_text(json.dumps(operator))
        write_mapping(small.folder, "id")
        yield small.folder


def write_mapping(folder: Path, expression: str) -> None:
    text = MAPPING.format(system="crm").replace("{rows: data}", "{rows: data, position_parameter: offset}")
    text = text.replace("key: [id]", "key: [id]\n  page_size: 3").replace(
        "account_number: id", f'account_number: "{expression}"'
    )
    (folder / "mappings" / "crm.yaml").write_text(text)


@pytest.fixture
def hub(folder: Path, tmp_path: Path) -> Iterator[Hub]:
    with open_hub(folder, tmp_path / "work", {}) as opened:
        yield opened


def pull(hub: Hub, at: datetime) -> StreamOutcome:
    return sync_stream(hub, "crm", "all", at)


def held(hub: Hub) -> int:
    with hub.database.reading() as connection:
        return row_counts(connection).get("BillingAccount", 0)


def test_nothing_is_read_and_nothing_is_gone(hub: Hub, service: Things) -> None:
    assert pull(hub, NOW).counts.read == 7
    service.asked.clear()
    outcome = pull(hub, NOW + HOUR)
    assert (outcome.counts.read, outcome.counts.deleted, held(hub)) == (0, 0, 7)
    assert {status for status, _ in service.asked} == {304}
    with hub.database.reading() as connection:
        assert stream_state(connection, "crm", "all").last_success_at == NOW + HOUR


def test_what_changes_comes_and_what_vanishes_goes(hub: Hub, service: Things) -> None:
    pull(hub, NOW)
    pull(hub, NOW + HOUR)
    service.rows[:] = [*things(2, 3, 4, 5, 6, 7), *things(8)]
    outcome = pull(hub, NOW + 2 * HOUR)
    assert (outcome.counts.read, outcome.counts.deleted, held(hub)) == (7, 1, 7)
    assert pull(hub, NOW + 3 * HOUR).counts.read == 0


def test_a_mended_mapping_reads_everything_again(hub: Hub, folder: Path, service: Things, tmp_path: Path) -> None:
    pull(hub, NOW)
    write_mapping(folder, "CONCAT('9', id)")
    with open_hub(folder, tmp_path / "work", {}) as mended:
        outcome = pull(mended, NOW + HOUR)
        assert (outcome.counts.read, outcome.counts.changed) == (7, 7)


def test_a_pull_that_was_not_finished_spares_nothing(hub: Hub, service: Things) -> None:
    pull(hub, NOW)
    service.rows[0]["name"] = "changed"

    class BreakError(Exception):
        pass

    def stop(_outcome: StreamOutcome) -> None:
        raise BreakError

    with pytest.raises(BreakError):
        sync_stream(hub, "crm", "all", NOW + HOUR, stop)
    assert pull(hub, NOW + 2 * HOUR).counts.read == 7
