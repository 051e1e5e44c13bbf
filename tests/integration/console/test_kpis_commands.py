"""`splice kpis` and `splice assess` as a person types them, over what is connected and nothing else."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from canonical_model.errors import ConfigurationError
from console.main import app
from hub.sync import sync_system
from reconciliation.kpis.definition import our_kpis
from tests.fakes.lumen_valley import LumenValley, lumen_valley

Run = Callable[..., Result]


@pytest.fixture(scope="module")
def valley(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LumenValley]:
    with lumen_valley(tmp_path_factory.mktemp("valley") / "operator", subscribers=40, months=3) as running:
        yield running


@pytest.fixture
def splice(valley: LumenValley, tmp_path: Path) -> Run:
    def run(*words: str) -> Result:
        where = ["--operator", str(valley.folder), "--workspace", str(tmp_path / "work")]
        return CliRunner().invoke(app, [*words, *where], env=valley.environment)

    return run


def pull(valley: LumenValley, workspace: Path, *systems: str) -> None:
    with valley.hub(workspace) as hub:
        for system in systems:
            sync_system(hub, system, valley.estate.as_of)


def moment(valley: LumenValley) -> str:
    return valley.estate.as_of.strftime("%Y-%m-%dT%H:%M:%S")


def test_an_operator_with_two_systems_gets_what_they_tell_and_the_rest_is_unknown(
    valley: LumenValley, splice: Run, tmp_path: Path
) -> None:
    pull(valley, tmp_path / "work", "crm", "fsm")
    told = splice("assess", "riverbend", "--as-of", moment(valley))
    assert told.exception is None, told.exception
    page = (tmp_path / "work" / "reports" / "riverbend" / "riverbend-assessment.html").read_text(encoding="utf-8")
    assert "nothing is connected that tells of customer bills" in page
    assert "nothing is connected that tells of network observations" in page
    assert "rb-olt-calix" in page
    assert "never pulled" in page
    facts = {one["kpi"]: one for one in json.loads(splice("kpis", "riverbend", "--json").output)}
    assert facts["order_to_work_order"]["unknown"] is None
    assert facts["order_to_work_order"]["measured"] > 0
    assert facts["touches_by_step"]["groups"]["dispatch"]["measured"] > 0
    unknown = facts["dispute_rate"]
    assert unknown["unknown"] == "nothing is connected that tells of customer bills"
    assert (unknown["value"], unknown["population"]) == (None, None)
    assert set(facts) == {kpi.id for kpi in our_kpis()}


def test_a_stale_feed_makes_its_figures_unknown(valley: LumenValley, splice: Run, tmp_path: Path) -> None:
    pull(valley, tmp_path / "work", "crm", "fsm")
    later = valley.estate.as_of.replace(day=25).strftime("%Y-%m-%dT%H:%M:%S")
    assert splice("assess", "mesa", "--as-of", later).exception is None
    facts = {one["kpi"]: one for one in json.loads(splice("kpis", "mesa", "--json").output)}
    assert "older than the 72 hours" in facts["order_to_work_order"]["unknown"]


def test_markets_are_shown_beside_one_another_and_together(valley: LumenValley, splice: Run, tmp_path: Path) -> None:
    pull(valley, tmp_path / "work", "crm", "fsm")
    for market in ("riverbend", "northshore"):
        assert splice("reconcile", market, "--as-of", moment(valley)).exception is None
    facts = json.loads(splice("kpis", "--kpi", "order_fallout", "--kpi", "truck_rolls", "--json").output)
    fallout = {one["market"]: one for one in facts if one["kpi"] == "order_fallout"}
    assert set(fallout) == {"riverbend", "northshore", None}
    assert fallout[None]["population"] == fallout["riverbend"]["population"] + fallout["northshore"]["population"]
    trucks = [(one["market"], one["currency"]) for one in facts if one["kpi"] == "truck_rolls"]
    assert trucks == [("northshore", "CAD"), ("riverbend", "USD"), (None, "CAD"), (None, "USD")]
    table = splice("kpis", "--kpi", "order_fallout").output
    assert "Order fallout" in table
    assert "all markets" in table


def test_what_does_not_exist_is_told_with_the_nearest_name(valley: LumenValley, splice: Run, tmp_path: Path) -> None:
    told = splice("assess", "riverbent")
    assert isinstance(told.exception, ConfigurationError)
    assert "nearest: riverbend" in str(told.exception)
    pull(valley, tmp_path / "work", "crm", "fsm")
    assert "no market was ever reconciled" in str(splice("kpis").exception)
    assert splice("reconcile", "riverbend", "--as-of", moment(valley)).exception is None
    assert "nearest: riverbend" in str(splice("kpis", "riverben").exception)
    assert "nearest: order_fallout" in str(splice("kpis", "--kpi", "order_falout").exception)


def test_a_market_of_which_nothing_was_pulled_is_refused(splice: Run) -> None:
    assert "run `splice sync` first" in str(splice("assess", "riverbend").exception)
