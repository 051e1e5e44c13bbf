"""The bill of a service lies apart from what was due: by class, in absolute cents, over the periods of a window."""

from datetime import date
from pathlib import Path

import pytest

from reconciliation.bills_apart import BillsApart, BillWindow, ClassApart, bills_apart
from reconciliation.run import reconcile
from reconciliation.snapshot.manifest import read_manifest
from tests.fakes.shipped_rules import rules_text
from tests.fakes.small_operator import SmallOperator
from tests.integration.reconciliation.judged import small_operator

JANUARY, FEBRUARY, APRIL = date(2026, 1, 1), date(2026, 2, 1), date(2026, 4, 1)


def apart(
    operator: SmallOperator, folder: Path, since: date = JANUARY, until: date = APRIL, *, judged: bool = False
) -> BillsApart | None:
    """The bills of the service of account 17, whose order is 917."""
    operator.snapshot(folder / "snapshot", rules_text())
    manifest = read_manifest(folder / "snapshot")
    findings = reconcile(folder / "snapshot", folder / "judged").findings if judged else ()
    window = BillWindow("order/SO-917", "917", since, until)
    return bills_apart(folder / "snapshot", manifest, [window], findings).get("order/SO-917")


@pytest.fixture
def operator() -> SmallOperator:
    return small_operator()


def test_a_bill_that_is_right_is_not_apart(operator: SmallOperator, tmp_path: Path) -> None:
    operator.clean("17")
    found = apart(operator, tmp_path)
    assert found is not None
    assert (found.periods, found.months_apart) == (3, ())
    assert found.classes == {"recurring": ClassApart(18_000, 18_000)}
    assert (found.due_offering, found.due_rate_minor) == ("silver", 6_000)
    assert (found.billed_offering, found.billed_rate_minor) == ("silver", 6_000)


def test_too_much_in_one_month_does_not_make_up_for_too_little_in_another(
    operator: SmallOperator, tmp_path: Path
) -> None:
    operator.clean("17", months=(3,))
    operator.whole_months("17", "SLV", "70.00", (1,))
    operator.whole_months("17", "SLV", "50.00", (2,))
    found = apart(operator, tmp_path)
    assert found is not None
    assert found.classes["recurring"] == ClassApart(18_000, 18_000, apart_minor=2_000)
    assert found.months_apart == (JANUARY, FEBRUARY)


def test_only_periods_of_the_window_count(operator: SmallOperator, tmp_path: Path) -> None:
    operator.clean("17", months=(2, 3))
    found = apart(operator, tmp_path, since=FEBRUARY)
    assert found is not None
    assert (found.periods, found.months_apart) == (2, ())


def test_what_findings_account_for_is_claimed_with_their_rule(operator: SmallOperator, tmp_path: Path) -> None:
    operator.clean("17", months=(2, 3))
    found = apart(operator, tmp_path, judged=True)
    assert found is not None
    recurring = found.classes["recurring"]
    assert (recurring.apart_minor, recurring.claimed_minor) == (6_000, 6_000)
    assert recurring.rules != ()


def test_nothing_is_claimed_where_nobody_judged(operator: SmallOperator, tmp_path: Path) -> None:
    operator.clean("17", months=(2, 3))
    found = apart(operator, tmp_path)
    assert found is not None
    assert found.classes["recurring"].claimed_minor == 0


def test_an_order_that_nobody_knows_has_no_bills(operator: SmallOperator, tmp_path: Path) -> None:
    assert apart(operator, tmp_path) is None
