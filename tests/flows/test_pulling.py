"""A run that pulls reads the operator's folder once, and takes streams in the order that their references ask for."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from server_api import ServerApi

from canonical_model.errors import UnsafeToContinue
from flows.asked import MarketRequest, SourceRequest
from flows.run_market import run_market
from flows.sync_source import sync_source
from tests.fakes.books_operator import ACCOUNT_IS_KNOWN, NOW, Books, small_books
from tests.fakes.one_stream_operator import write_operator
from tests.fakes.scripted_http import Asked, Reply, scripted_server

pytestmark = [pytest.mark.xdist_group("prefect"), pytest.mark.usefixtures("reporting")]

LINE = {"account": "A1", "code": "SLV", "amount": "54.99", "first_day": "2026-10-01", "changed": None}


def test_a_folder_that_changes_while_a_run_is_under_way_changes_nothing_of_that_run(
    tmp_path: Path, api: ServerApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "operator"

    def answer(asked: Asked) -> Reply:
        del asked
        (folder / "operator.yaml").write_text("what it says now is nonsense", encoding="utf-8")
        rows = [{"id": f"L{number}", **LINE} for number in range(3)]
        return Reply(200, json.dumps({"data": rows}).encode(), {"Content-Type": "application/json"})

    with scripted_server(answer) as server:
        write_operator(folder, "rest", "lines", options="{rows: data}", system_options="{login: none}", page_size=50)
        monkeypatch.setenv("BILLS", server.url)
        sync_source(SourceRequest(system="bills", operator=folder, workspace=tmp_path / "work"))
        assert len(server.asked) == 1
    run = api.newest_run("sync_source")
    assert run["state"]["message"] == "bills: 3 records read, 3 new or changed"
    artifacts = api.artifacts_of(run["id"])
    assert artifacts["pull-bills"]["description"] == "3 read, 3 new or changed"
    assert artifacts["quality-bills"]["description"] == "1 of 1 stream well"


@pytest.fixture
def books(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Books]:
    with small_books(tmp_path, page_size=3) as opened:
        for name, address in opened.environment.items():
            monkeypatch.setenv(name, address)
        yield opened


def starts(api: ServerApi, run: str) -> list[str]:
    """Names of the tasks of a run, in the order in which they began."""
    api.tasks_of(run, expected=2)
    found: list[dict[str, Any]] = api.post("/task_runs/filter", flow_runs={"id": {"any_": [run]}})
    return [task["name"] for task in sorted(found, key=lambda task: str(task["start_time"]))]


def test_a_stream_comes_behind_what_it_refers_to_in_another_system_and_the_artifact_says_what_is_held_back(
    books: Books, api: ServerApi, tmp_path: Path
) -> None:
    books.quality(ACCOUNT_IS_KNOWN.replace("among", "mostly: 0.5, among"))
    books.accounts(1)
    books.lines(L1=1, L2=2, L3=2)
    with pytest.raises(UnsafeToContinue, match="the account is known"):
        run_market(MarketRequest(market="oldtown", operator=books.folder, workspace=tmp_path / "work", as_of=NOW))
    run = api.newest_run("run_market")
    assert starts(api, run["id"]) == ["pull accounts of crm", "pull lines of bills"]
    artifacts = api.artifacts_of(run["id"])
    assert artifacts["quality-crm"]["description"] == "1 of 1 stream well"
    assert artifacts["quality-bills"]["description"] == "0 of 1 stream well: lines stopped"
    text = artifacts["quality-bills"]["data"]
    assert "* **lines** stopped: lines: the pull fails its quality suite" in text
    assert "`" not in text.partition("Checks, their history")[0].replace("\\`", "")
    assert artifacts["pull-bills"]["description"] == "0 read, 0 new or changed, 1 stream failed"

    books.accounts(2, minute=1)
    sync_source(SourceRequest(system="crm", operator=books.folder, workspace=tmp_path / "work", as_of=NOW))
    sync_source(SourceRequest(system="bills", operator=books.folder, workspace=tmp_path / "work", as_of=NOW))
    artifacts = api.artifacts_of(api.newest_run("sync_source")["id"])
    assert artifacts["quality-bills"]["description"] == "1 of 1 stream well"
