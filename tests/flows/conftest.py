"""One Prefect server, one small operator and its simulated systems for all tests of flows."""

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from server_api import Deploy, ServerApi

from flows.deployments import deploy_all
from flows.lost_runs import end_lost_runs
from flows.reporting import reporting_to
from flows.server import PrefectServer, local_server
from tests.fakes.lumen_valley import LumenValley, change, lumen_valley


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrefectServer]:
    with local_server(tmp_path_factory.mktemp("prefect")) as started:
        yield started


@pytest.fixture(scope="session")
def migrated(server: PrefectServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of Prefect as a server left it, to start another server in half the time."""
    copy = tmp_path_factory.mktemp("migrated") / "prefect.db"
    with closing(sqlite3.connect(server.home / "prefect.db")) as live, closing(sqlite3.connect(copy)) as target:
        live.backup(target)
    return copy


@pytest.fixture(scope="session")
def api(server: PrefectServer) -> Iterator[ServerApi]:
    with ServerApi.of(server.api_url) as opened:
        yield opened


@pytest.fixture(scope="session")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LumenValley]:
    with lumen_valley(tmp_path_factory.mktemp("operators") / "small") as running:
        change(running.folder / "operator.yaml", "kind: soap", "kind: soap\n    concurrency: 3")
        yield running


@pytest.fixture(scope="module")
def environment(operator: LumenValley, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """What a worker's environment says, with a workspace for the module."""
    named = {
        "SPLICE_OPERATOR": str(operator.folder),
        "SPLICE_WORKSPACE": str(tmp_path_factory.mktemp("workspace")),
    }
    return os.environ | operator.environment | named


@pytest.fixture(scope="module")
def reporting(server: PrefectServer, environment: Mapping[str, str]) -> Iterator[None]:
    """Flows that a test calls report to the server, and find the operator and the workspace of the module."""
    with reporting_to(server, environment):
        yield


@pytest.fixture(scope="module")
def deploy(server: PrefectServer, api: ServerApi) -> Iterator[Deploy]:
    """Deploys what a file states until the module ends: no other module's worker takes what a schedule asked for."""
    yield partial(deploy_all, server)
    api.delete_deployments()
    with reporting_to(server, os.environ):
        end_lost_runs()


@pytest.fixture(scope="session")
def deployments_file() -> Path:
    return Path(__file__).parents[2] / "prefect.yaml"
