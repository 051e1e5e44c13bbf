"""A snapshot gives the same cents whatever became of the catalogue, the rules, the feeds and the records since."""

import json
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from console.main import app
from hub.backtest import backtest
from hub.operator_folder.load import load_operator
from hub.reconcile import MarketOutcome, reconcile_market, reconcile_snapshot
from storage.findings import findings_of
from tests.fakes.small_hub import SmallHub
from tests.fakes.small_operator import AS_OF, SmallOperator

YEARS = timedelta(days=3 * 365)
LATER = AS_OF + YEARS


def leaking() -> SmallOperator:
    operator = SmallOperator()
    operator.clean("7")
    operator.installed("10")
    operator.whole_months("10", "SLV", "55.00", (1, 2, 3))
    operator.installed("20", offering="gold", ordered="silver", router="leased")
    operator.whole_months("20", "SLV", "60.00", (1, 2, 3))
    operator.installed("30", date(2026, 2, 10), router="leased")
    operator.seen("GHST00000001", "S", date(2026, 2, 10))
    operator.adjustment("10", "5.00", date(2026, 3, 3), reason="kindness")
    return operator


@pytest.fixture
def small(tmp_path: Path) -> SmallHub:
    return SmallHub(tmp_path)


def judged(small: SmallHub) -> MarketOutcome:
    small.pull(leaking(), AS_OF)
    with small.open() as hub:
        return reconcile_market(hub, "oldtown", AS_OF, AS_OF)


def mended(small: SmallHub) -> None:
    """Years pass: prices triple, half of the rules go or change, and every record is another one."""
    catalogue = small.folder / "catalogue.yaml"
    plain = json.loads(catalogue.read_text(encoding="utf-8"))
    for offering in plain["offerings"]:
        for price in offering["prices"]:
            price["amount"] = str(Decimal(price["amount"]) * 3)
    plain["proration"] = {"oldtown": "thirty_360"}
    plain["goodwill_reasons"] = ["kindness"]
    catalogue.write_text(json.dumps(plain), encoding="utf-8")
    rules = small.folder / "rules"
    rules.mkdir()
    (rules / "other.yaml").write_text(
        "- {override: RL-C05, off: true}\n- {override: RL-A02, parameters: {grace_days: 30}}\n"
        "- {override: RL-B01, bound: 1}\n",
        encoding="utf-8",
    )
    operator = SmallOperator()
    for account in ("7", "10", "20", "30", "50"):
        operator.clean(account)
    small.pull(operator, LATER)


def plain(outcome: MarketOutcome) -> tuple[Any, ...]:
    report = outcome.report
    return report.findings, report.not_judged, report.compared, report.billed_minor, report.rules, report.versions


def test_a_snapshot_is_judged_years_later_by_what_it_carries(small: SmallHub) -> None:
    first = judged(small)
    assert {one.rule_id for one in first.report.findings} >= {"RL-A01", "RL-B01", "RL-C03", "RL-C05", "RL-E01"}
    mended(small)
    with small.open() as hub:
        standing = reconcile_market(hub, "oldtown", LATER, LATER)
        with hub.database.reading() as connection:
            stand = findings_of(connection, "oldtown")
        again = reconcile_snapshot(hub, first.snapshot, LATER)
        with hub.database.reading() as connection:
            stand_afterwards = findings_of(connection, "oldtown")

    assert plain(standing) != plain(first)
    assert plain(again) == plain(first)
    assert not again.stands
    assert stand_afterwards == stand


def test_the_command_gives_the_same_file(small: SmallHub) -> None:
    first = judged(small)
    written = first.files.findings_csv.read_bytes()
    mended(small)
    with small.open() as hub:
        reconcile_market(hub, "oldtown", LATER, LATER)
    place = ["--operator", str(small.folder), "--workspace", str(small.workspace)]
    done = CliRunner().invoke(app, ["reconcile", "--snapshot", str(first.snapshot), *place])
    assert done.exception is None, done.exception
    (beside,) = small.workspace.glob("reports/oldtown/*-as-of-*.csv")
    assert beside.read_bytes() == written


def test_todays_rules_judge_it_by_the_prices_of_then(small: SmallHub) -> None:
    first = judged(small)
    (expected,) = [one for one in first.report.findings if one.rule_id == "RL-C05"]
    mended(small)
    (small.folder / "rules" / "other.yaml").write_text("{override: RL-A02, parameters: {grace_days: 30}}\n")
    operator = load_operator(small.folder)

    told = backtest(operator, small.workspace, "RL-C05", first.snapshot.name, None, LATER, beside="now")

    assert told.tested.trial.in_force.findings == told.tested.trial.tried.findings == (expected,)
