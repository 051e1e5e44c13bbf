"""``prefect.yaml`` holds nothing that Prefect would silently drop, and nothing that would fail on deployment."""

import re
from typing import Any

import pytest
import yaml
from prefect_file import faults_in, is_setting
from source_tree import ROOT, files, shown

PREFECT_FILE = ROOT / "prefect.yaml"
A_FLOW = "prefect.deployments.flow_runs:run_deployment"
"""An entry point that Prefect itself brings; it is a function and no flow."""


def deployment(**changes: Any) -> dict[str, Any]:
    return {"deployments": [{"name": "nightly", "entrypoint": A_FLOW, **changes}]}


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"deployment": []}, "deployment: Prefect has no such key"),
        (deployment(param={}), "nightly: param: Prefect has no such key"),
        (deployment(work_pool={"nme": "hub"}), "nightly: work_pool.nme: Prefect has no such key"),
        (
            deployment(work_pool={"job_variables": {"enviroment": {}}}),
            "nightly: work_pool.job_variables.enviroment: Prefect has no such key",
        ),
        (
            deployment(work_pool={"job_variables": {"env": {"PREFECT_LOGING_LEVEL": "INFO"}}}),
            "nightly: work_pool.job_variables.env.PREFECT_LOGING_LEVEL: Prefect has no such setting",
        ),
        (
            deployment(concurrency_limit={"limit": 1, "strategy": "CANCEL_NEW"}),
            "nightly: concurrency_limit.strategy: Prefect has no such key",
        ),
        (
            deployment(schedules=[{"cron": "15 2 * * *", "tz": "UTC"}]),
            "nightly: schedules.0.tz: Extra inputs are not permitted",
        ),
        (
            deployment(triggers=[{"type": "event", "posture": "Reactive", "expct": ["x"], "threshold": 1}]),
            "nightly: triggers.0.expct: Prefect has no such key",
        ),
        (
            {"pull": [{"prefect.deployments.steps.set_working_directory": {"dir": "x"}}]},
            "pull.prefect.deployments.steps.set_working_directory: missing a required argument: 'directory'",
        ),
        (deployment(entrypoint="flows/run.py:run"), "must be module:function"),
        (deployment(entrypoint="flows.nowhere:run"), "No module named 'flows.nowhere'"),
        (deployment(), "is no flow"),
        ({"deployments": [{"name": "one"}, {"name": "one"}]}, "two deployments are called one"),
    ],
)
def test_what_prefect_would_drop_is_noticed(document: dict[str, Any], expected: str) -> None:
    assert any(expected in fault for fault in faults_in(document)), list(faults_in(document))


def test_the_projects_own_file_deploys_its_flows_without_faults() -> None:
    flow_files = [path for path in files(".py", "flows") if path.stem != "__init__"]
    document = yaml.safe_load(PREFECT_FILE.read_text(encoding="utf-8")) if flow_files else {}
    assert bool(document.get("deployments")) == bool(flow_files)
    assert list(faults_in(document)) == []


def test_every_variable_that_is_set_for_prefect_is_a_setting_of_prefect() -> None:
    places = [*files(".py", "flows", "console"), ROOT / "Makefile", ROOT / ".ci/run"]
    named = {
        (shown(path), name)
        for path in places
        for name in re.findall(r"\bPREFECT_[A-Z0-9_]+[A-Z0-9]\b", path.read_text(encoding="utf-8"))
    }
    assert [one for one in sorted(named) if not is_setting(one[1])] == []
