"""`splice market replay`, from records in the database to files that people open; and shadow at the same hub."""

import csv
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
import typer
from typer.testing import CliRunner

from canonical_model.errors import ConfigurationError
from canonical_model.intervals import DateInterval
from console.market_shadow import add_to
from hub.operator_folder.comparisons_folder import shipped_comparisons
from hub.reconcile import reconcile_market
from hub.takeover.shadow.replay import replay
from hub.takeover.shadow.run import shadow_market
from hub.workplace import Hub
from simulated_estate.cast import HALF_BLOCK
from simulated_estate.estate import Estate, build_estate
from storage.shadow_comparisons import comparisons_of
from tests.fakes.estate_plant_records import plant_records
from tests.fakes.estate_records import estate_records
from tests.fakes.judged_estate import in_market
from tests.fakes.lumen_valley import FOLDER
from tests.fakes.prepared_hub import prepared_hub
from tests.fakes.small_hub import pull_records

MARKET = "riverbend"
PERIOD = DateInterval(datetime(2026, 5, 1, tzinfo=UTC).date(), datetime(2026, 11, 1, tzinfo=UTC).date())

APP = typer.Typer()
add_to(APP)


@pytest.fixture(scope="module")
def estate() -> Estate:
    return build_estate(HALF_BLOCK, months=6, seed=3)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory, estate: Estate) -> Path:
    """A workspace whose market was pulled and judged."""
    folder = tmp_path_factory.mktemp("replayed") / "work"
    own = estate_records(estate)
    records = in_market([*own, *plant_records(estate)], MARKET)
    with prepared_hub(FOLDER, folder, {}) as hub:
        for system in sorted({record.source_system for record in records}):
            of_system = [record for record in records if record.source_system == system]
            pull_records(hub, system, of_system, estate.as_of - timedelta(minutes=5))
        reconcile_market(hub, MARKET, estate.as_of, estate.as_of)
    return folder


@pytest.fixture
def hub(workspace: Path) -> Iterator[Hub]:
    with prepared_hub(FOLDER, workspace, {}) as opened:
        yield opened


def run(workspace: Path, *arguments: str) -> str:
    result = CliRunner().invoke(APP, [*arguments, "--operator", str(FOLDER), "--workspace", str(workspace)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output


def test_a_replay_leaves_a_page_a_workbook_and_a_csv(workspace: Path) -> None:
    said = run(workspace, "replay", MARKET, "field-to-billing", "--from", "2026-05-01", "--to", "2026-11-01")
    assert "speak for the hub" in said
    folder = workspace / "reports" / MARKET
    stem = "replay-riverbend-field-to-billing-2026-05-01"
    page = (folder / f"{stem}.html").read_text(encoding="utf-8")
    assert "Parity by week" in page
    assert "legacy wrong, proven" in page
    book = openpyxl.load_workbook(folder / f"{stem}.xlsx", read_only=True)
    assert book.sheetnames == ["Parity by week", "Differences by cause", "Worst cases"]
    rows = list(csv.DictReader((folder / f"{stem}.csv").open(encoding="utf-8")))
    assert {"legacy_wrong"} <= {row["field_class"] for row in rows}
    assert all(row["evidence"] for row in rows)


def test_shadow_over_the_same_records_says_what_the_replay_says(hub: Hub, estate: Estate) -> None:
    """One code path: the same orders, read from the database and from the snapshot, come to the same classes."""
    compiled = shipped_comparisons()["field_to_billing"]
    patient = replace(compiled, pack=compiled.pack.model_copy(update={"patience_days": 300}))
    comparisons = {**shipped_comparisons(), "field_to_billing": patient}
    report = replay(hub, MARKET, "field_to_billing", PERIOD, comparisons=comparisons)
    shadow_market(hub, MARKET, estate.as_of, recorded=["field_to_billing"], comparisons=comparisons)
    with hub.database.reading() as connection:
        stored = comparisons_of(connection, MARKET, "field_to_billing")
    shown = {each.work: each.kind for each in report.parity.worst}
    same = ("match", "match_after_normalising")
    assert len(stored) >= report.parity.compared > 10
    replayed = {each.work for each in stored if each.kind not in same} & set(shown)
    assert {each.work: each.kind for each in stored if each.work in replayed} == shown
    assert len(replayed) > 2


def test_differences_are_listed_and_explained(workspace: Path) -> None:
    assert "Field to billing" in run(workspace, "shadow", MARKET, "--handoff", "field_to_billing")
    listed = run(workspace, "differences", MARKET, "field_to_billing", "--all")
    assert "speak for the hub" in listed
    said = run(
        workspace, "explain", MARKET, "field_to_billing", "discount", "--reason", "goodwill", "--owner", "finance",
        "--until", "2099-01-01", "--as", "ana",
    )  # fmt: skip
    number = said.split()[1]
    assert "goodwill (finance, until 2099-01-01)" in run(workspace, "differences", MARKET, "field_to_billing")
    assert "withdrawn" in run(workspace, "unexplain", MARKET, number)


def test_an_order_of_another_market_is_not_asked_of_this_snapshot(hub: Hub) -> None:
    snapshot = next((hub.snapshots / MARKET).iterdir())
    with pytest.raises(ConfigurationError, match="not of mesa"):
        replay(hub, "mesa", "field_to_billing", PERIOD, snapshot)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("replay", MARKET, "field_to_bill", "--from", "2026-05-01", "--to", "2026-06-01"),
            "nearest: field_to_bill",
        ),
        (("replay", MARKET, "field_to_billing", "--from", "2026-05-01", "--to", "2026-05-01"), "not a single day"),
    ],
)
def test_what_is_wrong_is_said(workspace: Path, arguments: tuple[str, ...], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        run(workspace, *arguments)
