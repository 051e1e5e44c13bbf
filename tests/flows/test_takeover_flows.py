"""Shadow and replay in the Prefect UI: what would have been done is compared, and nothing is sent."""

import os
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from server_api import ServerApi

from flows.asked import MarketRequest, ReplayRequest
from flows.replay_handoff import replay_handoff
from flows.reporting import reporting_to
from flows.run_market import run_market
from flows.server import PrefectServer
from flows.shadow_market import shadow_market
from tests.fakes.lumen_valley import LumenValley, lumen_valley

pytestmark = pytest.mark.xdist_group("prefect")

DECLARED = "declared: {riverbend: {field_to_billing: shadow}}\n"


@pytest.fixture(scope="module")
def valley(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LumenValley]:
    with lumen_valley(tmp_path_factory.mktemp("operators") / "shadow", subscribers=80, months=4) as running:
        (running.folder / "handoffs.yaml").write_text(DECLARED, encoding="utf-8")
        yield running


@pytest.fixture(scope="module")
def place(
    server: PrefectServer, valley: LumenValley, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mapping[str, Path]]:
    """A workspace in which the market was judged."""
    work = tmp_path_factory.mktemp("workspace")
    with reporting_to(server, os.environ | valley.environment):
        given = {"operator": valley.folder, "workspace": work}
        run_market(MarketRequest(**given, market="riverbend", as_of=valley.estate.as_of))
        yield given


def test_the_shadow_of_a_market_shows_what_differs(
    place: Mapping[str, Path], valley: LumenValley, api: ServerApi
) -> None:
    request = MarketRequest(**place, market="riverbend", as_of=valley.estate.as_of + timedelta(hours=1))
    shadow_market(request)
    run = api.newest_run("shadow_market")
    assert (run["name"], run["state_name"]) == ("shadow of riverbend", "Completed")
    assert run["state"]["message"].startswith("field to billing: ")
    assert " match" in run["state"]["message"]
    artifacts = api.artifacts_of(run["id"])
    differs = any(word in run["state"]["message"] for word in ("hub wrong", "unknown"))
    assert ("differences-riverbend-field-to-billing" in artifacts) is differs
    assert len(valley.running.write_log.of("billing")) == 0, "nothing was sent"


def test_a_hand_off_is_replayed_over_history(place: Mapping[str, Path], valley: LumenValley, api: ServerApi) -> None:
    day = valley.estate.as_of.date()
    replay_handoff(
        ReplayRequest(
            **place, market="riverbend", handoff="field_to_billing", since=day - timedelta(days=90), until=day
        )
    )
    run = api.newest_run("replay_handoff")
    (artifact,) = api.artifacts_of(run["id"]).values()
    assert artifact["key"] == "replay-riverbend-field-to-billing"
    assert run["state"]["message"] in artifact["data"]
    assert "%" in run["state"]["message"]
