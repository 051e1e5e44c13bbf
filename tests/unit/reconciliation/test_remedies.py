"""What a remedy may move of a finding's money, and what a run makes of one."""

from dataclasses import replace
from datetime import date
from typing import Any, get_args

import pytest

from reconciliation.findings import Finding, FindingLine
from reconciliation.remedies import REMEDY_MOVES, REMEDY_STATES, RemedyState, first_billable_month, remediable
from reconciliation.remedy_runs import KnownRemedy, kinds_to_propose, verdict
from rules.remedy import Remedy

TODAY = date(2026, 11, 5)


def finding(*months: int, **changes: Any) -> Finding:
    """20.00 in each of these months of 2026, under-billed and recoverable."""
    lines = tuple(FindingLine(date(2026, month, 1), "access", 8000, 6000, 2000) for month in months)
    made = Finding(
        fingerprint="f" * 16,
        rule_id="RL-C03",
        market="riverbend",
        subject_kind="service",
        subject="1234/9876",
        direction="under_billed",
        exposure_class="recoverable",
        exposure_minor=2000 * len(months),
        run_rate_minor=2000,
        currency="USD",
        evidence_from=date(2026, 1, 1),
        evidence_to=date(2026, 11, 1),
        lines=lines,
    )
    return replace(made, **changes)


def test_the_tables_know_every_state() -> None:
    assert set(REMEDY_STATES) == set(REMEDY_MOVES) == set(get_args(RemedyState))


@pytest.mark.parametrize(("day", "first"), [(date(2026, 11, 5), (2026, 5)), (date(2026, 12, 1), (2026, 6))])
def test_months_are_billed_back_to_a_limit(day: date, first: tuple[int, int]) -> None:
    assert first_billable_month(day, 6) == date(*first, 1)


def test_what_became_too_old_since_the_run_is_not_billed() -> None:
    held = finding(5, 6, 10)
    assert remediable(held, "backbill", TODAY, 6).amount_minor == 6000
    assert remediable(held, "backbill", date(2026, 12, 1), 6).amount_minor == 4000
    late = remediable(held, "backbill", date(2027, 6, 1), 6)
    assert (late.amount_minor, late.why_not) == (0, "months before 2026-12 cannot be billed any more (6 months back)")


@pytest.mark.parametrize(
    ("kind", "changes", "amount"),
    [
        ("backbill", {}, 4000),
        ("backbill", {"exposure_class": "lost"}, 0),
        ("backbill", {"exposure_class": "at_risk"}, 0),
        ("backbill", {"exposure_class": "deferred"}, 0),
        ("backbill", {"direction": "over_billed", "exposure_class": "refund_due"}, 0),
        ("backbill", {"subject_kind": "payment"}, 0),
        ("backbill", {"explained_by": "e" * 16, "exposure_minor": 0}, 0),
        ("credit", {"direction": "over_billed", "exposure_class": "refund_due"}, 4000),
        ("credit", {}, 0),
        ("credit", {"direction": "tax", "exposure_class": "refund_due"}, 0),
        ("task", {}, 0),
    ],
)
def test_only_money_that_can_stand_on_a_bill_is_moved(kind: Any, changes: dict[str, Any], amount: int) -> None:
    may = remediable(finding(9, 10, **changes), kind, TODAY, 6)
    assert may.amount_minor == amount
    assert bool(may.why_not) == (amount == 0 and kind != "task")


def test_a_refund_that_is_due_is_due_however_old_it_is() -> None:
    owed = finding(1, direction="over_billed", exposure_class="refund_due")
    assert remediable(owed, "credit", date(2029, 1, 1), 6).amount_minor == 2000


def known(state: RemedyState = "approved", kind: Any = "credit", **changes: Any) -> KnownRemedy:
    may_back = state in ("proposed", "approved")
    return replace(KnownRemedy(1, kind, state, 2000, 2000, -300, may_back), **changes)


@pytest.mark.parametrize(
    ("remedy", "exposure", "settled", "expected"),
    [
        (known("approved"), 2000, -300, "keep"),
        (known("approved"), 2500, -300, "revise"),
        (known("approved"), None, -300, "withdraw"),
        (known("sent", may_be_taken_back=True), 2500, -300, "revise"),
        (known("sent"), 2500, -300, "keep"),
        (known("done"), 2000, -300, "keep"),
        (known("done"), None, -300, "keep"),
        (known("done"), None, -2300, "verified"),
        (known("done"), 500, -2300, "verified"),
        (known("done"), None, -2299, "keep"),
        (known("done"), None, 1700, "keep"),
        (known("done", "backbill"), None, 1700, "verified"),
        (known("done", "task"), 2000, -300, "keep"),
        (known("done", "task"), None, -300, "verified"),
        (known("sent", "stop_charge"), None, -300, "keep"),
        (known("approved", "task"), 2500, -300, "keep"),
    ],
)
def test_a_run_sees_what_became_of_a_remedy(
    remedy: KnownRemedy, exposure: int | None, settled: int, expected: str
) -> None:
    assert verdict(remedy, exposure, settled) == expected


@pytest.mark.parametrize(
    ("before", "exposure", "proposed"),
    [
        ([], 2000, ("credit",)),
        ([known("proposed")], 2000, ()),
        ([known("done")], 2500, ()),
        ([known("withdrawn")], 2000, ()),
        ([known("withdrawn")], 2500, ("credit",)),
        ([known("verified")], 500, ("credit",)),
        ([known("failed")], 2500, ()),
        ([known("proposed", "task")], 2000, ("credit",)),
    ],
)
def test_a_run_proposes_nothing_twice(before: list[KnownRemedy], exposure: int, proposed: tuple[str, ...]) -> None:
    assert kinds_to_propose(("credit",), before, exposure) == proposed


def test_a_name_alone_is_a_task_for_a_person() -> None:
    assert Remedy(name="identify_premise").kinds == ("task",)
