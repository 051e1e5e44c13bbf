"""A market whose buckets are judged by runs of their own: the same findings, whatever becomes of those runs."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from server_api import Deploy, ServerApi

from canonical_model.errors import ConfigurationError
from flows.asked import ShareRequest, SpreadRequest
from flows.judge_share import judge_share
from flows.server import PrefectServer
from flows.spread_market import spread_market
from flows.work_pool import create_pools_and_limits, worker
from hub.operator_folder.load import load_operator
from hub.reconcile import MarketOutcome, reconcile_snapshot
from hub.snapshots import take_snapshot
from reconciliation.report import MarketReport
from tests.fakes.small_hub import SmallHub
from tests.fakes.small_operator import AS_OF, SmallOperator

pytestmark = [pytest.mark.xdist_group("prefect"), pytest.mark.usefixtures("reporting")]


@pytest.fixture
def small(tmp_path: Path) -> SmallHub:
    operator, small = SmallOperator(), SmallHub(tmp_path)
    operator.clean("7")
    for number in ("1", "2", "3"):
        operator.installed(number)
        operator.whole_months(number, "SLV", "50.00", (1, 2, 3))
    small.pull(operator, AS_OF)
    return small


def asked(small: SmallHub, **more: Any) -> SpreadRequest:
    return SpreadRequest(operator=small.folder, workspace=small.workspace, market="oldtown", as_of=AS_OF, **more)


def alone(small: SmallHub, tmp_path: Path) -> MarketReport:
    """What one run finds that nobody helps, in a workspace of its own."""
    with small.open() as hub:
        folder, _ = take_snapshot(hub, "oldtown", AS_OF)
        return reconcile_snapshot(replace(hub, workspace=tmp_path / "alone"), folder, AS_OF).report


@pytest.fixture
def deployed(deploy: Deploy, small: SmallHub, environment: Mapping[str, str], deployments_file: Path) -> None:
    document = yaml.safe_load(deployments_file.read_text(encoding="utf-8"))
    shares = [each for each in document["deployments"] if each["name"] == "judge-share"]
    file = small.parent / "prefect.yaml"
    file.write_text(yaml.safe_dump({"deployments": shares}), encoding="utf-8")
    create_pools_and_limits(load_operator(small.folder).file)
    deploy(file, environment)


@pytest.mark.usefixtures("deployed")
def test_workers_judge_the_shares_and_one_run_concludes(
    small: SmallHub, server: PrefectServer, environment: Mapping[str, str], api: ServerApi, tmp_path: Path
) -> None:
    with worker(server, environment):
        outcome: MarketOutcome = spread_market(asked(small, shares=2))  # type: ignore[assignment]
    run = api.newest_run("spread_market")
    shares = api.post("/flow_runs/filter", flows={"name": {"any_": ["judge_share"]}})

    assert outcome.report.findings
    assert outcome.report.findings == alone(small, tmp_path).findings
    assert run["name"] == "spread oldtown over 2 shares"
    assert run["state"]["message"].startswith("3 findings")
    assert sorted(each["state"]["message"] for each in shares) == ["1 buckets judged", "2 buckets judged"]


@pytest.mark.usefixtures("deployed")
def test_without_any_worker_the_run_judges_all_of_it_itself(small: SmallHub, tmp_path: Path) -> None:
    outcome: MarketOutcome = spread_market(asked(small, patience_s=0.5))  # type: ignore[assignment]

    assert outcome.report.findings == alone(small, tmp_path).findings


def test_a_share_that_comes_late_finds_nothing_to_do(small: SmallHub, api: ServerApi) -> None:
    with small.open() as hub:
        folder, _ = take_snapshot(hub, "oldtown", AS_OF)
        before = reconcile_snapshot(hub, folder, AS_OF).report
    judge_share(
        ShareRequest(operator=small.folder, workspace=small.workspace, snapshot=folder.resolve(), share=0, shares=1)
    )

    assert api.newest_run("judge_share")["state"]["message"] == "0 buckets judged"
    with small.open() as hub:
        assert reconcile_snapshot(hub, folder, AS_OF).report.findings == before.findings


def test_an_engine_that_spreads_by_itself_is_refused(small: SmallHub) -> None:
    path = small.folder / "operator.yaml"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"engine": {"kind": "spark"}}))

    with pytest.raises(ConfigurationError, match="spreads a market by itself"):
        spread_market(asked(small))
