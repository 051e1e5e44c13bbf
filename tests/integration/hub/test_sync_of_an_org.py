"""Pulling the example operator's org: by job, with vanished records, after a renamed label."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from canonical_model.errors import UnsafeToContinue
from hub.sync import StreamOutcome, sync_stream
from hub.workplace import Hub
from simulated_estate.books import Row
from storage.extract import row_counts
from storage.streams import landed_ids
from tests.fakes.lumen_valley import LumenValley, change, lumen_valley

STREAMS = ("orders", "order-items", "price-exceptions")


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[LumenValley]:
    with lumen_valley(tmp_path / "operator") as running:
        yield running


def with_options(operator: LumenValley, options: str) -> None:
    """Set options of every stream of the org, in the system's block."""
    secrets = r"    secrets: {client_secret: env:LUMEN_VALLEY_CRM_SECRET}"
    change(operator.folder / "operator.yaml", secrets, f"    stream_options: {{{options}}}\n{secrets}")


def synced(operator: LumenValley, hub: Hub, hours: int = 0, *streams: str) -> dict[str, StreamOutcome]:
    now = operator.estate.as_of + timedelta(hours=hours)
    return {stream: sync_stream(hub, "crm", stream, now) for stream in streams or ("orders",)}


def counts(hub: Hub) -> dict[str, int]:
    with hub.database.reading() as connection:
        return dict(row_counts(connection))


def orders(operator: LumenValley) -> list[Row]:
    return operator.running.books.crm["Order"]


def stamp(operator: LumenValley, row: Row) -> None:
    """The row has changed just now."""
    row["SystemModstamp"] = operator.estate.as_of + timedelta(minutes=1)


def test_the_canonical_model_is_the_same_whether_it_came_by_rest_or_by_job(
    operator: LumenValley, tmp_path: Path
) -> None:
    with operator.hub(tmp_path / "rest") as hub:
        synced(operator, hub, 0, *STREAMS)
        by_rest = counts(hub)
    with_options(operator, "mode: bulk, bulk_page: 30")
    with operator.hub(tmp_path / "bulk") as hub:
        outcomes = synced(operator, hub, 0, *STREAMS)
        by_job = counts(hub)
    assert by_job == by_rest
    assert by_job["ProductOrder"] > 0 < by_job["ProductOrderItem"]
    assert not any(outcome.set_aside for outcome in outcomes.values())
    assert not any(outcomes[stream].warnings for stream in ("orders", "order-items"))


def test_a_pull_by_job_after_one_by_rest_changes_nothing(operator: LumenValley, tmp_path: Path) -> None:
    with operator.hub(tmp_path / "work") as hub:
        synced(operator, hub)
    for row in orders(operator):
        stamp(operator, row)
    with_options(operator, "mode: bulk, sweep_hours: never")
    with operator.hub(tmp_path / "work") as hub:
        again = synced(operator, hub, hours=1)["orders"]
    assert again.counts.read == sum(not row["IsDeleted"] for row in orders(operator))
    assert (again.counts.changed, again.counts.rejected) == (0, 0)


def test_records_that_vanished_without_a_mark_count_as_deleted_and_are_told(
    operator: LumenValley, tmp_path: Path
) -> None:
    with_options(operator, "sweep_hours: 0")
    with operator.hub(tmp_path / "work") as hub:
        synced(operator, hub)
        before = counts(hub)["ProductOrder"]
        gone = [orders(operator).pop(3)["Id"], orders(operator).pop(7)["Id"]]
        outcome = sync_stream(hub, "crm", "orders", operator.estate.as_of + timedelta(hours=1))
        assert counts(hub)["ProductOrder"] == before - 2
        with hub.database.reading() as connection:
            assert not set(gone) & landed_ids(connection, "crm", "orders")
    assert outcome.counts.deleted == 2
    told = f"2 records are gone from the source without a mark and count as deleted: {', '.join(sorted(gone))}"
    assert told in outcome.warnings


def test_without_a_sweep_a_record_that_vanished_stays(operator: LumenValley, tmp_path: Path) -> None:
    with operator.hub(tmp_path / "work") as hub:
        synced(operator, hub)
        before = counts(hub)["ProductOrder"]
        orders(operator).pop(3)
        outcome = sync_stream(hub, "crm", "orders", operator.estate.as_of + timedelta(hours=1))
        assert counts(hub)["ProductOrder"] == before
    assert not any("without a mark" in warning for warning in outcome.warnings)


def test_more_vanished_records_than_the_bound_stop_the_pull_and_keep_what_is_known(
    operator: LumenValley, tmp_path: Path
) -> None:
    with_options(operator, "sweep_hours: 0")
    with operator.hub(tmp_path / "work") as hub:
        synced(operator, hub)
        before = counts(hub)["ProductOrder"]
        rows = orders(operator)
        taken = len(rows) // 2
        for number in range(taken):  # as many new ones, so that the total tells nothing
            rows[number] = rows[number] | {"Id": f"801XX{number:010d}AAA"}
        with pytest.raises(UnsafeToContinue, match=rf"{taken} of \d+ known records are not in the source any more"):
            sync_stream(hub, "crm", "orders", operator.estate.as_of + timedelta(hours=1))
        with hub.database.reading() as connection:
            assert len(landed_ids(connection, "crm", "orders")) >= before
        with pytest.raises(UnsafeToContinue, match="known records are not in the source any more"):
            sync_stream(hub, "crm", "orders", operator.estate.as_of + timedelta(hours=2))


def test_a_renamed_status_label_changes_nothing(operator: LumenValley, tmp_path: Path) -> None:
    with operator.hub(tmp_path / "work") as hub:
        synced(operator, hub)
        for row in orders(operator):
            row["Status"] = f"Renamed {row['Status']}"
            stamp(operator, row)
        again = synced(operator, hub, hours=1)["orders"]
    assert again.counts.read == sum(not row["IsDeleted"] for row in orders(operator))
    assert (again.counts.changed, again.counts.rejected) == (0, 0)


def test_a_new_category_is_set_aside_with_its_word(operator: LumenValley, tmp_path: Path) -> None:
    with operator.hub(tmp_path / "work") as hub:
        synced(operator, hub)
        orders(operator)[5]["StatusCode"] = "Paused"
        stamp(operator, orders(operator)[5])
        again = synced(operator, hub, hours=1)["orders"]
    ((record, reason),) = again.set_aside
    assert record == orders(operator)[5]["Id"]
    assert "StatusCode" in reason


def test_a_field_that_appears_in_the_org_is_told_once(operator: LumenValley, tmp_path: Path) -> None:
    with operator.hub(tmp_path / "work") as hub:
        synced(operator, hub)
        for row in orders(operator):
            row["Channel__c"] = "web"
        again = synced(operator, hub, hours=1)["orders"]
        third = synced(operator, hub, hours=2)["orders"]
    assert "Order has new fields since the last pull: Channel__c" in again.warnings
    assert third.warnings == []
