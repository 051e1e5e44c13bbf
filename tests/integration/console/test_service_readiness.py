"""`splice service qualify` and `splice service ready`, as a person types them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from canonical_model.errors import ConfigurationError
from console.main import app
from tests.fakes.lumen_valley import LumenValley, lumen_valley
from tests.fakes.ready_orders import OrderBook, serials


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LumenValley]:
    folder = tmp_path_factory.mktemp("service")
    with lumen_valley(folder / "operator", subscribers=6, months=2) as running:
        owned = "declared:\n  riverbend: {order_to_provisioning: active, provisioning_to_dispatch: active}\n"
        (running.folder / "handoffs.yaml").write_text(owned)
        yield running


@pytest.fixture(scope="module")
def workspace(operator: LumenValley) -> Path:
    """Where two orders are open: one whole, one of a flat that is not named."""
    book = OrderBook()
    book.terminal()
    book.terminal("RB-H01-T002", pon_mode="gpon")
    book.stock(serials(3))
    book.order(1)
    book.order(2, place={"unit": "1A"})
    book.order(3, place={"serviceability": "planned"})
    book.place("P2", address="9 Depot Avenue")
    book.order(4, place={"unit": "1B", "terminal": "RB-H01-T002"})
    book.place("P4", address="9 Depot Avenue")
    with operator.hub(operator.folder.parent / "work") as hub:
        book.pull(hub)
    return operator.folder.parent / "work"


def told(operator: LumenValley, workspace: Path, *words: str) -> str:
    where = ["--operator", str(operator.folder), "--workspace", str(workspace)]
    done = CliRunner(env=operator.environment).invoke(app, ["service", *words, *where])
    if done.exception is not None:
        raise done.exception
    return done.output


def facts(operator: LumenValley, workspace: Path, *words: str) -> Any:
    return json.loads(told(operator, workspace, *words, "--json"))


def test_an_address_is_told_its_line_and_what_is_needed(operator: LumenValley, workspace: Path) -> None:
    shown = told(operator, workspace, "qualify", "1 mill rd", "--market", "riverbend", "--offering", "fiber-500")
    assert [line.strip() for line in shown.splitlines()] == [
        "qualified: 1 Mill Road, Riverbend",
        "hub       RB-H01",
        "terminal  RB-H01-T001",
        "line      rb-olt-calix port 1/1/1, xgs_pon",
        "free      4, and 1 further terminals with room",
        "offerings fiber-300, fiber-500, fiber-1000, fiber-2000",
        "device    any model, 3 in the store room",
    ]


def test_a_house_of_flats_is_asked(operator: LumenValley, workspace: Path) -> None:
    """Scenario 2."""
    found = facts(operator, workspace, "qualify", "9 Depot Ave", "-m", "riverbend")
    assert found["qualificationResult"] == "unqualified"
    (reason,) = found["eligibilityUnavailabilityReason"]
    assert (reason["code"], reason["person"]) == ("addressAmbiguous", "dispatcher")
    assert [each["premise"] for each in found["candidates"]] == ["P2", "P4"]
    assert facts(operator, workspace, "qualify", "9 Depot Ave #1A", "-m", "riverbend")["premise"] == "P2"


def test_a_premise_may_be_named_by_its_id(operator: LumenValley, workspace: Path) -> None:
    assert facts(operator, workspace, "qualify", "P3", "-m", "riverbend")["eligibilityUnavailabilityReason"] == [
        {
            "code": "notYetServiceable",
            "label": "the premise is planned and not built: 3 Mill Road, Riverbend",
            "person": "network_engineer",
        }
    ]


def test_one_order_and_then_a_whole_market(operator: LumenValley, workspace: Path) -> None:
    one = told(operator, workspace, "ready", "SO-90001")
    assert one.startswith("order 90001 awaits job: create_work_order in fsm is queued\n")
    assert "device: GX-100, CXNK00A00001" in one
    held = facts(operator, workspace, "ready", "90003")
    assert (held["state"], [each["code"] for each in held["reasons"]]) == ("held", ["notYetServiceable"])
    all_of_them = told(operator, workspace, "ready", "--market", "riverbend")
    assert all_of_them.splitlines()[-1] == "0 begun, 3 wait, 0 held anew, 1 still held, 0 not ours"


def test_what_is_asked_for_wrongly_is_told(operator: LumenValley, workspace: Path) -> None:
    for words, why in (
        (("ready",), "name an order, or a market"),
        (("ready", "no number!"), "is no account or order number"),
        (("qualify", "1 Mill Road", "-m", "riverbent"), "there is no market riverbent"),
    ):
        with pytest.raises(ConfigurationError, match=why):
            told(operator, workspace, *words)
