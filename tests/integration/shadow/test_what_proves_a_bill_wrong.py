"""A bill is proven wrong by what a person has accepted or the money that came, never by what we compute ourselves."""

import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import yaml

from hub.cases.decisions import acknowledge
from hub.decision import Decision
from hub.operator_folder.comparisons_folder import shipped_comparisons
from hub.reconcile import reconcile_market
from hub.sync import sync_system, systems_of
from hub.takeover.shadow.run import shadow_market
from hub.takeover.shadow.standing_bills import confirmed_findings
from hub.workplace import Hub
from reconciliation.cases import CaseChange, CaseEventKind
from storage.cases import CaseEntry, case_with, cases_of, confirmed_cases, write_down
from storage.runs import latest_run
from storage.shadow_comparisons import StoredComparison, comparisons_of, tally
from tests.fakes.lumen_valley import LumenValley, lumen_valley

MARKET = "riverbend"
MONEY = ("recurring", "one_time", "discount", "penalty")
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def valley(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LumenValley]:
    folder = tmp_path_factory.mktemp("estate") / "operator"
    with lumen_valley(folder, subscribers=90, months=6, seed=15) as running:
        yield running


@pytest.fixture(scope="module")
def now(valley: LumenValley) -> datetime:
    return valley.estate.as_of


def judged(valley: LumenValley, workspace: Path) -> Path:
    """A workspace that has pulled and judged the market."""
    now = valley.estate.as_of
    with valley.hub(workspace) as hub:
        for system in systems_of(hub, MARKET):
            sync_system(hub, system, now)
        reconcile_market(hub, MARKET, now, now)
    return workspace


@pytest.fixture(scope="module")
def workspace(valley: LumenValley, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return judged(valley, tmp_path_factory.mktemp("hub") / "work")


@pytest.fixture
def hub(valley: LumenValley, workspace: Path, tmp_path: Path) -> Iterator[Hub]:
    with valley.hub(Path(shutil.copytree(workspace, tmp_path / "work"))) as opened:
        yield opened


@pytest.fixture
def dear(valley: LumenValley, tmp_path: Path) -> Iterator[Hub]:
    """The same with a price list of which every access is ten dearer than it was ever sold, unnoticed."""
    folder = Path(shutil.copytree(valley.folder, tmp_path / "dear_operator"))
    (folder / "golden-accounts.yaml").unlink()
    file = folder / "catalogue.yaml"
    told = yaml.safe_load(file.read_text(encoding="utf-8"))
    for offering in told["offerings"]:
        for price in offering["prices"] if offering["charge"] == "access" else ():
            price["amount"] = round(price["amount"] + 10, 2)
    file.write_text(yaml.safe_dump(told, sort_keys=False), encoding="utf-8")
    other = replace(valley, folder=folder)
    with other.hub(judged(other, tmp_path / "dear")) as opened:
        yield opened


def compared(hub: Hub, at: datetime) -> dict[str, StoredComparison]:
    compiled = shipped_comparisons()["field_to_billing"]
    patient = replace(compiled, pack=compiled.pack.model_copy(update={"patience_days": 300}))
    comparisons = {**shipped_comparisons(), "field_to_billing": patient}
    shadow_market(hub, MARKET, at, recorded=["field_to_billing"], comparisons=comparisons)
    with hub.database.reading() as connection:
        return {each.work: each for each in comparisons_of(connection, MARKET, "field_to_billing")}


def blamed(found: dict[str, StoredComparison]) -> set[tuple[str, str]]:
    """Works and charge classes of which legacy is said to be proven wrong by findings."""
    return {
        (work, each.field)
        for work, comparison in found.items()
        for each in comparison.differences
        if each.field in MONEY and each.kind == "legacy_wrong" and each.evidence["proven_by"]
    }


def differing(found: dict[str, StoredComparison]) -> set[tuple[str, str]]:
    return {(work, each.field) for work, comparison in found.items() for each in comparison.differences}


def test_a_finding_proves_a_bill_wrong_once_a_person_has_accepted_it(hub: Hub, now: datetime) -> None:
    before = compared(hub, now)
    assert blamed(before) == set()
    decision = Decision("ana", now + HOUR, "seen on the bill")
    with hub.database.reading() as connection:
        known = cases_of(connection, MARKET)
    for fingerprint in known:
        acknowledge(hub, fingerprint, decision)
    after = compared(hub, now + 2 * HOUR)
    assert blamed(after)
    assert blamed(after) <= differing(before), "nothing else differs than did before"


def test_a_wrong_price_list_of_ours_proves_nothing_against_legacy(dear: Hub, hub: Hub, now: datetime) -> None:
    """Only what the hub intends is another: every bill differs from it, and none becomes legacy's mistake."""
    ours, wrong = compared(hub, now), compared(dear, now)
    with dear.database.reading() as connection:
        assert len(cases_of(connection, MARKET)) > 10, "our engine finds every bill too small"
    assert len(differing(wrong)) > len(differing(ours))
    same = {work for work, each in ours.items() if each.kind in ("match", "match_after_normalising")}
    kinds = Counter(wrong[work].kind for work in same)
    assert kinds["unknown"] > len(same) // 2
    assert kinds["legacy_wrong"] == 0
    assert blamed(wrong) == set()


def test_bills_that_were_really_compared_are_counted(hub: Hub, now: datetime) -> None:
    found = compared(hub, now)
    with hub.database.reading() as connection:
        counted = tally(connection, MARKET, "field_to_billing", now - timedelta(days=1))
        before = tally(connection, MARKET, "field_to_billing", now + HOUR)
    billed = [
        each
        for each in found.values()
        if each.evidence["periods"] and each.intent["bills"] and each.observed and each.observed["bills"]
    ]
    assert 0 < counted.bills_compared == len(billed) < counted.compared
    assert before.bills_compared == 0


@pytest.mark.parametrize(
    ("states", "by", "proves"),
    [
        (["acknowledged"], "ana", True),
        (["remedy_approved"], "ana", True),
        (["remedy_approved"], "policy", False),
        (["acknowledged", "remedy_approved"], "ana", True),
        (["recovered"], "run", True),
        (["refunded"], "run", True),
        (["written_off"], "ana", False),
        ([], "ana", False),
        (["gone"], "run", False),
    ],
    ids=str,
)
def test_a_case_is_confirmed_by_a_person_or_by_its_money(
    hub: Hub, now: datetime, states: list[CaseEventKind], by: str, *, proves: bool
) -> None:
    with hub.database.writing() as connection:
        name = min(cases_of(connection, MARKET))
        for kind in states:
            case = case_with(connection, name)
            assert case is not None
            write_down(connection, [CaseEntry(case, [CaseChange(kind, "said")])], now, by)
        run = latest_run(connection, MARKET)
        assert run is not None
        assert confirmed_cases(connection, MARKET, "policy") == ({name} if proves else set())
        assert len(confirmed_findings(connection, MARKET, run.id)) == (1 if proves else 0)
