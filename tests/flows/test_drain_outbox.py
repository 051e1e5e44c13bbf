"""The flow that drains the outbox: its state says what came of it and what needs a person."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from server_api import ServerApi

from flows.asked import OutboxRequest
from flows.drain_outbox import drain_outbox
from hub.effects.enqueue import enqueue
from hub.workplace import open_hub
from tests.fakes.effects import START, Stages, job
from tests.fakes.lumen_valley import LumenValley

pytestmark = [pytest.mark.xdist_group("prefect"), pytest.mark.usefixtures("reporting")]


@pytest.fixture
def request_(operator: LumenValley, tmp_path: Path) -> OutboxRequest:
    """A workspace of its own, where the hub acts in one market."""
    folder = tmp_path / "operator"
    for file in operator.folder.rglob("*.yaml"):
        target = folder / file.relative_to(operator.folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    active = "declared: {mesa: {provisioning_to_dispatch: active}}\n"
    (folder / "handoffs.yaml").write_text(active, encoding="utf-8")
    return OutboxRequest(operator=folder, workspace=tmp_path / "work")


def test_a_run_says_what_it_sent_and_what_needs_a_person(
    request_: OutboxRequest, operator: LumenValley, environment: Mapping[str, str], api: ServerApi
) -> None:
    drain_outbox(request_)
    idle = api.newest_run("drain_outbox")
    assert (idle["name"], idle["state"]["message"]) == ("drain the outbox", "nothing was due")
    assert api.artifacts_of(idle["id"]) == {}

    assert request_.operator is not None
    assert request_.workspace is not None
    with open_hub(request_.operator, request_.workspace, environment) as hub:
        for number in (1, 2):
            enqueue(hub, job(number), START, Stages())
        wrong = enqueue(hub, job(3, work_type="invent"), START, Stages())
    drain_outbox(request_)
    run = api.newest_run("drain_outbox")
    assert (run["state_type"], run["state_name"]) == ("COMPLETED", "Completed")
    assert run["state"]["message"] == "HELD: 1 need a person; 2 done, 1 refused, see `splice outbox list`"
    (row,) = json.loads(api.artifacts_of(run["id"])["outbox"]["data"])
    assert (row["effect"], row["subject"], row["state"]) == (wrong.id, wrong.subject, "refused")
    assert len(operator.running.write_log.of("fsm")) == 2
