"""The first sheet: what was found, in one look; no cell adds two directions or two exposure classes."""

from zoneinfo import ZoneInfo

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from hub.reports.amounts import major
from hub.reports.cells import Column, Link, Looks, Value, put, put_head, put_row
from hub.reports.tables import (
    AGE_BUCKETS,
    AgeClock,
    ageing,
    by_rule,
    last_judged_day,
    leakage,
    totals,
)
from hub.reports.verdict import verdict
from hub.reports.wording import CLASS_MEANINGS, OUTCOME_NAMES, kind_words
from reconciliation.report import MarketReport

_WIDTHS = (54, 16, 16, 16, 18, 18, 62)

_KIND = (Column("Direction"), Column("Class"))
_TOTALS = (
    *_KIND,
    Column("Findings", style="count"),
    Column("Subjects", style="count"),
    Column("Exposure to date", style="money"),
    Column("Monthly run rate", style="money"),
    Column("What the class means"),
)
_RULES = (
    Column("Rule"),
    Column("Outcome"),
    Column("Findings", style="count"),
    Column("Explained", style="count"),
)


class _Page:
    """A sheet that is written from top to bottom."""

    def __init__(self, sheet: Worksheet, looks: Looks) -> None:
        self.sheet = sheet
        self.looks = looks
        self.row = 0

    def band(self, text: str, style: Format) -> None:
        """A line over the whole width."""
        put(self.sheet, self.row, 0, text, style)
        for place in range(1, len(_WIDTHS)):
            self.sheet.write_blank(self.row, place, None, style)
        self.row += 1

    def line(self, text: str, style: Format) -> None:
        """A line of text that may run over the cells to its right."""
        put(self.sheet, self.row, 0, text, style)
        self.row += 1

    def section(self, title: str, note: str) -> None:
        """An empty line, a title and what the reader must know about the table below it."""
        self.row += 1
        self.line(title, self.looks.section)
        self.line(note, self.looks.quiet)

    def head(self, columns: tuple[Column, ...]) -> None:
        """The header of a table."""
        put_head(self.sheet, self.row, columns, self.looks)
        self.row += 1

    def cells(self, columns: tuple[Column, ...], values: tuple[Value | Link, ...]) -> None:
        """One row of a table."""
        put_row(self.sheet, self.row, columns, values, self.looks)
        self.row += 1


def write_summary(sheet: Worksheet, report: MarketReport, looks: Looks) -> None:
    """Write the sheet."""
    for place, width in enumerate(_WIDTHS):
        sheet.set_column(place, place, width)
    sheet.freeze_panes(2, 0)
    page = _Page(sheet, looks)
    _write_head(page, report)
    _write_totals(page, report)
    _write_leakage(page, report)
    _write_rules(page, report)
    _write_ageing(page, report, "evidence_from", "since the first day that the evidence covers")
    _write_ageing(page, report, "first_seen", "since the day a run first found it")


def _write_head(page: _Page, report: MarketReport) -> None:
    moment = report.as_of.astimezone(ZoneInfo(report.zone))
    page.sheet.set_row(0, 28)
    page.line(f"{report.market_name}: revenue leakage", page.looks.title)
    page.line(
        f"{report.operator} · {report.period_from} to {last_judged_day(report)} · as of {moment:%Y-%m-%d %H:%M}"
        f" {report.zone} · amounts in {report.currency}, without tax",
        page.looks.quiet,
    )
    page.row += 1
    result = verdict(report)
    style = {
        "findings": page.looks.result,
        "clean": page.looks.good,
        "in_part": page.looks.warning,
        "blind": page.looks.warning,
    }[result.standing]
    page.band(result.headline, style)
    page.line(result.sentence, page.looks.quiet)
    if result.incomplete:
        page.band(f"Not judged: {result.incomplete}.", page.looks.warning)


def _write_totals(page: _Page, report: MarketReport) -> None:
    page.section(
        "Exposure by direction and class",
        "Each amount stands alone: directions and classes are never added up or netted.",
    )
    page.head(_TOTALS)
    for total in totals(report.findings):
        page.cells(
            _TOTALS,
            (
                *kind_words(total.kind),
                total.findings,
                total.subjects,
                major(total.exposure_minor, report.currency),
                major(total.run_rate_minor, report.currency),
                CLASS_MEANINGS[total.kind.exposure_class],
            ),
        )
    if not report.findings:
        blind = verdict(report).standing == "blind"
        page.line("Unknown: nothing was judged." if blind else "No finding.", page.looks.quiet)


def _write_leakage(page: _Page, report: MarketReport) -> None:
    leak = leakage(report)
    blind = verdict(report).standing == "blind"
    page.section(
        "Identified leakage rate",
        "Under-billed, lost and recoverable, over itself plus everything billed. Deferred and at risk stay out.",
    )
    money, percent, count = (page.looks.of_style["money"], page.looks.percent, page.looks.of_style["count"])
    facts: tuple[tuple[str, Value, Format], ...] = (
        ("Under-billed, lost", "unknown" if blind else major(leak.lost_minor, report.currency), money),
        ("Under-billed, recoverable", "unknown" if blind else major(leak.recoverable_minor, report.currency), money),
        ("Billed in the period", major(leak.billed_minor, report.currency), money),
        ("Identified leakage rate", "unknown" if blind else leak.rate, percent),
        ("Rows of charges compared", report.compared, count),
    )
    for label, value, style in facts:
        put(page.sheet, page.row, 0, label, page.looks.of_style["text"])
        put(page.sheet, page.row, 1, value, style)
        page.row += 1


def _write_rules(page: _Page, report: MarketReport) -> None:
    page.section(
        "By rule", "The sheet By rule has the money of each. An inconclusive rule is neither clean nor a finding."
    )
    page.head(_RULES)
    for row in by_rule(report):
        counts = (row.findings, row.explained) if row.rule.outcome in ("findings", "clean") else (None, None)
        outcome = OUTCOME_NAMES.get(row.rule.outcome, row.rule.outcome)
        page.cells(_RULES, (f"{row.rule.id}  {row.rule.title}", outcome, *counts))
        if row.rule.outcome == "inconclusive":
            put(page.sheet, page.row - 1, 1, outcome, page.looks.gap)


def _write_ageing(page: _Page, report: MarketReport, clock: AgeClock, words: str) -> None:
    rows = ageing(report, clock)
    if not rows:
        return
    columns = (*_KIND, *(Column(name, style="money_or_dash") for name in AGE_BUCKETS))
    name = "Age of the money" if clock == "evidence_from" else "Age of the finding"
    page.section(name, f"Exposure by days {words}, to the day of this report in the market's own calendar.")
    page.head(columns)
    for row in rows:
        amounts = (major(minor, report.currency) for minor in row.exposure_minor)
        page.cells(columns, (*kind_words(row.kind), *amounts))
