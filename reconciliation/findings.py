"""A finding: one cause on one subject, its money by month, and what it was computed with."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, get_args

Direction = Literal["under_billed", "over_billed", "cost", "tax"]
ExposureClass = Literal["lost", "recoverable", "deferred", "refund_due", "cost", "at_risk"]
SubjectKind = Literal[
    "service",
    "serial",
    "order",
    "work_order",
    "bill",
    "payment",
    "adjustment",
    "invoice_line",
    "partner_line",
    "case",
    "outage",
    "billing_item",
    "reservation",
    "wholesale_line",
    "balance",
]

DOCUMENTS: frozenset[SubjectKind] = frozenset(get_args(SubjectKind)) - {"service", "serial"}
"""Subjects that are a record of some system; their names begin with their kind: ``order/4711``."""

DIRECTIONS: tuple[Direction, ...] = ("under_billed", "over_billed", "cost", "tax")
EXPOSURE_CLASSES: tuple[ExposureClass, ...] = (
    "lost",
    "recoverable",
    "deferred",
    "refund_due",
    "cost",
    "at_risk",
)


@dataclass(frozen=True, slots=True)
class FindingLine:
    """The part of a finding that one month contributes.

    Attributes:
        period: first day of the billing period, in the market's calendar.
        charge: charge code the amount comes from; empty where the view has no charges.
        expected_minor: what should have been billed, minor units.
        billed_minor: what was billed, minor units.
        exposure_minor: the cause's share of the difference; negative where a discount moves with the charge it is
            given on, never so for all lines of a finding together.
    """

    period: date
    charge: str
    expected_minor: int
    billed_minor: int
    exposure_minor: int


@dataclass(frozen=True, slots=True)
class Finding:
    """One cause, one amount: what a rule found on one subject in one exposure class.

    Attributes:
        fingerprint: stable over runs: rule, market, subject, direction and exposure class.
        subject: name of a service (the account number, or ``ACCOUNT/ORDER`` for a later one), a serial, or a document
            by its kind and number (``order/4711``).
        exposure_minor: sum of the lines, minor units; 0 where another finding explains this one.
        run_rate_minor: what the last billed month contributes, an estimate of the next one.
        explained_by: fingerprint of the finding that carries the money, or None.
        evidence: source references of the records that prove it, ``system/object/id``.
    """

    fingerprint: str
    rule_id: str
    market: str
    subject_kind: SubjectKind
    subject: str
    direction: Direction
    exposure_class: ExposureClass
    exposure_minor: int
    run_rate_minor: int
    currency: str
    evidence_from: date
    evidence_to: date
    explained_by: str | None = None
    lines: tuple[FindingLine, ...] = ()
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NotJudged:
    """Something that could not be judged, and why; it is neither clean nor a finding.

    Attributes:
        scope: ``rule`` (a feed was unfit), ``record`` (it joins nothing), ``month`` (its bill run has not happened),
            ``difference`` (no rule explains it), ``adjustment`` (it settles no difference).
        subject: rule id, source reference, month, or ``service/`` and the name of a service.
        reason: a sentence for the person who has to mend it.
    """

    scope: Literal["rule", "record", "month", "difference", "adjustment"]
    subject: str
    reason: str


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The outcome of one run over one snapshot.

    Attributes:
        compared: bill lines that were compared with what was delivered.
        billed_minor: everything billed in the judged periods.
        outcomes: per rule ``findings``, ``clean``, ``inconclusive`` or ``off``.
        unjudged: accounts, services of accounts (``ACCOUNT/ORDER``) and serials that no rule was asked about.
        settled: by fingerprint what adjustments brought for a finding, there or not, minor units; negative where they
            went to the customer.
    """

    findings: tuple[Finding, ...]
    not_judged: tuple[NotJudged, ...]
    compared: int
    billed_minor: int
    outcomes: dict[str, str] = field(default_factory=dict)
    unjudged: frozenset[str] = frozenset()
    settled: Mapping[str, int] = field(default_factory=dict)

    @property
    def judged_rules(self) -> frozenset[str]:
        """Rules that could judge, so that their silence counts as well as their findings."""
        silent = {each.subject for each in self.not_judged if each.scope == "rule"}
        spoke = {rule for rule, outcome in self.outcomes.items() if outcome in ("findings", "clean")}
        return frozenset(spoke - silent)

    def asked_about(self, subjects: Iterable[str]) -> set[str]:
        """Those subjects that rules were asked about: a finding on them that is not there any more is gone.

        A service was not where its whole account was not; an account was not where any of its services was not.
        """
        in_part = {subject.partition("/")[0] for subject in self.unjudged}
        return {
            subject
            for subject in subjects
            if subject not in self.unjudged
            and (subject not in in_part if "/" not in subject else subject.partition("/")[0] not in self.unjudged)
        }


def fingerprint(rule_id: str, market: str, subject: str, direction: str, exposure_class: str) -> str:
    """The name of a finding that stays the same from run to run: 16 hex digits."""
    text = "\x1f".join((rule_id, market, subject, direction, exposure_class))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
