"""Everything is deployed unattended, schedules fire, and no run that was lost keeps the next from its turn."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from server_api import Deploy, ServerApi, until

from canonical_model.errors import ConfigurationError
from flows.lost_runs import end_lost_runs
from flows.work_pool import create_pools_and_limits, worker_name
from hub.operator_folder.load import load_operator
from tests.fakes.lumen_valley import LumenValley

pytestmark = pytest.mark.xdist_group("prefect")


@pytest.fixture(scope="module")
def deployed(
    deploy: Deploy,
    operator: LumenValley,
    environment: Mapping[str, str],
    reporting: None,
    deployments_file: Path,
) -> None:
    create_pools_and_limits(load_operator(operator.folder).file)
    deploy(deployments_file, environment)


@pytest.mark.usefixtures("deployed")
def test_every_deployment_of_the_file_stands_with_its_schedule(api: ServerApi, deployments_file: Path) -> None:
    stated = {each["name"]: each for each in yaml.safe_load(deployments_file.read_text())["deployments"]}
    for name, deployment in stated.items():
        known = api.deployment(name)
        assert known["parameters"] == deployment.get("parameters", {})
        assert known["status"] is not None
        if "schedules" not in deployment:  # other runs ask for it
            assert known["schedules"] == []
            continue
        (schedule,), (wanted,) = known["schedules"], deployment["schedules"]
        assert schedule["active"] is True
        assert (schedule["schedule"]["cron"], schedule["schedule"]["timezone"]) == (
            wanted["cron"],
            wanted["timezone"],
        )
        assert known["concurrency_options"]["collision_strategy"] == "CANCEL_NEW"
        assert known["global_concurrency_limit"]["limit"] == 1


@pytest.mark.usefixtures("deployed")
def test_schedules_fire_in_the_zone_of_the_market(api: ServerApi) -> None:
    """With versions of the web framework or of SQLAlchemy that do not fit, no run would ever be scheduled."""
    mesa = {"id": {"any_": [api.deployment("run-mesa")["id"]]}}
    due = {"state": {"type": {"any_": ["SCHEDULED"]}}}

    def nights() -> list[dict[str, Any]]:
        return api.post("/flow_runs/filter", deployments=mesa, flow_runs=due, sort="EXPECTED_START_TIME_ASC")  # type: ignore[no-any-return]

    runs = until(nights, lambda found: len(found) > 2, patience_s=300)
    denver = ZoneInfo("America/Denver")
    starts = [datetime.fromisoformat(run["expected_start_time"]).astimezone(denver) for run in runs]
    assert len(starts) > 2
    assert {(start.hour, start.minute) for start in starts} == {(2, 15)}
    assert {later.date() - sooner.date() for sooner, later in pairwise(starts)} == {timedelta(days=1)}


@pytest.mark.usefixtures("deployed")
def test_each_system_has_the_limit_of_the_operators_file(api: ServerApi, operator: LumenValley) -> None:
    systems = load_operator(operator.folder).file.systems
    known = {limit["name"]: limit["limit"] for limit in api.post("/v2/concurrency_limits/filter", limit=200)}
    assert {f"source-{name}": block.concurrency for name, block in systems.items()}.items() <= known.items()
    assert known["source-billing"] == 3


@pytest.mark.usefixtures("deployed")
def test_the_same_may_be_created_twice_and_a_changed_limit_holds(api: ServerApi, operator: LumenValley) -> None:
    file = load_operator(operator.folder).file
    billing = file.systems["billing"].model_copy(update={"concurrency": 5})
    create_pools_and_limits(file.model_copy(update={"systems": {**file.systems, "billing": billing}}))
    known = {limit["name"]: limit["limit"] for limit in api.post("/v2/concurrency_limits/filter", limit=200)}
    assert known["source-billing"] == 5


@pytest.mark.usefixtures("deployed")
def test_a_run_whose_process_was_lost_does_not_hold_the_slot_of_its_deployment(api: ServerApi) -> None:
    deployment = api.deployment("run-northshore")["id"]

    def started() -> dict[str, Any]:
        run = api.post(f"/deployments/{deployment}/create_flow_run")
        answer = api.post(f"/flow_runs/{run['id']}/set_state", state={"type": "PENDING"})
        if answer["state"]["type"] == "PENDING":
            answer = api.post(f"/flow_runs/{run['id']}/set_state", state={"type": "RUNNING"})
        return {"id": run["id"], "state": answer["state"]["type"]}

    lost = started()
    assert lost["state"] == "RUNNING"
    assert started()["state"] == "CANCELLED"  # one at a time: this is what would happen every night from now on
    assert end_lost_runs() == 1
    state = api.get(f"/flow_runs/{lost['id']}")["state"]
    assert (state["name"], state["message"].split(";")[0]) == ("Crashed", "lost with the process that ran it")
    assert started()["state"] == "RUNNING"
    assert end_lost_runs() == 1
    assert end_lost_runs() == 0


@pytest.mark.usefixtures("deployed")
def test_a_run_that_another_machine_may_lead_is_left_alone(api: ServerApi, operator: LumenValley) -> None:
    create_pools_and_limits(load_operator(operator.folder).file, ["splice-elsewhere"])
    flow = api.deployment("run-mesa")["flow_id"]
    there = api.post("/deployments/", name="there", flow_id=flow, work_pool_name="splice-elsewhere")["id"]
    run = api.post(f"/deployments/{there}/create_flow_run", state={"type": "RUNNING"})["id"]
    place = "/work_pools/splice-elsewhere/workers"
    api.post(f"{place}/heartbeat", name="another-machine")
    try:
        assert end_lost_runs() == 0
        assert api.get(f"/flow_runs/{run}")["state"]["type"] == "RUNNING"
    finally:
        api.delete(f"{place}/another-machine")
    api.post(f"{place}/heartbeat", name=worker_name())
    assert end_lost_runs() == 1, "a worker of this machine that was killed still counts as one that asks"
    assert api.get(f"/flow_runs/{run}")["state"]["type"] == "CRASHED"


@pytest.mark.usefixtures("reporting")
def test_a_file_that_prefect_refuses_is_a_fault_of_the_set_up(
    deploy: Deploy, environment: Mapping[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "prefect.yaml"
    file.write_text("deployments: [{name: one, entrypoint: 'flows.nowhere:run', work_pool: {name: splice}}]\n")
    with pytest.raises(ConfigurationError, match=r"flows\.nowhere"):
        deploy(file, environment)
    with pytest.raises(ConfigurationError, match="there is no"):
        deploy(tmp_path / "absent.yaml", environment)
