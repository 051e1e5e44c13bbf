"""A flow sends the report where somebody is to have it, and its state says where it went and where it did not."""

import json
from pathlib import Path

import pytest
from server_api import ServerApi

from flows.asked import MarketRequest
from flows.reconcile_market import reconcile_market
from hub.reconcile import MarketOutcome
from tests.fakes.small_hub import SmallHub
from tests.fakes.small_operator import AS_OF, SmallOperator

pytestmark = [pytest.mark.xdist_group("prefect"), pytest.mark.usefixtures("reporting")]


def test_the_report_lies_in_the_folder_and_the_run_says_so(tmp_path: Path, api: ServerApi) -> None:
    operator, small, share = SmallOperator(), SmallHub(tmp_path), tmp_path / "share"
    share.mkdir()
    operator.clean("7")
    small.pull(operator, AS_OF)
    path = small.folder / "operator.yaml"
    file = json.loads(path.read_text(encoding="utf-8")) | {"reports": {"deliver": {"folder": str(share)}}}
    path.write_text(json.dumps(file), encoding="utf-8")
    asked = MarketRequest(operator=small.folder, workspace=small.workspace, market="oldtown", as_of=AS_OF)

    outcome: MarketOutcome = reconcile_market(asked)  # type: ignore[assignment]
    run = api.newest_run("reconcile_market")
    assert "delivered to 1 place, " in run["state"]["message"]
    assert set(api.tasks_of(run["id"], expected=3)) == {"judge oldtown", "assess oldtown", "deliver the report"}
    assert {one.name for one in share.iterdir()} == {one.name for one in outcome.files.all}

    for one in share.iterdir():
        one.unlink()
    reconcile_market(asked)
    message = api.newest_run("reconcile_market")["state"]["message"]
    assert "1 place had the same report before, " in message
    assert list(share.iterdir()) == []

    share.rmdir()
    reconcile_market(asked.model_copy(update={"deliver_again": True}))
    message = api.newest_run("reconcile_market")["state"]["message"]
    assert f"not delivered to folder {share} (unsent: reports.deliver.folder: there is no folder {share}" in message
