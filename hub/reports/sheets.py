"""The sheets behind the summary, each of them one table."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from hub.reports.amounts import major
from hub.reports.cells import LINK_LIMIT, Column, Link, Looks, Value, put, write_table
from hub.reports.source_text import joined_for_cell
from hub.reports.tables import Kind, MonthTable, age_in_days, by_month, by_rule, first_found, ranked, rule_of
from hub.reports.wording import (
    CLASS_NAMES,
    DEFINITIONS,
    DIRECTION_NAMES,
    OUTCOME_NAMES,
    SCOPE_MEANINGS,
    SCOPE_NAMES,
    counted,
    spoken,
)
from reconciliation.findings import DIRECTIONS, Finding
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
    Column("Title", 42),
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
    Column("Age of the money (days)", 13, "count"),
    Column("First found", 12, "date"),
    Column("Explained by", 19),
    Column("Remedy", 26),
    Column("Owner", 12),
    Column("Lines", 10),
    Column("Finding", 19),
    Column("Evidence", 80),
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
    Column("Carried by another finding", 15, "money"),
    Column("Explained by", 19),
)
_NOT_JUDGED = (Column("What", 12), Column("Subject", 36), Column("Why", 96), Column("What this means", 50))
_ABOUT = (Column("What", 28), Column("Meaning", 120))

_COLOURS = {
    "under_billed": ("#0B4F5C", "#2B93A1", "#93CDD3", "#C9E4E7"),
    "over_billed": ("#8B3A6A", "#BD6F9D", "#E2BCD3", "#F0DDE9"),
    "cost": ("#96590E", "#C48A3F", "#E7C898", "#F3E3CB"),
    "tax": ("#47549C", "#7B87C9", "#C0C7E8", "#DFE3F3"),
}


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
    columns = (Column("Month", 12, "month"), *(Column(_kind_title(kind), 18, "money") for kind in table.kinds))
    below = place.table(columns, _month_rows(table, report.currency), frozen_columns=1)
    put(place.sheet, below, 0, "All months", place.looks.text_total)
    for column, kind in enumerate(table.kinds, start=1):
        whole = sum(table.cell(month, kind) for month in table.months)
        put(place.sheet, below, column, major(whole, report.currency), place.looks.money_total)
    _draw_months(place, table, below + 2)


def write_findings(place: Place) -> None:
    """One row a finding, largest first, with a link to its lines."""
    place.table(_FINDINGS, _finding_rows(place.report, place.row_limit), frozen_columns=3)


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
    report = place.report
    last_day = report.period_to - timedelta(days=1)
    facts = (
        ("Operator", report.operator),
        ("Market", f"{report.market_name} ({report.market_id})"),
        ("Judged period", f"{report.period_from.isoformat()} to {last_day.isoformat()}, both days included"),
        ("As of", report.as_of.isoformat()),
        ("Time zone", report.zone),
        ("Currency", report.currency),
        *((f"Version: {spoken(name)}", version) for name, version in sorted(report.versions.items())),
    )
    place.table(_ABOUT, iter([*facts, *DEFINITIONS]))


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
                DIRECTION_NAMES[total.kind.direction],
                CLASS_NAMES[total.kind.exposure_class],
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
            DIRECTION_NAMES[finding.direction],
            CLASS_NAMES[finding.exposure_class],
            major(finding.exposure_minor, report.currency),
            major(finding.run_rate_minor, report.currency),
            min(months, default=None),
            max(months, default=None),
            finding.evidence_from,
            finding.evidence_to,
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
        yield from _lines_of(finding, report.currency)


def _lines_of(finding: Finding, currency: str) -> Iterator[Row]:
    carries = finding.explained_by is None
    for line in finding.lines:
        exposure = major(line.exposure_minor, currency)
        nothing = major(0, currency)
        yield (
            finding.fingerprint,
            finding.rule_id,
            finding.subject,
            DIRECTION_NAMES[finding.direction],
            CLASS_NAMES[finding.exposure_class],
            line.period,
            line.charge,
            major(line.expected_minor, currency),
            major(line.billed_minor, currency),
            major(line.expected_minor - line.billed_minor, currency),
            exposure if carries else nothing,
            nothing if carries else exposure,
            finding.explained_by,
        )


def _kind_title(kind: Kind) -> str:
    return f"{DIRECTION_NAMES[kind.direction]}\n{CLASS_NAMES[kind.exposure_class].lower()}"


def _draw_months(place: Place, table: MonthTable, row: int) -> None:
    for direction in DIRECTIONS:
        kinds = [(column, kind) for column, kind in enumerate(table.kinds, start=1) if kind.direction == direction]
        if not kinds:
            continue
        chart = place.book.add_chart({"type": "column", "subtype": "stacked"})
        last = len(table.months)
        for shade, (column, kind) in enumerate(kinds):
            chart.add_series(
                {
                    "name": CLASS_NAMES[kind.exposure_class],
                    "categories": ["By month", 1, 0, last, 0],
                    "values": ["By month", 1, column, last, column],
                    "fill": {"color": _COLOURS[direction][min(shade, 3)]},
                    "gap": 60,
                }
            )
        chart.set_title({"name": f"{DIRECTION_NAMES[direction]} by month", "name_font": {"size": 12}})
        chart.set_x_axis({"date_axis": False, "text_axis": True, "num_format": "mmm yyyy"})
        chart.set_y_axis({"major_gridlines": {"visible": True, "line": {"color": "#E2E5E2"}}, "line": {"none": True}})
        chart.set_legend({"position": "bottom"})
        chart.set_size({"width": 760, "height": 300})
        place.sheet.insert_chart(row, 0, chart)
        row += 16
