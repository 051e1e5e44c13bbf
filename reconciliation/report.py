"""What a report of one market says, before anybody chooses paper, workbook or page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from reconciliation.bill_totals import BillTotals
from reconciliation.cases import CaseState
from reconciliation.causes.groups import CommonCauses
from reconciliation.cohorts.cohort import Cohort
from reconciliation.findings import Direction, ExposureClass, Finding, NotJudged
from reconciliation.kpis.results import KpiResult
from reconciliation.run_history import PastRun


@dataclass(frozen=True, slots=True)
class RuleInReport:
    """A rule as the reader of a report needs it.

    Attributes:
        outcome: ``findings``, ``clean``, ``inconclusive`` or ``off``.
        remedy: what is to be done about a finding, as the rule names it.
        owner: who works its findings.
        handoff: that it watches; empty where it is none.
    """

    id: str
    title: str
    owner: str
    remedy: str
    outcome: str
    handoff: str = ""


@dataclass(frozen=True, slots=True)
class CaseInReport:
    """A case as the reader of a report needs it.

    Attributes:
        remedies: each in words: ``credit of 20.00 USD, sent``.
        then_minor: its money when it was found.
        now_minor: its money now, 0 where it is gone.
        ended_by: why it vanished; empty where it did not.
    """

    fingerprint: str
    rule_id: str
    subject: str
    direction: Direction
    exposure_class: ExposureClass
    state: CaseState
    assignee: str
    first_seen: datetime
    last_seen: datetime
    then_minor: int
    now_minor: int
    remedies: tuple[str, ...] = ()
    ended_by: str = ""


@dataclass(frozen=True, slots=True)
class MarketReport:
    """Everything that the workbook, the page and the data files of one market are made from.

    Attributes:
        period_from: first judged day, in the market's calendar.
        period_to: day after the last judged one.
        compared: rows of expected and billed charges compared.
        billed_minor: total billed in the judged periods, minor units of ``currency``.
        versions: what it was computed with: snapshot, rules, catalogue, mappings.
        first_seen: by fingerprint, when a finding was first found (for ageing).
        cases: as they stand when the report is written, most money first; none for an older moment.
        kpis: what the work of the market comes to; none for an older moment.
        causes: what findings have in common; None where nobody looked.
        cohorts: services by the month in which they began and by hub; none for an older moment.
        history: the runs of the market up to this one, the oldest first; none for an older moment.
        bills: of accounts that were moved to another billing system, before and after; None where none were, or for
            an older moment.
    """

    operator: str
    market_id: str
    market_name: str
    currency: str
    zone: str
    as_of: datetime
    period_from: date
    period_to: date
    findings: tuple[Finding, ...]
    rules: Mapping[str, RuleInReport]
    not_judged: tuple[NotJudged, ...]
    compared: int
    billed_minor: int
    versions: Mapping[str, str]
    first_seen: Mapping[str, datetime]
    cases: tuple[CaseInReport, ...] = ()
    kpis: tuple[KpiResult, ...] = ()
    causes: CommonCauses | None = None
    cohorts: tuple[Cohort, ...] = ()
    history: tuple[PastRun, ...] = ()
    bills: BillTotals | None = None
