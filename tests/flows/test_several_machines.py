"""A server on PostgreSQL that asks for a login, and workers of other machines that serve a market each."""

import os
import re
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
import yaml
from server_api import ServerApi

from canonical_model.errors import ConfigurationError
from flows.server import free_port, server_elsewhere
from tests.fakes.effects import impatient
from tests.fakes.lumen_valley import LumenValley, change, lumen_valley
from tests.peers import require_peer
from tests.postgresql import PostgresServer, postgres_server
from tests.waiting import wait_until

pytestmark = [pytest.mark.xdist_group("prefect"), pytest.mark.peer("postgresql")]

MARKETS = ("mesa", "riverbend")


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    with postgres_server(require_peer("postgresql")) as started:
        yield started


@pytest.fixture(scope="module")
def valley(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LumenValley]:
    with lumen_valley(tmp_path_factory.mktemp("operators") / "apart", subscribers=20, months=2) as running:
        change(running.folder / "operator.yaml", "^", "database: env:SPLICE_DATABASE\n")
        yield impatient(running, seconds=300)  # longer than a server takes to come back


@pytest.fixture(scope="module")
def given(valley: LumenValley, postgres: PostgresServer) -> Mapping[str, str]:
    """What is said to every machine; never in a file."""
    return {
        **os.environ,
        **valley.environment,
        "COLUMNS": "200",
        "SPLICE_DATABASE": postgres.url(postgres.create_database()),
        "SPLICE_PREFECT_LOGIN": f"desk:{secrets.token_hex(12)}",
    }


@pytest.fixture(scope="module")
def few_deployments(deployments_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Those of the project's file that are run here; each takes the server a while."""
    stated = yaml.safe_load(deployments_file.read_text(encoding="utf-8"))["deployments"]
    few = [each for each in stated if each["name"].startswith("guard-") or each["name"] == "sync-fsm"]
    file = tmp_path_factory.mktemp("deployments") / "prefect.yaml"
    file.write_text(yaml.safe_dump({"deployments": few}), encoding="utf-8")
    return file


@contextmanager
def splice_up(
    valley: LumenValley, workspace: Path, environment: Mapping[str, str], *options: str
) -> Iterator[list[str]]:
    """What the command says once all is up."""
    with started_up(valley, workspace, environment, *options) as (process, said):
        yield said
        process.send_signal(signal.SIGTERM)
        assert process.wait(120) == 0


@contextmanager
def started_up(
    valley: LumenValley, workspace: Path, environment: Mapping[str, str], *options: str
) -> Iterator[tuple["subprocess.Popen[str]", list[str]]]:
    """The process as well; in the end it and all that it started are gone, in whichever way."""
    command = [sys.executable, "-m", "console.main", "up", "-o", str(valley.folder), "-w", str(workspace), *options]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            said: list[str] = []
            for line in process.stdout:
                said.append(line)
                if "Ctrl-C" in line:
                    break
            yield process, said
        finally:
            lose(process)


def lose(process: "subprocess.Popen[str]") -> None:
    """As where a machine loses its power."""
    if process.poll() is None:
        for each in [*psutil.Process(process.pid).children(recursive=True), process]:
            each.kill()
        process.wait(60)


def test_a_market_without_a_worker_waits_and_the_other_goes_on(
    valley: LumenValley, given: Mapping[str, str], postgres: PostgresServer, tmp_path: Path, few_deployments: Path
) -> None:
    server = {**given, "SPLICE_PREFECT_DATABASE": postgres.url(postgres.create_database())}
    alone = ("--pool-per-market", "--no-workers", "--port", "0", "--reports-port", "0")
    login = httpx.BasicAuth(*given["SPLICE_PREFECT_LOGIN"].split(":"))
    work = tmp_path / "work"
    with splice_up(valley, work, server, *alone, "--prefect-file", str(few_deployments)) as said:
        ui = re.findall(r"http://\S+", said[0])[0]
        assert said[3].split(maxsplit=1) == ["serving", "no work pool\n"]
        assert httpx.get(f"{ui}/api/admin/version", trust_env=False).status_code == httpx.codes.UNAUTHORIZED
        with ServerApi.of(f"{ui}/api") as api:
            api.client.auth = login
            runs = {market: asked(api, market) for market in MARKETS}
            with splice_up(valley, work, given, "--join", ui, "--pool", "splice-riverbend") as joined:
                assert joined[2].split() == ["serving", "splice-riverbend"]
                done = api.state_when_ended(runs["riverbend"])
                assert (done["type"], done["message"]) == ("COMPLETED", "no harm is seen")
                assert state(api, runs["mesa"]) == "SCHEDULED"
            with splice_up(valley, work, given, "--join", ui, "--pool", "splice-mesa"):
                assert api.state_when_ended(runs["mesa"])["type"] == "COMPLETED"
            pools = {market: api.get(f"/flow_runs/{run}")["work_pool_name"] for market, run in runs.items()}
            assert pools == {"mesa": "splice-mesa", "riverbend": "splice-riverbend"}
            refused(ui, given, tmp_path)
    assert not (work / "prefect" / "prefect.db").exists(), "the server kept everything in PostgreSQL"
    hidden = given["SPLICE_PREFECT_LOGIN"].partition(":")[2]
    files = [path for path in work.rglob("*") if path.is_file()]
    assert [path for path in files if hidden.encode() in path.read_bytes()] == [], "no file holds the login"


def test_a_run_outlives_the_machine_of_the_server_and_gives_its_slots_back(
    valley: LumenValley, given: Mapping[str, str], postgres: PostgresServer, tmp_path: Path, few_deployments: Path
) -> None:
    server = {**given, "SPLICE_PREFECT_DATABASE": postgres.url(postgres.create_database())}
    port, work = free_port(), tmp_path / "work"
    place = ("--port", str(port), "--reports-port", "0", "--prefect-file", str(few_deployments))
    with ServerApi.of(f"http://127.0.0.1:{port}/api") as api, ExitStack() as others:
        api.client.auth = httpx.BasicAuth(*given["SPLICE_PREFECT_LOGIN"].split(":"))
        with started_up(valley, work, server, "--no-workers", *place) as (desk, _):
            others.enter_context(splice_up(valley, work, given, "--join", f"http://127.0.0.1:{port}"))
            valley.running.set_faults("fsm:latency=600")
            run = asked(api, "fsm", "sync")
            wait_until(lambda: slots(api, "source-fsm") == 1, "the pull holds its slot")
            lose(desk)
        others.enter_context(splice_up(valley, work, server, "--no-workers", *place))
        assert state(api, run) == "RUNNING", "what another machine runs is not taken for lost"
        assert slots(api, "source-fsm") == 1
        valley.running.set_faults("")
        assert api.state_when_ended(run)["type"] == "COMPLETED"
        wait_until(lambda: slots(api, "source-fsm") == 0, "the slot is given back")
        assert api.state_when_ended(asked(api, "fsm", "sync"))["type"] == "COMPLETED", "one at a time, and it is free"


def slots(api: ServerApi, limit: str) -> Any:
    """How many slots of a limit are taken."""
    known = {each["name"]: each["active_slots"] for each in api.post("/v2/concurrency_limits/filter", limit=200)}
    return known[limit]


def asked(api: ServerApi, what: str, flow: str = "guard") -> str:
    deployment = api.deployment(f"{flow}-{what}")["id"]
    run: str = api.post(f"/deployments/{deployment}/create_flow_run")["id"]
    return run


def state(api: ServerApi, run: str) -> Any:
    return api.get(f"/flow_runs/{run}")["state"]["type"]


def refused(ui: str, given: Mapping[str, str], folder: Path) -> None:
    """Who knows no login, or another one, is told which variable says it."""
    for login in ("", "desk:another"):
        with pytest.raises(ConfigurationError, match="SPLICE_PREFECT_LOGIN"):
            server_elsewhere(ui, folder / "refused", {**given, "SPLICE_PREFECT_LOGIN": login})
    nowhere = splice_join(given, ui, "splice-nowhere", folder)
    assert (nowhere.returncode, "splice-mesa, splice-northshore" in nowhere.stderr) == (2, True)


def splice_join(given: Mapping[str, str], ui: str, pool: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "console.main", "up", "--join", ui, "--pool", pool, "-w", str(folder / "other")]
    return subprocess.run(command, env=given, capture_output=True, text=True, check=False, timeout=300)
