"""The amounts in docs/explanation/decomposition.md are those that the engine computes."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from source_tree import ROOT

from canonical_model.catalogue import Proration, ProrationConvention
from reconciliation.explain import explain_service
from reconciliation.run import reconcile
from reconciliation.snapshot.manifest import read_manifest
from tests.fakes.shipped_rules import rules_text
from tests.fakes.small_operator import SmallOperator

PAGE = ROOT / "docs/explanation/decomposition.md"
CONVENTIONS: tuple[ProrationConvention, ...] = ("actual_actual", "actual_30", "thirty_360")
LATE_AND_TIER, EARLY_AND_TWICE, GIVEN_BACK = "1", "2", "3"
MONTHS = {LATE_AND_TIER: date(2026, 1, 1), EARLY_AND_TWICE: date(2026, 2, 1)}


def tables(page: str) -> Iterator[list[list[str]]]:
    """Cells of every table whose heading names the conventions; the heading itself left out."""
    for block in re.findall(r"(?:^\|.*\n)+", page, re.MULTILINE):
        rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in block.splitlines()]
        if rows[0][-len(CONVENTIONS) :] == list(CONVENTIONS):
            yield rows[2:]


def told(account: str, convention: ProrationConvention) -> dict[str, Decimal]:
    rows = list(tables(PAGE.read_text(encoding="utf-8")))[int(account) - 1]
    column = CONVENTIONS.index(convention) - len(CONVENTIONS)
    amounts = {row[0]: Decimal(row[column]) for row in rows}
    return {name.strip("*"): amount for name, amount in amounts.items() if amount}


def computed(account: str, folder: Path) -> dict[str, Decimal]:
    explanation = explain_service(folder, read_manifest(folder), account)
    (month,) = (one for one in explanation.months if (one.period, one.charge) == (MONTHS[account], "access"))
    sums = {"expected": month.expected_minor, "billed": month.billed_minor}
    sums["expected minus billed"] = month.expected_minor - month.billed_minor
    return {name: Decimal(minor) / 100 for name, minor in (*sums.items(), *month.parts)}


def what_happened(convention: ProrationConvention) -> SmallOperator:
    """The two examples of the page, with the bills that a biller of that convention would have sent."""
    bills = {
        "actual_actual": ("21.29", "51.43", "19.29"),  # 12 days of 31; 24 and 9 days of 28
        "actual_30": ("22.00", "48.00", "18.00"),  # 12, 24 and 9 days of 30
        "thirty_360": ("20.17", "52.00", "22.00"),  # 11, 26 and 11 days of 30: each month is made up to 30
    }[convention]
    operator = SmallOperator(proration=Proration(convention=convention))
    january, february, march = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)

    late = LATE_AND_TIER
    operator.account(late)
    operator.order(late, "901", effective_on=january, offering_id="silver", install_fee_waived=True)
    operator.job("901", date(2026, 1, 10), "gold", "ABCD00000001")
    operator.seen("ABCD00000001", "G", date(2026, 1, 10))
    operator.line(late, "SLV", date(2026, 1, 20), february, "55.00", bills[0])
    operator.whole_months(late, "SLV", "55.00", (2, 3))

    early = EARLY_AND_TWICE
    operator.account(early)
    operator.order(early, "902", effective_on=february, offering_id="silver", install_fee_waived=True)
    operator.job("902", date(2026, 2, 12), "silver", "ABCD00000002")
    operator.seen("ABCD00000002", "S", date(2026, 2, 12))
    operator.line(early, "SLV", date(2026, 2, 5), march, "60.00", bills[1])
    operator.line(early, "SLV", date(2026, 2, 20), march, "60.00", bills[2], "s2")
    for subscription in ("s1", "s2"):
        operator.whole_months(early, "SLV", "60.00", (3,), subscription)
    return operator


def still_owed(convention: ProrationConvention, folder: Path) -> dict[str, Decimal]:
    """The third example: what explain shows, and the finding that is left of it."""
    second = {"actual_actual": "40.71", "actual_30": "38.00", "thirty_360": "42.00"}[convention]
    operator = SmallOperator(proration=Proration(convention=convention))
    operator.clean(GIVEN_BACK)
    operator.line(GIVEN_BACK, "SLV", date(2026, 2, 10), date(2026, 3, 1), "60.00", second, "s2")
    operator.whole_months(GIVEN_BACK, "SLV", "60.00", (3,), "s2")
    operator.adjustment(GIVEN_BACK, "-50.00", date(2026, 4, 2))
    operator.snapshot(folder / "snapshot", rules_text(), buckets=1)
    (finding,) = reconcile(folder / "snapshot", folder / "output").findings
    explanation = explain_service(folder / "snapshot", read_manifest(folder / "snapshot"), GIVEN_BACK)
    rows = {f"{month.period:%B}, {name}": -minor for month in explanation.months for name, minor in month.parts}
    rows["adjustment"] = sum(posted.amount_minor for posted in explanation.adjustments)
    rows |= {f"{line.period:%B}, still owed": line.exposure_minor for line in finding.lines}
    return {name: Decimal(minor) / 100 for name, minor in rows.items()}


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_the_page_tells_what_an_adjustment_leaves(convention: ProrationConvention, tmp_path: Path) -> None:
    assert told(GIVEN_BACK, convention) == still_owed(convention, tmp_path)


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_the_page_tells_what_the_engine_computes(convention: ProrationConvention, tmp_path: Path) -> None:
    what_happened(convention).snapshot(tmp_path / "snapshot")
    for account in (LATE_AND_TIER, EARLY_AND_TWICE):
        assert told(account, convention) == computed(account, tmp_path / "snapshot")
