"""The report as a workbook: numbers that are numbers, dates that are dates, ready to filter and to print."""

from datetime import UTC
from pathlib import Path

from xlsxwriter import Workbook

from hub.reports import sheets
from hub.reports.case_sheet import write_cases
from hub.reports.cause_sheet import write_causes
from hub.reports.cells import ROW_LIMIT, Looks, set_up_print
from hub.reports.history_sheets import write_cohorts, write_trend
from hub.reports.kpi_sheet import write_kpis
from hub.reports.source_text import printable
from hub.reports.summary_sheet import write_summary
from hub.reports.tables import last_judged_day
from reconciliation.report import MarketReport

_WRITERS = sheets.SHEETS | {
    "Common causes": write_causes,
    "Cases": write_cases,
    "KPIs": write_kpis,
    "Trend": write_trend,
    "Cohorts": write_cohorts,
}
_ORDER = (
    "By rule",
    "By month",
    "Common causes",
    "Findings",
    "Finding lines",
    "Cases",
    "KPIs",
    "Trend",
    "Cohorts",
    "Not judged",
    "About",
)


def write_workbook(report: MarketReport, path: Path, row_limit: int = ROW_LIMIT) -> None:
    """Write the workbook of a report; the same report gives the same bytes.

    Args:
        report: what to write.
        path: the file, replaced where it exists.
        row_limit: rows that a sheet may have; a table that has more says so in its last row.
    """
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_date_format": "yyyy-mm-dd",
    }
    with Workbook(str(path), options) as book:
        title = f"{report.market_name}: revenue leakage, {report.period_from} to {last_judged_day(report)}"
        book.set_properties(
            {
                "title": printable(title),
                "author": printable(report.operator),
                "created": report.as_of.astimezone(UTC).replace(tzinfo=None),
            }
        )
        looks = Looks(book, report.currency)
        looks.definitions = sheets.definition_cells(report)
        page = book.add_worksheet("Summary")
        write_summary(page, report, looks)
        set_up_print(page, title, repeated_rows=2)
        absent = {"KPIs": not report.kpis, "Trend": not report.history, "Cohorts": not report.cohorts}
        absent["Common causes"] = report.causes is None
        for name in _ORDER:
            if absent.get(name):
                continue
            page = book.add_worksheet(name)
            _WRITERS[name](sheets.Place(book, page, report, looks, row_limit))
            set_up_print(page, title, pages_tall=1 if name == "By month" else 0)
