"""The server acts by itself: what follows an event is started; rules are there once, however often they are made."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from prefect.events import emit_event
from server_api import Deploy, ServerApi, until

from flows.automations import automations, create_automations
from flows.events import FEED_IS_STALE, HANDOFF_WAS_MOVED, market_resource, source_resource
from flows.work_pool import create_pools_and_limits
from hub.operator_folder.load import load_operator
from tests.fakes.lumen_valley import LumenValley

pytestmark = pytest.mark.xdist_group("prefect")


@pytest.fixture(scope="module")
def ruled(
    deploy: Deploy,
    operator: LumenValley,
    environment: Mapping[str, str],
    reporting: None,
    deployments_file: Path,
) -> None:
    file = load_operator(operator.folder).file
    create_pools_and_limits(file)
    deploy(deployments_file, environment)
    for _ in range(2):
        create_automations(list(file.markets), list(file.systems))


def runs_of(api: ServerApi, deployment: str) -> list[dict[str, Any]]:
    """Runs that an automation has asked for; those of schedules say so."""
    known = {"id": {"any_": [api.deployment(deployment)["id"]]}}
    found = api.post("/flow_runs/filter", deployments=known, limit=200)
    return [each for each in found if not each["auto_scheduled"]]


@pytest.mark.usefixtures("ruled")
def test_each_rule_is_there_once(api: ServerApi, operator: LumenValley) -> None:
    known = [each["name"] for each in api.post("/automations/filter", limit=200)]
    ours = sorted(each for each in known if each.startswith("splice: "))

    assert len(ours) == len(set(ours))
    assert {"splice: end a run whose process was lost", "splice: recover after a crash"} <= set(ours)
    assert "splice: pull billing when its feed is stale" in ours
    assert "splice: compare again after a hand-off of mesa was moved" in ours


@pytest.mark.usefixtures("ruled")
@pytest.mark.parametrize(
    ("event", "resource", "deployment"),
    [
        (HANDOFF_WAS_MOVED, market_resource("mesa"), "shadow-mesa"),
        (FEED_IS_STALE, source_resource("billing"), "sync-billing"),
    ],
    ids=["given_back", "stale_feed"],
)
def test_an_event_starts_what_follows(api: ServerApi, event: str, resource: dict[str, str], deployment: str) -> None:
    before = len(runs_of(api, deployment))
    emit_event(event, resource)

    assert len(until(lambda: runs_of(api, deployment), lambda found: len(found) > before)) == before + 1


@pytest.mark.usefixtures("ruled")
def test_a_crash_is_followed_by_recovery(api: ServerApi) -> None:
    before = len(runs_of(api, "recover-sagas"))
    deployment = api.deployment("give-back-mesa")["id"]
    run = api.post(f"/deployments/{deployment}/create_flow_run")["id"]
    api.post(f"/flow_runs/{run}/set_state", state={"type": "CRASHED", "name": "Crashed"}, force=True)

    assert len(until(lambda: runs_of(api, "recover-sagas"), lambda found: len(found) > before)) > before


def test_what_is_not_deployed_is_not_started() -> None:
    made = automations(["mesa"], ["billing"], {})

    assert [each.name for each in made] == [
        "splice: end a run whose process was lost",
        "splice: cancel a run that is stuck",
    ]
