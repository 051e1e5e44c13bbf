"""The sums of a report. No sum here adds two directions or two exposure classes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from reconciliation.findings import (
    DIRECTIONS,
    EXPOSURE_CLASSES,
    Direction,
    ExposureClass,
    Finding,
)
from reconciliation.report import MarketReport, RuleInReport

AgeClock = Literal["evidence_from", "first_seen"]

AGE_BUCKETS = ("0-30 days", "31-60 days", "61-90 days", "over 90 days")
_LAST_DAYS = (30, 60, 90)


class Kind(NamedTuple):
    """What may be added up: one direction in one exposure class."""

    direction: Direction
    exposure_class: ExposureClass


@dataclass(frozen=True, slots=True)
class Total:
    """What the findings of one kind come to.

    Attributes:
        findings: findings that carry money of their own.
        explained: findings that another one explains; they count 0.00.
        subjects: different services and serials among ``findings``.
        exposure_minor: exposure to date, minor units.
        run_rate_minor: what the findings that carry money add in a month, minor units.
    """

    kind: Kind
    findings: int
    explained: int
    subjects: int
    exposure_minor: int
    run_rate_minor: int


@dataclass(frozen=True, slots=True)
class RuleTotals:
    """A rule and what it found, one total for each kind; none where it found nothing."""

    rule: RuleInReport
    totals: tuple[Total, ...]

    @property
    def findings(self) -> int:
        """How many findings carry money of their own."""
        return sum(total.findings for total in self.totals)

    @property
    def explained(self) -> int:
        """How many findings another one explains."""
        return sum(total.explained for total in self.totals)


@dataclass(frozen=True, slots=True)
class MonthTable:
    """Exposure by calendar month and kind, in minor units.

    Attributes:
        months: first days, without gaps, from the judged period and whatever the findings reach beyond it.
        kinds: the kinds that carry money, in the order of `DIRECTIONS` and `EXPOSURE_CLASSES`.
    """

    months: tuple[date, ...]
    kinds: tuple[Kind, ...]
    exposure_minor: Mapping[tuple[date, Kind], int]

    def cell(self, month: date, kind: Kind) -> int:
        """Exposure of one kind in one month."""
        return self.exposure_minor.get((month, kind), 0)


@dataclass(frozen=True, slots=True)
class AgeRow:
    """Exposure of one kind, in minor units, by the buckets of `AGE_BUCKETS`."""

    kind: Kind
    exposure_minor: tuple[int, ...]
    findings: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Leakage:
    """The identified leakage rate with what it is made of.

    Attributes:
        rate: share of (under-billed lost and recoverable + billed); None where nothing was billed or found.
    """

    lost_minor: int
    recoverable_minor: int
    billed_minor: int
    rate: Decimal | None


def kind_of(finding: Finding) -> Kind:
    """The kind under which a finding is added up."""
    return Kind(finding.direction, finding.exposure_class)


def ranked(findings: Iterable[Finding]) -> list[Finding]:
    """Findings by money, largest first; in a fixed order among equals."""
    return sorted(
        findings,
        key=lambda it: (-it.exposure_minor, it.explained_by is not None, it.rule_id, it.subject, it.fingerprint),
    )


def totals(findings: Iterable[Finding]) -> tuple[Total, ...]:
    """One total for each kind that occurs, in the order of `DIRECTIONS` and `EXPOSURE_CLASSES`."""
    by_kind = sorted(findings, key=lambda finding: _place(kind_of(finding)))
    return tuple(_total(kind, list(group)) for kind, group in groupby(by_kind, key=kind_of))


def by_rule(report: MarketReport) -> tuple[RuleTotals, ...]:
    """Every rule of the report, by id, with what it found."""
    found: dict[str, list[Finding]] = defaultdict(list)
    for finding in report.findings:
        found[finding.rule_id].append(finding)
    ids = sorted(report.rules.keys() | found.keys())
    return tuple(RuleTotals(rule_of(report, rule_id), totals(found[rule_id])) for rule_id in ids)


def rule_of(report: MarketReport, rule_id: str) -> RuleInReport:
    """The rule of a finding, also where it has left the rule packs since the finding was made."""
    return report.rules.get(rule_id) or RuleInReport(rule_id, rule_id, "", "", "findings")


def by_month(report: MarketReport) -> MonthTable:
    """Exposure by month, from the lines of the findings."""
    cells: dict[tuple[date, Kind], int] = defaultdict(int)
    for finding in report.findings:
        for line in finding.lines:
            cells[line.period.replace(day=1), kind_of(finding)] += line.exposure_minor
    carried = {place: minor for place, minor in cells.items() if minor}
    kinds = sorted({kind for _, kind in carried}, key=_place)
    inside = (report.period_from.replace(day=1), date.fromordinal(report.period_to.toordinal() - 1).replace(day=1))
    reached = [month for month, _ in carried]
    months = _months(min([*reached, *inside]), max([*reached, *inside]))
    return MonthTable(months, tuple(kinds), carried)


def ageing(report: MarketReport, clock: AgeClock) -> tuple[AgeRow, ...]:
    """Exposure by age in days at the report's own day.

    Args:
        report: the report.
        clock: ``evidence_from``: since the first day that the evidence covers; ``first_seen``: since a run first
            found it.
    """
    money: dict[Kind, list[int]] = {}
    count: dict[Kind, list[int]] = {}
    for finding in report.findings:
        if finding.explained_by is None:
            bucket = _bucket(age_in_days(report, finding, clock))
            money.setdefault(kind_of(finding), [0] * len(AGE_BUCKETS))[bucket] += finding.exposure_minor
            count.setdefault(kind_of(finding), [0] * len(AGE_BUCKETS))[bucket] += 1
    return tuple(AgeRow(kind, tuple(money[kind]), tuple(count[kind])) for kind in sorted(money, key=_place))


def age_in_days(report: MarketReport, finding: Finding, clock: AgeClock) -> int:
    """Days from where the clock starts to the report's own day, in the market's calendar; never negative."""
    start = finding.evidence_from if clock == "evidence_from" else first_found(report, finding)
    return max((local_day(report.as_of, report.zone) - start).days, 0)


def last_covered_day(finding: Finding) -> date:
    """The last day that the evidence covers; a finding's own ``evidence_to`` is the day after."""
    return max(finding.evidence_to - timedelta(days=1), finding.evidence_from)


def last_judged_day(report: MarketReport) -> date:
    """The last day that was judged; a report's own ``period_to`` is the day after."""
    return report.period_to - timedelta(days=1)


def first_found(report: MarketReport, finding: Finding) -> date:
    """The day on which a run first found it; the report's own day where this run did."""
    return local_day(report.first_seen.get(finding.fingerprint, report.as_of), report.zone)


def local_day(moment: datetime, zone: str) -> date:
    """The day that a moment falls on in the market's zone."""
    return moment.astimezone(ZoneInfo(zone)).date()


def leakage(report: MarketReport) -> Leakage:
    """The identified leakage rate: under-billed, lost and recoverable; not deferred, not at risk."""
    by_kind = {total.kind: total.exposure_minor for total in totals(report.findings)}
    lost = by_kind.get(Kind("under_billed", "lost"), 0)
    recoverable = by_kind.get(Kind("under_billed", "recoverable"), 0)
    whole = lost + recoverable + report.billed_minor
    rate = Decimal(lost + recoverable) / Decimal(whole) if whole > 0 else None
    return Leakage(lost, recoverable, report.billed_minor, rate)


def _place(kind: Kind) -> tuple[int, int]:
    return DIRECTIONS.index(kind.direction), EXPOSURE_CLASSES.index(kind.exposure_class)


def _total(kind: Kind, findings: list[Finding]) -> Total:
    carrying = [finding for finding in findings if finding.explained_by is None]
    return Total(
        kind=kind,
        findings=len(carrying),
        explained=len(findings) - len(carrying),
        subjects=len({(finding.subject_kind, finding.subject) for finding in carrying}),
        exposure_minor=sum(finding.exposure_minor for finding in carrying),
        run_rate_minor=sum(finding.run_rate_minor for finding in carrying),
    )


def _months(first: date, last: date) -> tuple[date, ...]:
    span = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return tuple(date(month // 12, month % 12 + 1, 1) for month in span)


def _bucket(days: int) -> int:
    return sum(days > last for last in _LAST_DAYS)
