"""Flows on a Prefect server of our own: they run, leave artifacts, are deployed unattended, and schedules fire."""

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from flows.reporting import reporting_to
from flows.server import LocalServer, local_server
from flows.work_pool import create_pool_and_limits, deploy_all
from hub.operator_folder.load import load_operator
from tests.fakes.lumen_valley import FOLDER, LumenValley, lumen_valley

PROJECT = Path(__file__).parents[2]
pytestmark = pytest.mark.xdist_group("prefect")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalServer]:
    with local_server(tmp_path_factory.mktemp("prefect")) as running:
        yield running


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LumenValley]:
    with lumen_valley(tmp_path_factory.mktemp("lumen") / "operator") as running:
        yield running


def ask(server: LocalServer, path: str, question: dict[str, object]) -> object:
    return httpx.post(f"{server.api_url}/{path}", json=question, trust_env=False).raise_for_status().json()


def test_a_market_runs_and_leaves_what_people_open(server: LocalServer, operator: LumenValley, tmp_path: Path) -> None:
    with reporting_to(server, operator.environment):
        from flows.asked import MarketRequest
        from flows.run_market import run_market

        request = MarketRequest(
            operator=operator.folder, workspace=tmp_path / "work", as_of=operator.estate.as_of, market="mesa"
        )
        state = run_market(request, return_state=True)
    assert state.is_completed(), state.message
    runs = ask(server, "flow_runs/filter", {})
    assert isinstance(runs, list)
    assert [(run["name"], run["state_type"]) for run in runs] == [("run mesa", "COMPLETED")]
    artifacts = ask(server, "artifacts/latest/filter", {})
    assert isinstance(artifacts, list)
    keys = {artifact["key"] for artifact in artifacts}
    assert {"summary-mesa", "report-mesa", "pull-billing", "pull-ms-sw-ciena"} <= keys
    assert list((tmp_path / "work" / "reports" / "mesa").glob("mesa-*.xlsx"))


def test_a_wrong_setting_fails_the_run_at_once_with_its_message(
    server: LocalServer, operator: LumenValley, tmp_path: Path
) -> None:
    environment = operator.environment | {"LUMEN_VALLEY_FSM_KEY": "wrong"}
    with reporting_to(server, environment):
        from flows.asked import SourceRequest
        from flows.sync_source import sync_source

        request = SourceRequest(operator=operator.folder, workspace=tmp_path, as_of=operator.estate.as_of, system="fsm")
        began = time.monotonic()
        state = sync_source(request, return_state=True)
    assert state.is_failed()
    assert "ConfigurationError" in str(state.message)
    assert "wrong" not in str(state.message).replace("wrong key", "")
    assert time.monotonic() - began < 15, "a setting to mend must not be tried again"


def test_everything_deploys_unattended_and_schedules_fire(server: LocalServer, operator: LumenValley) -> None:
    with reporting_to(server, operator.environment):
        create_pool_and_limits(load_operator(FOLDER).file)
    deploy_all(server, PROJECT / "prefect.yaml", operator.environment)
    deployments = ask(server, "deployments/filter", {})
    assert isinstance(deployments, list)
    assert {"run-riverbend", "run-mesa", "run-northshore"} <= {each["name"] for each in deployments}
    scheduled = {"flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}}}
    deadline = time.monotonic() + 60
    while not ask(server, "flow_runs/count", scheduled):
        assert time.monotonic() < deadline, "no schedule fired: the pins of fastapi and sqlalchemy do not hold"
        time.sleep(1)


def test_the_page_of_the_server_calls_nobody(server: LocalServer) -> None:
    settings = httpx.get(f"{server.ui_url}/ui-settings", trust_env=False).raise_for_status().text
    page = httpx.get(server.ui_url, trust_env=False, follow_redirects=True).raise_for_status().text
    for foreign in ("amplitude", "prefect.cloud", "sens-o-matic"):
        assert foreign not in settings
        assert foreign not in page
