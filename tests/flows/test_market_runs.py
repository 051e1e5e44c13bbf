"""What a run leaves behind for people: its name, its state, its tasks, its artifacts."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from server_api import ServerApi

from canonical_model.errors import ConfigurationError
from flows.asked import MarketRequest, SourceRequest
from flows.reconcile_market import reconcile_market
from flows.run_market import run_market
from flows.sync_source import sync_source
from flows.work_pool import create_pools_and_limits
from hub.operator_folder.load import load_operator
from hub.reconcile import MarketOutcome
from tests.fakes.lumen_valley import LumenValley

pytestmark = [pytest.mark.xdist_group("prefect"), pytest.mark.usefixtures("reporting")]

ASKED_FOR_MESA = ("crm", "billing", "fsm", "newbill", "ms-sw-ciena")


@pytest.fixture(scope="module")
def outcome(reporting: None, operator: LumenValley) -> Any:
    """What the flow gives to who calls it."""
    create_pools_and_limits(load_operator(operator.folder).file)
    return run_market(MarketRequest(market="mesa", as_of=operator.estate.as_of))


@pytest.fixture(scope="module")
def run(outcome: Any, api: ServerApi) -> dict[str, Any]:
    del outcome
    return api.newest_run("run_market")


def test_a_run_is_named_for_what_it_does_and_its_state_says_what_came_of_it(
    run: dict[str, Any], outcome: MarketOutcome
) -> None:
    report = outcome.report
    assert (run["name"], run["state_type"], run["state_name"]) == ("run mesa", "COMPLETED", "Completed")
    said = run["state"]["message"].split(", ")
    assert (said[0], said[-1]) == (f"{len(report.findings)} findings", f"report {outcome.files.page.name}")
    assert report.findings


def test_its_tasks_are_batches_a_stream_each_one_judgement_and_one_assessment(
    run: dict[str, Any], api: ServerApi, operator: LumenValley
) -> None:
    pulls = pulls_of(operator, *ASKED_FOR_MESA)
    assert len(pulls) > 10
    tasks = api.tasks_of(run["id"], expected=len(pulls) + 2)
    assert set(tasks) == pulls | {"judge mesa", "assess mesa"}
    assert set(tasks.values()) == {"Completed"}


def test_it_leaves_the_pulls_the_money_and_the_reports(
    run: dict[str, Any], api: ServerApi, outcome: MarketOutcome
) -> None:
    artifacts = api.artifacts_of(run["id"])
    of_pulls = {f"{kind}-{system}" for kind in ("pull", "quality") for system in ASKED_FOR_MESA}
    assert of_pulls | {"summary-mesa", "report-mesa", "assessment-mesa"} == set(artifacts)
    assert "quality/fsm.html" in artifacts["quality-fsm"]["data"]
    assert all(key == key.lower() and "_" not in key for key in artifacts)
    assert str(outcome.files.page) in artifacts["report-mesa"]["data"]
    assert "mesa-assessment.html" in artifacts["assessment-mesa"]["data"]
    assert "Time to activation" in artifacts["assessment-mesa"]["data"]
    assert outcome.files.page.is_file()


def test_the_pulls_are_counted_by_stream(run: dict[str, Any], api: ServerApi, operator: LumenValley) -> None:
    lines = api.artifacts_of(run["id"])["pull-fsm"]["data"].splitlines()
    cells = [line.replace("\\", "").split(" | ") for line in lines if line[:1].isalpha()]
    assert {stream.replace("-", "_"): int(read.replace(",", "")) for stream, read, *_ in cells} == {
        feed: len(rows) for feed, rows in operator.running.books.field_service.items()
    }


def test_the_money_stands_by_direction_and_class_with_every_finding_once(
    run: dict[str, Any], api: ServerApi, outcome: MarketOutcome
) -> None:
    rows = _rows(api.artifacts_of(run["id"])["summary-mesa"])
    assert len({(row["direction"], row["class"]) for row in rows}) == len(rows)
    assert sum(row["findings"] for row in rows) == len(outcome.report.findings)
    assert all(row["exposure"].endswith("USD") or row["exposure"].startswith("USD") for row in rows)


@pytest.mark.usefixtures("outcome")
def test_a_pull_alone_reads_only_what_changed_since(operator: LumenValley, api: ServerApi) -> None:
    sync_source(SourceRequest(system="fsm", as_of=operator.estate.as_of))
    run = api.newest_run("sync_source")
    assert (run["name"], run["state_name"]) == ("pull fsm", "Completed")
    assert run["state"]["message"].startswith("fsm: ")
    assert ", 0 new or changed" in run["state"]["message"]


@pytest.mark.usefixtures("outcome")
def test_reports_are_linked_where_they_are_served(
    operator: LumenValley, api: ServerApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPLICE_REPORTS_URL", "http://127.0.0.1:4201/")
    reconcile_market(MarketRequest(market="mesa", as_of=operator.estate.as_of))
    run = api.newest_run("reconcile_market")
    assert run["name"] == "reconcile mesa"
    link = "(http://127.0.0.1:4201/mesa/mesa-2026-10.html)"
    assert link in api.artifacts_of(run["id"])["report-mesa"]["data"]


def test_a_record_that_is_set_aside_is_shown_with_its_reason(
    operator: LumenValley, api: ServerApi, tmp_path: Path, unknown_state: str
) -> None:
    sync_source(SourceRequest(system="fsm", as_of=operator.estate.as_of, workspace=tmp_path))
    run = api.newest_run("sync_source")
    assert run["state"]["message"].endswith(", 1 set aside")
    (row,) = _rows(api.artifacts_of(run["id"])["quarantine-fsm"])
    assert (row["stream"], row["record"]) == ("work-orders", unknown_state)
    assert "vanished" in row["reason"]


def test_a_wrong_secret_fails_the_run_with_what_to_mend_and_nothing_is_judged(
    operator: LumenValley, api: ServerApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LUMEN_VALLEY_CRM_SECRET", "wrong")
    with pytest.raises(ConfigurationError, match="login client_credentials refused"):
        run_market(MarketRequest(market="mesa", as_of=operator.estate.as_of, workspace=tmp_path))
    run = api.newest_run("run_market")
    assert (run["state_type"], run["state_name"]) == ("FAILED", "Failed")
    first, second = run["state"]["message"].splitlines()
    assert first.startswith("crm accounts, cases: ConfigurationError: crm: login client_credentials refused")
    assert second == "crm order-activities, orders, order-items, premises, price-exceptions: not tried after that"
    pulled = pulls_of(operator, "billing", "fsm", "newbill", "ms-sw-ciena")
    tasks = api.tasks_of(run["id"], expected=len(pulled) + 2)
    assert {name for name, state in tasks.items() if state == "Completed"} == pulled
    assert {path.parent.name for path in tmp_path.glob("reports/*/*")} == {"quality"}


def test_an_unknown_market_fails_the_run_and_names_the_nearest(operator: LumenValley, api: ServerApi) -> None:
    with pytest.raises(ConfigurationError):
        run_market(MarketRequest(market="messa", as_of=operator.estate.as_of))
    run = api.newest_run("run_market")
    assert run["state_name"] == "Failed"
    assert "there is no market 'messa'" in run["state"]["message"]
    assert "mesa" in run["state"]["message"].replace("messa", "")


@pytest.fixture
def unknown_state(operator: LumenValley) -> Iterator[str]:
    """The id of a work order whose state no mapping knows, while the test lasts."""
    row = operator.running.books.field_service["work_orders"][0]
    before = row["state"]
    row["state"] = "vanished"
    yield row["id"]
    row["state"] = before


def pulls_of(operator: LumenValley, *systems: str) -> set[str]:
    """Names of the tasks that pull these systems."""
    mappings = load_operator(operator.folder).mappings
    return {f"pull {mapping.stream} of {system}" for system in systems for mapping in mappings[system]}


def _rows(artifact: dict[str, Any]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(artifact["data"])
    return rows
