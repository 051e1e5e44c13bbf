"""The sheet of cases: the life of each finding, who works at it, and what became of its money."""

from collections.abc import Iterator

from hub.reports.amounts import major
from hub.reports.cells import Column, put
from hub.reports.sheets import Place, Row
from hub.reports.tables import local_day, rule_of
from hub.reports.wording import case_words, kind_words
from reconciliation.report import MarketReport

_CASES = (
    Column("Case", 19),
    Column("Rule", 9),
    Column("Title", 34),
    Column("Subject", 20),
    Column("Direction", 13),
    Column("Class", 13),
    Column("State", 26),
    Column("Assignee", 16),
    Column("First seen", 12, "date"),
    Column("Last seen", 12, "date"),
    Column("Money then", 15, "money"),
    Column("Money now", 15, "money"),
    Column("Remedy", 60, "long_text"),
)


def write_cases(place: Place) -> None:
    """One row a case, most money first; what vanished before the judged months is left out."""
    below = place.table(_CASES, _rows(place.report), frozen_columns=2)
    if not place.report.cases:
        put(place.sheet, below, 0, "No finding of this market is kept as a case.", place.looks.quiet)


def _rows(report: MarketReport) -> Iterator[Row]:
    for case in report.cases:
        yield (
            case.fingerprint,
            case.rule_id,
            rule_of(report, case.rule_id).title,
            case.subject,
            *kind_words((case.direction, case.exposure_class)),
            case_words(case.state, case.ended_by),
            case.assignee,
            local_day(case.first_seen, report.zone),
            local_day(case.last_seen, report.zone),
            major(case.then_minor, report.currency),
            major(case.now_minor, report.currency),
            "; ".join(case.remedies),
        )
