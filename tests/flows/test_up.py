"""`splice up`: one command brings everything up, runs what is asked for, and takes everything down again."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest
from server_api import ServerApi

from tests.fakes.lumen_valley import LumenValley

pytestmark = pytest.mark.xdist_group("prefect")


@contextmanager
def splice_up(operator: LumenValley, workspace: Path) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", "console.main", "up", "--port", "0", "--reports-port", "0"]
    command += ["--operator", str(operator.folder), "--workspace", str(workspace)]
    environment = {**os.environ, **operator.environment, "COLUMNS": "200"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def addresses(process: "subprocess.Popen[str]") -> list[str]:
    """What it prints before it waits: the pages of Prefect, of the artifacts, of the reports."""
    assert process.stdout is not None
    found: list[str] = []
    for line in process.stdout:
        found += re.findall(r"http://\S+", line)
        if "Ctrl-C" in line:
            break
    return found


def test_one_command_runs_a_market_on_its_worker_and_ends_with_all_it_started(
    operator: LumenValley, migrated: Path, tmp_path: Path
) -> None:
    (tmp_path / "prefect").mkdir()
    shutil.copy(migrated, tmp_path / "prefect")
    with splice_up(operator, tmp_path) as process:
        ui, artifacts, reports = addresses(process)
        started = psutil.Process(process.pid).children(recursive=True)
        assert artifacts == f"{ui}/artifacts"
        with ServerApi.of(f"{ui}/api") as api:
            asked = {"request": {"system": "fsm", "as_of": operator.estate.as_of.isoformat()}}
            deployment = api.deployment("sync-fsm")["id"]
            run = api.post(f"/deployments/{deployment}/create_flow_run", parameters=asked)["id"]
            state = api.state_when_ended(run)
            assert (state["type"], state["message"].split(",")[0][:5]) == ("COMPLETED", "fsm: ")
            assert "pull-fsm" in api.artifacts_of(run)
        assert "Reports" in httpx.get(reports, trust_env=False, timeout=60).raise_for_status().text
    assert process.returncode == 0
    assert len(started) >= 2
    assert [child for child in started if child.is_running()] == []
