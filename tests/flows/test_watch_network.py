"""The flow that watches the network: it sweeps, says what is wrong, and leaves what people open."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from server_api import ServerApi

from flows.asked import WatchRequest
from flows.watch_network import watch_network
from hub.sync import sync_system
from hub.workplace import open_hub
from tests.fakes.lumen_valley import LumenValley

pytestmark = [pytest.mark.xdist_group("prefect"), pytest.mark.usefixtures("reporting")]


def test_a_run_sweeps_the_elements_and_tells_what_is_wrong(
    operator: LumenValley, environment: Mapping[str, str], api: ServerApi, tmp_path: Path
) -> None:
    as_of = operator.estate.as_of
    with open_hub(operator.folder, tmp_path, environment) as hub:
        for system in ("crm", "billing", "fsm"):
            sync_system(hub, system, as_of)
    watch_network(WatchRequest(operator=operator.folder, workspace=tmp_path, market="riverbend", as_of=as_of))
    before = api.newest_run("watch_network")
    assert (before["name"], before["state_type"]) == ("watch riverbend", "COMPLETED")
    assert "pull-rb-olt-calix" in api.artifacts_of(before["id"])

    devices = operator.running.books.network["rb-olt-calix"]
    shown = list(devices)
    devices[:] = [replace(each, oper_state="down", rx_dbm=None) for each in shown]
    try:
        later = as_of + timedelta(minutes=30)
        watch_network(WatchRequest(operator=operator.folder, workspace=tmp_path, market="riverbend", as_of=later))
    finally:
        devices[:] = shown
    run = api.newest_run("watch_network")
    assert (run["state_name"], run["state"]["message"].partition("; ")[0]) == ("Completed", "HELD: 1 need a crew")
    rows = json.loads(api.artifacts_of(run["id"])["incidents-riverbend"]["data"])
    (crew,) = [row for row in rows if row["what is done"] == "crew"]
    assert "lines at element rb-olt-calix" in crew["what is wrong"]
