"""An acquisition in the Prefect UI: a run that waits without a process, persons who begin and sign a wave."""

import os
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from server_api import Deploy, ServerApi
from ui_form import answer_form

from flows.reporting import reporting_to
from flows.server import PrefectServer
from flows.server_settings import REPORTS_VARIABLE
from flows.work_pool import create_pools_and_limits, worker
from hub.acquisition.leading import wave_standings
from hub.acquisition.proposing import propose
from hub.identity.match import match
from hub.operator_folder.load import load_operator
from hub.reconcile import reconcile_market
from hub.sync import sync_system, systems_of
from hub.workplace import open_hub
from identity.settings import SUBJECTS
from tests.fakes.acquired_estate import (
    LATER,
    MARKET,
    MONTHS,
    RIGHT,
    SEED,
    SUBSCRIBERS,
    WAVE,
    AcquiredEstate,
    acquired_estate,
)
from tests.fakes.lumen_valley import lumen_valley

pytestmark = [pytest.mark.xdist_group("prefect"), pytest.mark.peer("splink")]

TWO_MONTHS = 24 * 62
DEPLOYMENTS = """
deployments:
  - name: acquire
    entrypoint: flows.acquire_market:acquire_market
    pull: []
    work_pool: {name: splice}
    parameters: {request: {market: mesa}}
  - name: watch-acquired
    entrypoint: flows.guard_market:guard_market
    pull: []
    work_pool: {name: splice}
    parameters: {request: {market: mesa, look_every_hours: 0.0001}}
"""


@pytest.fixture(scope="module")
def bought(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AcquiredEstate]:
    """An estate of this month or the last, as the flow judges by the clock; nothing is wrong with its first wave."""
    end = (datetime.now(UTC) - timedelta(days=6)).date().replace(day=1)
    folder = tmp_path_factory.mktemp("operators") / "bought"
    with lumen_valley(folder, SUBSCRIBERS, MONTHS, SEED, end=end) as running:
        yield acquired_estate(running, RIGHT)


@pytest.fixture(scope="module")
def given(bought: AcquiredEstate, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """What the worker's environment says, over a workspace in which the market was pulled and judged."""
    work, at = tmp_path_factory.mktemp("workspace"), bought.valley.estate.as_of
    bought.write_acquisition("{code: NONE, offering: ether-250, terms: same}", TWO_MONTHS)
    with bought.valley.hub(work) as hub:
        for system in systems_of(hub, MARKET):
            sync_system(hub, system, at)
        for subject in SUBJECTS:
            match(hub, subject, at)
        reconcile_market(hub, MARKET, at, at)
        plans = propose(hub, MARKET, WAVE).yaml.splitlines()
    equal = (line.strip().removeprefix("- ").partition("}")[0] for line in plans if "terms:" in line)
    bought.write_acquisition("\n".join(f"{line.replace('terms: ', 'terms: same')}}}" for line in equal), TWO_MONTHS)
    named = {
        "SPLICE_OPERATOR": str(bought.valley.folder),
        "SPLICE_WORKSPACE": str(work),
        REPORTS_VARIABLE: "http://reports.example",
    }
    return os.environ | bought.valley.environment | named


@pytest.fixture(scope="module")
def working(
    server: PrefectServer,
    bought: AcquiredEstate,
    given: Mapping[str, str],
    deploy: Deploy,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[None]:
    file = tmp_path_factory.mktemp("deployments") / "prefect.yaml"
    file.write_text(DEPLOYMENTS, encoding="utf-8")
    with reporting_to(server, given):
        create_pools_and_limits(load_operator(bought.valley.folder).file)
        deploy(file, given)
        with worker(server, given):
            yield


def started(api: ServerApi, name: str) -> str:
    deployment = api.deployment(name)
    return str(api.post(f"/deployments/{deployment['id']}/create_flow_run")["id"])


def says(api: ServerApi, run: str, approver: str, decision: str = "approve") -> Any:
    form = {"decision": decision, "approver": approver, "reason": "every step is shown"}
    return api.post(f"/flow_runs/{run}/resume", run_input=form)["status"]


@pytest.mark.usefixtures("working")
def test_a_wave_is_begun_and_signed_in_forms_and_the_next_one_waits_for_what_it_lacks(
    api: ServerApi, browser: Browser, server: PrefectServer, bought: AcquiredEstate, given: Mapping[str, str]
) -> None:
    run = started(api, "acquire")
    asked = api.suspended(run, "wave-question-1-0")
    assert asked["name"] == f"mesa: acquisition: every step is shown: begin wave {WAVE}?"
    assert says(api, run, "eve") == "REJECT", "eve is not among those who may be chosen"
    assert says(api, run, "bob") == "ACCEPT"
    again = api.suspended(run, "wave-question-1-1")
    assert again["name"] == asked["name"], "a deputy is asked only once no approver has answered"
    assert says(api, run, "ann") == "ACCEPT"
    to_sign = api.suspended(run, "wave-question-2-0")
    assert to_sign["name"] == f"mesa: acquisition: every step is shown: sign wave {WAVE}?"
    answer_form(browser, server, run, "Shall it be signed?", ("approve", "ann"), "all is shown", "acquisition")
    waits = api.suspended(run, "look-")
    assert waits["name"].startswith(f"mesa: acquisition: wave {LATER}: ")

    guard = started(api, "watch-acquired")
    assert api.state_when_ended(guard)["type"] == "COMPLETED"
    api.suspended(run, "look-", but=waits["state"]["state_details"]["pause_key"])
    with open_hub(bought.valley.folder, Path(given["SPLICE_WORKSPACE"]), given) as hub:
        first, second = wave_standings(hub, MARKET)
    assert first.signed is not None
    assert (first.signed.answered_by, first.signed.why, second.phase) == ("ann", "all is shown", "begin")
    artifacts = api.artifacts_of(run)
    assert {"acquisition-mesa", "acquisition-progress-mesa"} <= artifacts.keys()
    links = re.findall(r"\(http://reports\.example/mesa/(acquisition-\S+)\)", artifacts["acquisition-mesa"]["data"])
    assert [Path(name).suffix for name in links] == [".xlsx", ".md"]
    assert all((Path(given["SPLICE_WORKSPACE"]) / "reports" / MARKET / name).is_file() for name in links)
    assert bought.valley.running.write_log.of("billing") == [], "nothing is written to any system"
