"""`splice bill-to-bill`: classes, causes and accounts at the terminal and in the workbook; nothing is netted."""

import json
import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from canonical_model.billing import ChargeLine
from canonical_model.errors import ConfigurationError
from canonical_model.take_over import AccountCutOver
from console.main import app
from hub.archive import open_archive
from hub.bill_to_bill import compare_bills_of
from hub.reconcile import reconcile_market
from reconciliation.bill_to_bill import CHARGE_CLASSES
from tests.fakes.small_hub import SmallHub
from tests.fakes.small_operator import AS_OF, SmallOperator

CUT = date(2026, 3, 1)
RATES = {"41": "55.00", "42": "66.00", "43": "60.00"}
"""What the new system bills for a service of 60.00."""


def moved(*later: str) -> SmallOperator:
    """Accounts that move on 1 March, with a bill too low, one too high and a right one; or that move later."""
    operator = SmallOperator()
    operator.clean("7")
    for account, rate in RATES.items():
        operator.installed(account)
        operator.whole_months(account, "SLV", "60.00", (1, 2))
        cut = CUT if account not in later else date(2026, 3, 20)
        # the list of moved accounts and the new bills come with another feed of the fake
        values = {"wave": "W1", "legacy_system": "billing", "target_system": "olt", "cut_over_on": cut}
        operator.add(AccountCutOver, "olt", account_number=account, **values)
        cents = int(rate.replace(".", ""))
        amounts = {"rate_minor": cents, "amount_minor": cents, "currency": "USD", "subscription_id": f"n{account}"}
        days = {"covers_from": CUT, "covers_to": date(2026, 4, 1), "billed_on": date(2026, 4, 1)}
        operator.add(ChargeLine, "olt", account_number=account, billing_code="SLV", **amounts, **days)
    return operator


@pytest.fixture
def small(tmp_path: Path) -> SmallHub:
    hub = SmallHub(tmp_path)
    hub.pull(moved(), AS_OF)
    with hub.open() as opened:
        reconcile_market(opened, "oldtown", AS_OF, AS_OF)
    return hub


def told(small: SmallHub, *arguments: str) -> str:
    command = ["bill-to-bill", *arguments, "--operator", str(small.folder), "--workspace", str(small.workspace)]
    answer = CliRunner().invoke(app, command, catch_exceptions=False, env={"COLUMNS": "180"})
    assert answer.exit_code == 0, answer.output
    return answer.output


def cells(small: SmallHub, sheet: str) -> list[tuple[object, ...]]:
    (path,) = (small.workspace / "reports" / "oldtown").glob("bill-to-bill-*.xlsx")
    return [tuple(cell.value for cell in row) for row in load_workbook(path)[sheet].iter_rows(min_row=2)]


def test_classes_stand_by_themselves_and_up_is_not_netted_with_down(small: SmallHub) -> None:
    output = told(small, "oldtown")
    assert all(name.replace("_", " ") in output for name in CHARGE_CLASSES)
    classes = {str(row[0]): row[1:] for row in cells(small, "By class")}
    assert classes["recurring"] == (3, 180, 180, 181, 6, 5, 0, 0)
    assert all(classes[name] == (0, 0, 0, 0, 0, 0, 0, 0) for name in CHARGE_CLASSES if name != "recurring")
    assert cells(small, "By cause") == [("recurring", "RL-J04", "target", 2, 6, 5)]


def test_each_account_has_its_three_bills_and_what_lies_between(small: SmallHub) -> None:
    told(small, "oldtown")
    rows = {str(row[0]): row for row in cells(small, "Accounts")}
    assert rows["41"][4:] == (60, 60, 55, -5, "RL-J04", "target", -5, 0)
    assert rows["42"][4:] == (60, 60, 66, 6, "RL-J04", "target", 6, 0)
    assert rows["43"][4:] == (60, 60, 60, 0, None, None, None, 0)
    output = told(small, "oldtown", "--account", "0041")
    assert "2026-02 and 2026-03" in output
    assert "RL-J04, target bill" in output
    assert "-5.00 USD" in output
    assert "no service of account 7 was compared" in told(small, "oldtown", "--account", "7")


def test_a_market_that_was_never_judged_has_no_comparison(tmp_path: Path) -> None:
    hub = SmallHub(tmp_path)
    hub.pull(moved(), AS_OF)
    with open_archive(hub.workspace, {}) as archive, pytest.raises(ConfigurationError, match="never reconciled"):
        compare_bills_of(archive, "oldtown")


def test_what_changed_since_counts_and_the_rest_stays(small: SmallHub) -> None:
    small.pull(moved("42"), AS_OF + timedelta(hours=1))
    with small.open() as hub:
        reconcile_market(hub, "oldtown", AS_OF + timedelta(hours=1), AS_OF + timedelta(hours=1))
    with open_archive(small.workspace, {}) as archive:
        comparison = compare_bills_of(archive, "oldtown").comparison
    assert {row.service for row in comparison.classes} == {"41", "43"}
    assert [service for service, _ in comparison.not_compared] == ["42"]


def test_the_report_of_the_run_has_them_class_by_class_and_again_without_its_snapshot(small: SmallHub) -> None:
    with small.open() as hub:
        folder = hub.reports / "oldtown"
        page, data = (next(folder.glob(f"oldtown-*.{ending}")) for ending in ("html", "json"))
        written = page.read_text(encoding="utf-8")
        (recurring,) = json.loads(data.read_text(encoding="utf-8"))["bill_to_bill"]["classes"]
        assert [recurring[f"{name}_minor"] for name in ("legacy", "expected", "target", "higher", "lower")] == [
            180_00,
            180_00,
            181_00,
            6_00,
            5_00,
        ]
        assert {(cause["name"], cause["side"]): cause["services"] for cause in recurring["causes"]} == {
            ("RL-J04", "target"): 2
        }
        text = " ".join(written.split())
        assert "Bills before and after the move" in text
        assert "3 services of accounts that were moved" in text
        assert "(new bill)" in text
        for rows in hub.snapshots.glob("oldtown/*/by_service"):
            shutil.rmtree(rows)
        page.unlink()
    CliRunner().invoke(
        app,
        ["report", "oldtown", "--operator", str(small.folder), "--workspace", str(small.workspace)],
        catch_exceptions=False,
    )
    assert page.read_text(encoding="utf-8") == written


def test_a_market_in_which_nobody_moves_has_no_such_section(tmp_path: Path) -> None:
    hub = SmallHub(tmp_path)
    operator = SmallOperator()
    operator.clean("7")
    hub.pull(operator, AS_OF)
    with hub.open() as opened:
        outcome = reconcile_market(opened, "oldtown", AS_OF, AS_OF)
    assert outcome.report.bills is None
    assert "Bills before and after" not in outcome.files.page.read_text(encoding="utf-8")
