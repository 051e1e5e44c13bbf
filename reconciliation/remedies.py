"""Remedies: what may be done about a finding, how much of its money may still be asked for, and their states."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from canonical_model.intervals import add_months
from reconciliation.findings import Finding, FindingLine
from rules.remedy import RemedyKind

RemedyState = Literal["proposed", "approved", "sent", "done", "verified", "withdrawn", "failed"]

REMEDY_STATES: dict[RemedyState, str] = {
    "proposed": "waits for somebody who may approve it",
    "approved": "waits to be sent, or for the person who does it",
    "sent": "in the outbox",
    "done": "the billing system shows it, or the person who did it says so",
    "verified": "a run saw what it brought",
    "withdrawn": "taken back before it was sent",
    "failed": "given up in the outbox",
}
REMEDY_MOVES: dict[RemedyState, frozenset[RemedyState]] = {
    "proposed": frozenset({"proposed", "approved", "withdrawn"}),
    "approved": frozenset({"proposed", "approved", "sent", "done", "withdrawn"}),
    "sent": frozenset({"proposed", "done", "verified", "failed"}),
    "done": frozenset({"verified"}),
    "verified": frozenset(),
    "withdrawn": frozenset(),
    "failed": frozenset(),
}
"""Where each state may lead; ``sent`` leads back to ``proposed`` only while it is certain that nothing has left."""

LIVE: tuple[RemedyState, ...] = ("proposed", "approved", "sent", "done")
"""A case has one live remedy of a kind at most, so that no money is moved twice."""
DECIDED: tuple[RemedyState, ...] = ("approved", "sent", "done")
"""A case with one of these is in remedy."""

MONEY_KINDS: tuple[RemedyKind, ...] = ("backbill", "credit")
MENDING_KINDS: tuple[RemedyKind, ...] = ("start_charge", "stop_charge", "price_correction")
"""They change what will be billed; there is nothing to mend where the last billed month was right."""


@dataclass(frozen=True, slots=True)
class Remediable:
    """How much of a finding one kind of remedy may move.

    Attributes:
        amount_minor: positive, minor units; 0 where nothing may be moved.
        why_not: the reason where it is 0, else empty.
    """

    amount_minor: int
    why_not: str = ""


def first_billable_month(today: date, back_bill_months: int) -> date:
    """The oldest month that may still be billed on a day of the market's calendar."""
    return add_months(today.replace(day=1), -back_bill_months)


def billable_minor(lines: Iterable[FindingLine], billable_from: date) -> int:
    """What the months from that one on come to, minor units."""
    return sum(line.exposure_minor for line in lines if line.period >= billable_from)


def remediable(finding: Finding, kind: RemedyKind, today: date, back_bill_months: int) -> Remediable:
    """What a remedy of a kind may move of a finding's money on a day.

    Only what is under-billed and still within the limit of back-billing is billed; only what is due to the customer
    is credited, however old it is. What is an estimate (at risk), a cost or a delay is no sum that stands on a bill.

    Args:
        finding: as it was seen last.
        kind: of the remedy; one that moves no money by itself may move 0 and has no reason against it.
        today: in the market's calendar.
        back_bill_months: whole months before the current one that may still be billed.
    """
    if kind not in MONEY_KINDS:
        return Remediable(0)
    if finding.explained_by is not None or finding.exposure_minor <= 0:
        return Remediable(0, "another finding carries its money")
    if finding.subject_kind != "service":
        return Remediable(
            0, f"it is about a {finding.subject_kind.replace('_', ' ')} and not about a service's bills"
        )
    wanted = ("over_billed", "refund_due") if kind == "credit" else ("under_billed", "recoverable")
    if (finding.direction, finding.exposure_class) != wanted:
        held = f"{finding.direction} and {finding.exposure_class}".replace("_", " ")
        return Remediable(
            0, f"a {kind} is for money that is {' and '.join(wanted).replace('_', ' ')}; this is {held}"
        )
    if kind == "credit":
        return Remediable(finding.exposure_minor)
    limit = first_billable_month(today, back_bill_months)
    amount = min(billable_minor(finding.lines, limit), finding.exposure_minor)
    if amount > 0:
        return Remediable(amount)
    return Remediable(0, f"months before {limit:%Y-%m} cannot be billed any more ({back_bill_months} months back)")


def may_become(current: RemedyState, target: RemedyState) -> bool:
    """Whether a remedy may go from one state to another."""
    return target in REMEDY_MOVES[current]
