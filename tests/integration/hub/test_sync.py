"""Pulling the example operator: complete, incremental, bounded, and clear about what is wrong."""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from canonical_model.errors import ConfigurationError, RetryableError, UnsafeToContinue
from hub.stream_pull import StreamOutcome
from hub.sync import settings_of, sync_stream, sync_system
from hub.workplace import Hub
from storage.extract import row_counts
from storage.quarantine import quarantined
from storage.schema.synchronisation import PULL
from storage.streams import stream_state
from tests.fakes.lumen_valley import LumenValley, change, lumen_valley

MOSTLY_FREE = """quality:
  ChargeLine:
    - name: most lines are free
      expectation: expect_column_values_to_be_between
      column: amount_minor
      max_value: 0
      mostly: 0.9
"""


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


def test_what_stopped_a_pull_can_be_looked_at_and_leaves_when_the_source_is_mended(
    operator: LumenValley, hub: Hub
) -> None:
    lines = operator.running.books.billing["charge_lines"]
    before = [line["coverFrom"] for line in lines]
    for line in lines[::2]:
        line["coverFrom"] = "31/02/2026"
    with pytest.raises(UnsafeToContinue, match="`splice quarantine list billing charge-lines`"):
        sync_stream(hub, "billing", "charge-lines", operator.estate.as_of)
    with hub.database.reading() as connection:
        aside = quarantined(connection, "billing", "charge-lines")
        assert stream_state(connection, "billing", "charge-lines").resume is None
    assert {one.landed_id for one in aside} == {line["lineId"] for line in lines[::2]}
    assert all("coverFrom" in one.reason and one.payload["coverFrom"] == "31/02/2026" for one in aside)

    for line, day in zip(lines, before, strict=True):
        line["coverFrom"] = day
    sync_stream(hub, "billing", "charge-lines", operator.estate.as_of)
    with hub.database.reading() as connection:
        assert quarantined(connection) == []
    assert lines_held(hub) == len(lines)


def test_twenty_of_twenty_bad_records_stop_the_pull(operator: LumenValley, hub: Hub) -> None:
    lines = operator.running.books.billing["charge_lines"]
    del lines[20:]
    for line in lines:
        line["amount"] = "many"
    with pytest.raises(UnsafeToContinue, match="20 of 20 records cannot be used, more than 50 %"):
        sync_stream(hub, "billing", "charge-lines", operator.estate.as_of)


def test_records_that_fail_a_page_as_a_whole_lie_in_quarantine(operator: LumenValley, hub: Hub) -> None:
    mapping = operator.folder / "mappings" / "billing-charge-lines.yaml"
    mapping.write_text(f"{mapping.read_text('utf-8').partition('quality:')[0]}{MOSTLY_FREE}", encoding="utf-8")
    with operator.hub(hub.workspace) as changed, pytest.raises(UnsafeToContinue, match="'most lines are free'"):
        sync_stream(changed, "billing", "charge-lines", operator.estate.as_of)
    with hub.database.reading() as connection:
        aside = quarantined(connection)
    assert len(aside) > 100
    assert {one.expectation for one in aside} == {"most lines are free"}
    assert lines_held(hub) == 0


def test_a_record_from_the_far_future_hides_no_later_change(operator: LumenValley, hub: Hub) -> None:
    lines = operator.running.books.billing["charge_lines"]
    lines[7]["modified"] = "9999-12-31T00:00:00Z"
    first = sync_stream(hub, "billing", "charge-lines", operator.estate.as_of)
    assert first.counts.changed == len(lines)
    (told,) = (warning for warning in first.warnings if "future" in warning)
    assert told.startswith(f"1 records lie in the future by modified, {lines[7]['lineId']} first: they are taken")
    with hub.database.reading() as connection:
        watermark = stream_state(connection, "billing", "charge-lines").last_event_at
    assert watermark is not None
    assert watermark <= operator.estate.as_of

    lines[3] |= {"amount": "1.11", "modified": operator.estate.as_of.isoformat()}
    lines[7] |= {"amount": "2.22", "modified": operator.estate.as_of.isoformat()}
    again = sync_stream(hub, "billing", "charge-lines", operator.estate.as_of + timedelta(hours=1))
    assert (again.counts.changed, again.counts.late) == (2, 0)


def pulls(hub: Hub) -> list[Any]:
    with hub.database.reading() as connection:
        return list(connection.execute(select(PULL).order_by(PULL.c.id)))


def test_a_pull_ends_later_than_it_began_also_as_of_another_moment(operator: LumenValley, hub: Hub) -> None:
    began = time.monotonic()
    sync_stream(hub, "billing", "bills", operator.estate.as_of)
    took = timedelta(seconds=time.monotonic() - began)
    (pull,) = pulls(hub)
    assert pull.started_at == operator.estate.as_of
    assert timedelta(0) < pull.finished_at - pull.started_at <= took


def test_a_pull_that_somebody_interrupts_is_not_left_running(operator: LumenValley, hub: Hub) -> None:
    def interrupt(outcome: StreamOutcome) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sync_stream(hub, "billing", "bills", operator.estate.as_of, interrupt)
    (pull,) = pulls(hub)
    assert (pull.outcome, pull.message) == ("failed", "KeyboardInterrupt")
    assert pull.finished_at > pull.started_at


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


def test_an_option_for_all_streams_may_be_a_reference(operator: LumenValley, tmp_path: Path) -> None:
    change(operator.folder / "operator.yaml", "total_counts: whole\n", "total_counts: env:HOW_BILLING_COUNTS\n")
    operator.environment["HOW_BILLING_COUNTS"] = "whole"
    with operator.hub(tmp_path / "work") as hub:
        assert settings_of(hub, "billing").options["total_counts"] == "whole"
        assert sync_stream(hub, "billing", "disputes", operator.estate.as_of).source_total is not None


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
