"""Flow runs killed at random: every service is in its one right state afterwards; twenty by `make kill-test`."""

from pathlib import Path

import pytest
from server_api import ServerApi

from flows.lost_runs import end_lost_runs
from flows.reporting import reporting_to
from flows.server import PrefectServer
from tests.kill.flow_cases import FLOW_CASES
from tests.kill.rotating_seed import rotating_seed
from tests.kill.through_flows import flow_world, planned_flow

pytestmark = pytest.mark.xdist_group("prefect")

RUNS = 2


def test_killed_in_a_flow_every_service_ends_in_its_one_right_state(
    tmp_path: Path, server: PrefectServer, api: ServerApi, capsys: pytest.CaptureFixture[str]
) -> None:
    first = rotating_seed()
    with capsys.disabled():
        print(f"\nkilled in flows: seeds {first} to {first + RUNS - 1}")
    with reporting_to(server):
        end_lost_runs()
    with flow_world(tmp_path, server) as world:
        found = [world.run(planned_flow(seed)) for seed in range(first, first + RUNS)]
    wrong = [str(each) for each in found if each.wrong]
    assert not wrong, "\n".join(wrong)
    under_way = api.post("/flow_runs/filter", flow_runs={"state": {"type": {"any_": ["RUNNING", "PENDING"]}}})
    assert len(under_way) <= sum(each.killed for each in found)
    with reporting_to(server):
        assert end_lost_runs() == len(under_way)


def test_a_seed_stands_for_one_run_and_all_seeds_for_all_flows() -> None:
    plans = [planned_flow(seed) for seed in range(100)]
    assert plans == [planned_flow(seed) for seed in range(100)]
    assert {plan.case.name for plan in plans} == {case.name for case in FLOW_CASES}
    flows = {stage.flow for plan in plans for stage in plan.case.stages}
    assert flows == {"activate_service", "drain_outbox", "recover_sagas", "change_service"}
    assert {plan.stage for plan in plans} == {0, 1}
    assert {plan.point == 0 for plan in plans} == {True, False}
