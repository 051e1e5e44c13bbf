"""The sheets behind the summary, each of them one table."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from hub.reports.amounts import major
from hub.reports.cells import LINK_LIMIT, Column, Link, Looks, Value, put, write_table
from hub.reports.month_charts import draw_months
from hub.reports.source_text import joined_for_cell
from hub.reports.tables import (
    Kind,
    MonthTable,
    age_in_days,
    by_month,
    by_rule,
    first_found,
    kind_of,
    last_covered_day,
    last_judged_day,
    ranked,
    rule_of,
)
from hub.reports.wording import (
    DEFINITIONS,
    HEADER_DEFINITIONS,
    OUTCOME_NAMES,
    SCOPE_MEANINGS,
    SCOPE_NAMES,
    counted,
    kind_words,
    spoken,
)
from reconciliation.findings import Finding
from reconciliation.report import MarketReport

Row = tuple[Value | Link, ...]

_BY_RULE = (
    Column("Rule", 10),
    Column("Title", 48),
    Column("Outcome", 14),
    Column("Direction", 14),
    Column("Class", 14),
    Column("Findings", 10, "count"),
    Column("Explained by others", 12, "count"),
    Column("Subjects", 10, "count"),
    Column("Exposure to date", 18, "money"),
    Column("Monthly run rate", 18, "money"),
    Column("Remedy", 26),
    Column("Owner", 12),
)
_FINDINGS = (
    Column("Rule", 9),
    Column("Title", 34),
    Column("Subject", 20),
    Column("Kind", 9),
    Column("Direction", 13),
    Column("Class", 13),
    Column("Exposure to date", 15, "money"),
    Column("Monthly run rate", 15, "money"),
    Column("First month", 11, "month"),
    Column("Last month", 11, "month"),
    Column("Evidence from", 12, "date"),
    Column("Evidence to", 12, "date"),
    Column("Age of the money, days", 14, "count"),
    Column("First found", 12, "date"),
    Column("Explained by", 19),
    Column("Remedy", 22),
    Column("Owner", 11),
    Column("Lines", 10),
    Column("Finding", 19),
    Column("Evidence", 70),
)
_LINES = (
    Column("Finding", 19),
    Column("Rule", 9),
    Column("Subject", 20),
    Column("Direction", 13),
    Column("Class", 13),
    Column("Month", 11, "month"),
    Column("Charge", 24),
    Column("Expected", 15, "money"),
    Column("Billed", 15, "money"),
    Column("Expected minus billed", 15, "money"),
    Column("Exposure", 15, "money"),
    Column("Explained by", 19),
    Column("Hand-off", 24),
)
_NOT_JUDGED = (
    Column("What", 12),
    Column("Subject", 36),
    Column("Why", 90, "long_text"),
    Column("What this means", 50),
)
_ABOUT = (Column("What", 28), Column("Meaning", 110, "long_text"))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sheet is written and what from."""

    book: Workbook
    sheet: Worksheet
    report: MarketReport
    looks: Looks
    row_limit: int

    def table(self, columns: tuple[Column, ...], rows: Iterator[Row], frozen_columns: int = 0) -> int:
        """Make the sheet of this table; returns the first free row below it."""
        return write_table(self.sheet, columns, rows, self.looks, self.row_limit, frozen_columns)


def write_by_rule(place: Place) -> None:
    """One row for each rule, direction and class; a rule that found nothing has one with its outcome."""
    place.table(_BY_RULE, _rule_rows(place.report), frozen_columns=2)


def write_by_month(place: Place) -> None:
    """Months down, kinds across, a sum below each; one chart for each direction."""
    report, table = place.report, by_month(place.report)
    columns = (
        Column("Month", 12, "month"),
        *(Column(_kind_title(kind), 18, "money_or_dash") for kind in table.kinds),
    )
    below = place.table(columns, _month_rows(table, report.currency), frozen_columns=1)
    put(place.sheet, below, 0, "All months", place.looks.text_total)
    for column, kind in enumerate(table.kinds, start=1):
        whole = sum(table.cell(month, kind) for month in table.months)
        put(place.sheet, below, column, major(whole, report.currency), place.looks.money_total)
    draw_months(place.book, place.sheet, table, report.currency, below + 2)


def write_findings(place: Place) -> None:
    """One row a finding, largest first, with a link to its lines."""
    below = place.table(_FINDINGS, _finding_rows(place.report, place.row_limit), frozen_columns=3)
    place.sheet.print_area(0, 0, below - 1, len(_FINDINGS) - 2)  # on paper all but the evidence, to stay legible


def write_lines(place: Place) -> None:
    """The arithmetic of every finding, month by month, in the order of the findings."""
    place.table(_LINES, _line_rows(place.report), frozen_columns=1)


def write_not_judged(place: Place) -> None:
    """What is neither clean nor a finding, and why."""
    rows = (
        (SCOPE_NAMES[entry.scope], entry.subject, entry.reason, SCOPE_MEANINGS[entry.scope])
        for entry in place.report.not_judged
    )
    below = place.table(_NOT_JUDGED, rows)
    if not place.report.not_judged:
        put(place.sheet, below, 0, "No rule, record or difference was set aside.", place.looks.quiet)


def write_about(place: Place) -> None:
    """What the words mean and what the report was computed with."""
    place.table(_ABOUT, iter([*_about(place.report), *DEFINITIONS]))


def definition_cells(report: MarketReport) -> dict[str, str]:
    """The cell that defines what stands under a header, by the header."""
    first = len(_about(report)) + 2
    rows = {word: first + number for number, (word, _) in enumerate(DEFINITIONS)}
    return {title: f"'About'!A{rows[word]}" for title, word in HEADER_DEFINITIONS.items()}


def _about(report: MarketReport) -> tuple[tuple[str, str], ...]:
    return (
        ("Operator", report.operator),
        ("Market", f"{report.market_name} ({report.market_id})"),
        ("Judged period", f"{report.period_from} to {last_judged_day(report)}, both days included"),
        ("As of", report.as_of.isoformat()),
        ("Time zone", report.zone),
        ("Currency", report.currency),
        *((f"Version: {spoken(name)}", version) for name, version in sorted(report.versions.items())),
    )


SHEETS: dict[str, Callable[[Place], None]] = {
    "By rule": write_by_rule,
    "By month": write_by_month,
    "Findings": write_findings,
    "Finding lines": write_lines,
    "Not judged": write_not_judged,
    "About": write_about,
}


def _rule_rows(report: MarketReport) -> Iterator[Row]:
    for row in by_rule(report):
        rule = row.rule
        name = (rule.id, rule.title, OUTCOME_NAMES.get(rule.outcome, rule.outcome))
        work = (spoken(rule.remedy), spoken(rule.owner))
        for total in row.totals:
            yield (
                *name,
                *kind_words(total.kind),
                total.findings,
                total.explained,
                total.subjects,
                major(total.exposure_minor, report.currency),
                major(total.run_rate_minor, report.currency),
                *work,
            )
        if not row.totals:
            yield (*name, *(None,) * 7, *work)


def _month_rows(table: MonthTable, currency: str) -> Iterator[Row]:
    for month in table.months:
        yield (month, *(major(table.cell(month, kind), currency) for kind in table.kinds))


def _finding_rows(report: MarketReport, row_limit: int) -> Iterator[Row]:
    line_row = 2
    for number, finding in enumerate(ranked(report.findings), start=1):
        rule = rule_of(report, finding.rule_id)
        months = [line.period for line in finding.lines]
        linked = finding.lines and number <= LINK_LIMIT and line_row < row_limit
        lines = counted(len(months), "line")
        yield (
            finding.rule_id,
            rule.title,
            finding.subject,
            spoken(finding.subject_kind),
            *kind_words(kind_of(finding)),
            major(finding.exposure_minor, report.currency),
            major(finding.run_rate_minor, report.currency),
            min(months, default=None),
            max(months, default=None),
            finding.evidence_from,
            last_covered_day(finding),
            age_in_days(report, finding, "evidence_from"),
            first_found(report, finding),
            finding.explained_by,
            spoken(rule.remedy),
            spoken(rule.owner),
            Link(lines, f"'Finding lines'!A{line_row}") if linked else lines,
            finding.fingerprint,
            joined_for_cell(finding.evidence),
        )
        line_row += len(finding.lines)


def _line_rows(report: MarketReport) -> Iterator[Row]:
    for finding in ranked(report.findings):
        yield from _lines_of(finding, rule_of(report, finding.rule_id).handoff, report.currency)


def _lines_of(finding: Finding, handoff: str, currency: str) -> Iterator[Row]:
    for line in finding.lines:
        yield (
            finding.fingerprint,
            finding.rule_id,
            finding.subject,
            *kind_words(kind_of(finding)),
            line.period,
            line.charge,
            major(line.expected_minor, currency),
            major(line.billed_minor, currency),
            major(line.expected_minor - line.billed_minor, currency),
            major(line.exposure_minor, currency),
            finding.explained_by,
            spoken(handoff),
        )


def _kind_title(kind: Kind) -> str:
    direction, exposure_class = kind_words(kind)
    return f"{direction}\n{exposure_class.lower()}"
