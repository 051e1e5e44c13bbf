"""`splice service adopt`, as a person types it."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from canonical_model.errors import ConfigurationError
from console.main import app
from tests.fakes.effects import START
from tests.fakes.lumen_valley import LumenValley, lumen_valley
from tests.fakes.ready_orders import OrderBook, serials


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LumenValley]:
    folder = tmp_path_factory.mktemp("adoption")
    with lumen_valley(folder / "operator", subscribers=6, months=2) as running:
        (running.folder / "handoffs.yaml").write_text("declared:\n  riverbend: {order_to_provisioning: active}\n")
        yield running


@pytest.fixture(scope="module")
def workspace(operator: LumenValley) -> Path:
    """Where three services stand: two that can be compared, and one that nobody bills."""
    book = OrderBook()
    book.terminal()
    for number in range(1, 4):
        order = book.order(number)
        book.done(order, START - timedelta(days=90), serials(number)[-1], f"1/1/1/{number}")
        if number < 3:
            book.billed(order, date(2026, 8, 7))
    with operator.hub(operator.folder.parent / "work") as hub:
        book.pull(hub)
    return operator.folder.parent / "work"


def told(operator: LumenValley, workspace: Path, *words: str) -> str:
    where = ["--operator", str(operator.folder), "--workspace", str(workspace)]
    done = CliRunner(env=operator.environment).invoke(app, ["service", "adopt", *words, *where])
    if done.exception is not None:
        raise done.exception
    return done.output


def test_a_market_is_adopted_part_by_part(operator: LumenValley, workspace: Path) -> None:
    first = told(operator, workspace, "--market", "riverbend", "80001")
    assert "1 begun, 0 known already, 0 left as they are, 0 for the next time" in first
    assert "tells then which of them differ" in first
    second = json.loads(told(operator, workspace, "--market", "riverbend", "--json"))
    assert second == {
        "begun": ["80002"],
        "known": 1,
        "left": {"80003": "billing bills no access of it"},
        "later": 0,
    }
    third = told(operator, workspace, "--market", "riverbend")
    assert "80003" in third
    assert "0 begun, 2 known already, 1 left as they are, 0 for the next time" in third
    assert "A worker" not in third


def test_what_cannot_be_adopted_is_said(operator: LumenValley, workspace: Path) -> None:
    assert "no terminal of it is known" in told(operator, workspace, "--market", "riverbend", "999")
    with pytest.raises(ConfigurationError, match=r"\?"):
        told(operator, workspace, "--market", "riverbend", "80?01")
    with pytest.raises(ConfigurationError, match="order to provisioning of mesa is in observe"):
        told(operator, workspace, "--market", "mesa")
    with pytest.raises(ConfigurationError, match="there is no market 'riverband'; nearest: riverbend"):
        told(operator, workspace, "--market", "riverband")
