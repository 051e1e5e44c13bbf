"""Pulling the example operator: complete, incremental, bounded, and clear about what is wrong."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from canonical_model.errors import ConfigurationError, RetryableError, UnsafeToContinue
from hub.sync import sync_stream, sync_system
from hub.workplace import Hub
from storage.extract import row_counts
from storage.streams import stream_state
from tests.fakes.lumen_valley import LumenValley, change, lumen_valley


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[LumenValley]:
    with lumen_valley(tmp_path / "operator") as running:
        yield running


@pytest.fixture
def hub(operator: LumenValley, tmp_path: Path) -> Iterator[Hub]:
    with operator.hub(tmp_path / "work") as opened:
        yield opened


def lines_held(hub: Hub) -> int:
    with hub.database.reading() as connection:
        return row_counts(connection)["ChargeLine"]


def test_every_record_of_billing_arrives_once(operator: LumenValley, hub: Hub) -> None:
    outcomes = sync_system(hub, "billing", operator.estate.as_of)
    by_stream = {outcome.stream: outcome for outcome in outcomes}
    assert by_stream["charge-lines"].counts.read == len(operator.estate.books.billing["charge_lines"])
    assert lines_held(hub) == len(operator.estate.books.billing["charge_lines"])
    assert not any(outcome.set_aside for outcome in outcomes)


def test_a_second_pull_changes_nothing(operator: LumenValley, hub: Hub) -> None:
    sync_system(hub, "billing", operator.estate.as_of)
    with hub.database.reading() as connection:
        before = row_counts(connection)
    again = sync_system(hub, "billing", operator.estate.as_of + timedelta(hours=1))
    with hub.database.reading() as connection:
        assert row_counts(connection) == before
    assert sum(outcome.counts.changed for outcome in again) == 0


def test_only_what_changed_is_read_again(operator: LumenValley, hub: Hub) -> None:
    sync_stream(hub, "billing", "charge-lines", operator.estate.as_of)
    rows = operator.running.books.billing["charge_lines"]
    late = rows[0] | {"lineId": "RB2610-LATE", "modified": "2026-11-05T11:00:00Z"}
    rows.append(late)
    outcome = sync_stream(hub, "billing", "charge-lines", operator.estate.as_of)
    assert outcome.counts.read < len(rows)
    assert outcome.counts.changed == 1


def test_a_source_that_shrank_by_half_stops_the_pull_and_keeps_what_is_known(operator: LumenValley, hub: Hub) -> None:
    sync_stream(hub, "billing", "charge-lines", operator.estate.as_of)
    held = lines_held(hub)
    rows = operator.running.books.billing["charge_lines"]
    del rows[: len(rows) // 2]
    with pytest.raises(UnsafeToContinue, match=r"billing\.charge-lines: the source holds .* more than 20 %"):
        sync_stream(hub, "billing", "charge-lines", operator.estate.as_of)
    assert lines_held(hub) == held


def test_an_empty_feed_is_not_believed(operator: LumenValley, hub: Hub) -> None:
    sync_stream(hub, "billing", "charge-lines", operator.estate.as_of)
    operator.running.books.billing["charge_lines"].clear()
    with pytest.raises(UnsafeToContinue, match="the source holds 0 records"):
        sync_stream(hub, "billing", "charge-lines", operator.estate.as_of)


def test_an_amount_with_three_decimals_is_set_aside_with_its_reason(operator: LumenValley, hub: Hub) -> None:
    operator.running.books.billing["charge_lines"][3]["amount"] = "54.995"
    outcome = sync_stream(hub, "billing", "charge-lines", operator.estate.as_of)
    (record, reason), *others = outcome.set_aside
    assert record == operator.running.books.billing["charge_lines"][3]["lineId"]
    assert "amount" in reason
    assert not others
    assert outcome.counts.rejected == 1


def test_a_serial_in_an_unknown_spelling_is_set_aside(operator: LumenValley, hub: Hub) -> None:
    completion = operator.running.books.field_service["completions"][2]
    completion["devices"][0]["serial"] = "label unreadable"
    outcome = sync_stream(hub, "fsm", "completions", operator.estate.as_of)
    assert [record for record, _ in outcome.set_aside] == [completion["id"]]
    assert "serial" in outcome.set_aside[0][1]


def test_too_many_unusable_records_stop_the_pull_before_the_page_is_stored(operator: LumenValley, hub: Hub) -> None:
    for line in operator.running.books.billing["charge_lines"][::4]:
        line["coverFrom"] = "31/02/2026"
    with pytest.raises(UnsafeToContinue, match=r"records cannot be used, more than 2 %. One of the reasons: .*cover"):
        sync_stream(hub, "billing", "charge-lines", operator.estate.as_of)
    assert lines_held(hub) == 0


def test_a_field_that_vanished_from_the_org_is_named_with_its_neighbours(operator: LumenValley, hub: Hub) -> None:
    for row in operator.running.books.crm["Account"]:
        row["AccountNo"] = row.pop("AccountNumber")
    with pytest.raises(ConfigurationError, match="AccountNumber") as told:
        sync_stream(hub, "crm", "accounts", operator.estate.as_of)
    assert "AccountNo" in str(told.value)


def test_a_changed_wsdl_names_what_it_misses(operator: LumenValley, hub: Hub) -> None:
    operator.running.set_faults("billing:rename=coverFrom")
    with pytest.raises(ConfigurationError, match="coverFrom is not in the WSDL"):
        sync_system(hub, "billing", operator.estate.as_of)


def test_a_wrong_secret_is_a_setting_to_mend_and_never_shown(operator: LumenValley, tmp_path: Path) -> None:
    operator.environment["LUMEN_VALLEY_BILLING_PASSWORD"] = "not-the-password"
    with operator.hub(tmp_path / "work") as hub, pytest.raises(ConfigurationError) as told:
        sync_stream(hub, "billing", "bills", operator.estate.as_of)
    assert "not-the-password" not in str(told.value)


def test_a_missing_variable_is_named(operator: LumenValley, tmp_path: Path) -> None:
    del operator.environment["LUMEN_VALLEY_FSM_KEY"]
    with (
        operator.hub(tmp_path / "work") as hub,
        pytest.raises(
            ConfigurationError, match=r"systems\.fsm\.secrets\.api_key: .* LUMEN_VALLEY_FSM_KEY is not set"
        ),
    ):
        sync_stream(hub, "fsm", "completions", operator.estate.as_of)


def test_an_unreachable_system_may_be_tried_again_later(operator: LumenValley, tmp_path: Path) -> None:
    change(operator.folder / "operator.yaml", r"(  fsm:\n.*?role: field\n)", r"\1    timeout_s: 1\n")
    operator.environment["LUMEN_VALLEY_FSM"] = "http://127.0.0.1:9"
    with operator.hub(tmp_path / "work") as hub, pytest.raises(RetryableError):
        sync_stream(hub, "fsm", "completions", operator.estate.as_of)
    with operator.hub(tmp_path / "work") as hub, hub.database.reading() as connection:
        assert stream_state(connection, "fsm", "completions").last_success_at is None


def test_an_unknown_system_or_stream_names_the_nearest(hub: Hub, operator: LumenValley) -> None:
    with pytest.raises(ConfigurationError, match="nearest: billing"):
        sync_system(hub, "biling", operator.estate.as_of)
    with pytest.raises(ConfigurationError, match="nearest: charge-lines"):
        sync_stream(hub, "billing", "charge-line", operator.estate.as_of)
