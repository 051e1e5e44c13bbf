"""A take-over in the Prefect UI: the run waits without a process, a person answers a form, the guard wakes it."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from server_api import Deploy, ServerApi
from ui_form import answer_form, pictured

from flows.reporting import reporting_to
from flows.server import PrefectServer
from flows.work_pool import create_pools_and_limits, worker
from hub.operator_folder.load import load_operator
from hub.takeover.questions import question_of
from hub.takeover.standing import market_history, market_standing
from hub.workplace import open_hub
from tests.fakes.lumen_valley import LumenValley, lumen_valley

pytestmark = pytest.mark.xdist_group("prefect")

PATIENCE_MS = 60_000
OFF = "{off: {owner: lee, reason: a test of the desk, until: 2099-01-01}}"
HANDOFFS = f"""
markets:
  riverbend:
    owner: lee
    approvers: [ann]
    plan:
      field_to_billing: {{canary: [{{percent: 10}}, {{}}]}}
      provisioning_to_dispatch: {{canary: [{{percent: 10}}, {{}}]}}
    gates:
      provisioning_to_dispatch:
        observe:
          key_coverage: {OFF}
          feed_age: {OFF}
          feeds_whole: {OFF}
          run_age: {OFF}
      field_to_billing:
        observe:
          key_coverage: {OFF}
          feed_age: {OFF}
          feeds_whole: {OFF}
          run_age: {OFF}
          unmapped_revenue: {OFF}
"""
DEPLOYMENTS = """
deployments:
  - name: lead
    entrypoint: flows.migrate_market:migrate_market
    pull: []
    work_pool: {name: splice}
    parameters: {request: {market: riverbend, handoff: field_to_billing}}
  - name: watch
    entrypoint: flows.guard_market:guard_market
    pull: []
    work_pool: {name: splice}
    parameters: {request: {market: riverbend, look_every_hours: 0.0001}}
  - name: back
    entrypoint: flows.give_back:give_back
    pull: []
    work_pool: {name: splice}
    parameters: {request: {market: riverbend, who: ann, why: the reason}}
"""


@pytest.fixture(scope="module")
def valley(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LumenValley]:
    with lumen_valley(tmp_path_factory.mktemp("operators") / "taking", subscribers=6, months=2) as running:
        (running.folder / "handoffs.yaml").write_text(HANDOFFS, encoding="utf-8")
        yield running


@pytest.fixture(scope="module")
def given(valley: LumenValley, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """What the worker's environment says."""
    work = str(tmp_path_factory.mktemp("workspace"))
    return os.environ | valley.environment | {"SPLICE_OPERATOR": str(valley.folder), "SPLICE_WORKSPACE": work}


@pytest.fixture(scope="module")
def working(
    server: PrefectServer,
    valley: LumenValley,
    given: Mapping[str, str],
    deploy: Deploy,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[None]:
    """A worker that takes runs of the take-over's deployments."""
    file = tmp_path_factory.mktemp("deployments") / "prefect.yaml"
    file.write_text(DEPLOYMENTS, encoding="utf-8")
    with reporting_to(server, given):
        create_pools_and_limits(load_operator(valley.folder).file)
        deploy(file, given)
        with worker(server, given):
            yield


def started(api: ServerApi, name: str, **parameters: Any) -> str:
    deployment = api.deployment(name)
    given = {"request": {**deployment["parameters"]["request"], **parameters}}
    return str(api.post(f"/deployments/{deployment['id']}/create_flow_run", parameters=given)["id"])


@pytest.mark.usefixtures("working")
def test_a_step_is_approved_in_a_form_and_the_next_one_waits_for_its_gate(
    api: ServerApi, browser: Browser, server: PrefectServer, valley: LumenValley, given: Mapping[str, str]
) -> None:
    run = started(api, "lead")
    asked = api.suspended(run, "question-1-0")
    assert asked["name"] == "riverbend: field to billing the gate has passed: approve shadow?"
    wrong = api.post(f"/flow_runs/{run}/resume", run_input={"decision": "approve", "approver": "eve", "reason": "x"})
    assert wrong["status"] == "REJECT", "eve is not among those who may be chosen"
    answer_form(browser, server, run, "Shall it go to shadow?", ("approve", "ann"), "parity was shown", "take-over")
    waits = api.suspended(run, "look-")
    assert waits["name"].startswith("riverbend: field to billing stays in shadow: ")

    guard = started(api, "watch")
    assert api.state_when_ended(guard)["type"] == "COMPLETED"
    again = api.suspended(run, "look-", but=waits["state"]["state_details"]["pause_key"])
    assert again["name"] == waits["name"], "it has looked again, and nothing has changed"
    with open_hub(valley.folder, Path(given["SPLICE_WORKSPACE"]), given) as hub:
        (move,) = market_history(hub, "riverbend")
        (standing,) = [
            each for each in market_standing(hub, "riverbend") if each.position.handoff == "field_to_billing"
        ]
    assert (move[0], move[1].kind, move[1].stage) == ("field_to_billing", "promoted", "shadow")
    assert (move[1].actor, move[1].why) == ("ann", "parity was shown")
    assert standing.position.stage == "shadow"
    artifacts = api.post("/artifacts/filter", flow_runs={"id": {"any_": [run, guard]}})
    assert {each["key"] for each in artifacts} == {
        "gate-riverbend-field-to-billing",
        "gate-progress-riverbend-field-to-billing",
        "go-no-go-riverbend-field-to-billing",
        "market-riverbend",
    }


@pytest.mark.usefixtures("working")
def test_a_run_waits_on_no_form_that_nobody_may_answer_any_more(api: ServerApi, valley: LumenValley) -> None:
    """The gate fails while it is asked about: the guard finds that out, ends the question and wakes the run."""
    run = started(api, "lead", handoff="provisioning_to_dispatch")
    asked = api.suspended(run, "question-")
    assert asked["name"] == "riverbend: provisioning to dispatch the gate has passed: approve shadow?"
    file = valley.folder / "handoffs.yaml"
    file.write_text(HANDOFFS.replace(f"run_age: {OFF}", "run_age: {at_most: 1}", 1), encoding="utf-8")
    try:
        assert api.state_when_ended(started(api, "watch"))["type"] == "COMPLETED"
        waits = api.suspended(run, "look-")
    finally:
        file.write_text(HANDOFFS, encoding="utf-8")
    assert waits["name"].startswith("riverbend: provisioning to dispatch stays in observe: ")


@pytest.mark.usefixtures("working")
def test_who_says_to_stay_has_said_so_though_the_gate_has_failed_meanwhile(
    api: ServerApi, valley: LumenValley, given: Mapping[str, str]
) -> None:
    run = started(api, "lead", handoff="provisioning_to_dispatch")
    asked = api.suspended(run, "question-")["state"]["state_details"]["pause_key"]
    number = int(asked.split("-")[1])
    file = valley.folder / "handoffs.yaml"
    file.write_text(HANDOFFS.replace(f"run_age: {OFF}", "run_age: {at_most: 1}", 1), encoding="utf-8")
    try:
        said = {"decision": "stay", "approver": "ann", "reason": "not before the holidays"}
        assert api.post(f"/flow_runs/{run}/resume", run_input=said)["status"] == "ACCEPT"
        api.suspended(run, "look-")
    finally:
        file.write_text(HANDOFFS, encoding="utf-8")
    with open_hub(valley.folder, Path(given["SPLICE_WORKSPACE"]), given) as hub:
        question = question_of(hub, number)
    assert (question.state, question.answered_by, question.why) == ("stayed", "ann", "not before the holidays")


@pytest.mark.usefixtures("working")
def test_one_button_gives_back_and_says_where_there_is_nothing(api: ServerApi) -> None:
    run = started(api, "back")
    state = api.state_when_ended(run)

    assert (state["type"], state["message"]) == ("COMPLETED", "the hub had none of them")


@pytest.mark.usefixtures("working")
def test_what_a_gate_lacks_is_a_page_that_people_open(
    api: ServerApi, browser: Browser, server: PrefectServer
) -> None:
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    page.set_default_timeout(PATIENCE_MS)
    for key, says, name in (
        ("gate-riverbend-field-to-billing", "could not be measured: the market was never", "take-over-gate"),
        ("market-riverbend", "field to billing", "take-over-market"),
    ):
        (newest,) = api.post("/artifacts/filter", artifacts={"key": {"any_": [key]}}, sort="CREATED_DESC", limit=1)
        page.goto(f"{server.ui_url}/artifacts/artifact/{newest['id']}")
        expect(page.get_by_text(says).first).to_be_visible(timeout=PATIENCE_MS)
        pictured(page, name)
    page.close()
