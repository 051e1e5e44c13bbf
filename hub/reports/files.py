"""Writes the four files of a report; each appears whole or not at all."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from hub.reports.data_files import write_findings_csv, write_report_json
from hub.reports.guard import refuse_what_does_not_add_up
from hub.reports.page import write_page
from hub.reports.source_text import file_stem
from hub.reports.workbook import write_workbook
from reconciliation.report import MarketReport


@dataclass(frozen=True, slots=True)
class ReportFiles:
    """Where the files of one report are."""

    workbook: Path
    page: Path
    findings_csv: Path
    report_json: Path


def write_reports(report: MarketReport, folder: Path) -> ReportFiles:
    """Write a report as XLSX, HTML, CSV and JSON into a folder, which is made where it is missing.

    Files are named for the market and the month of the last judged day (``MARKET-2026-10.xlsx``); older ones
    of the same name are replaced. The same report gives the same bytes.

    Raises:
        UnsafeToContinue: the report does not add up; nothing is written.
    """
    refuse_what_does_not_add_up(report)
    folder.mkdir(parents=True, exist_ok=True)
    last_day = report.period_to - timedelta(days=1)
    stem = f"{file_stem(report.market_id)}-{last_day:%Y-%m}"
    files = ReportFiles(*(folder / f"{stem}.{ending}" for ending in ("xlsx", "html", "csv", "json")))
    _whole(files.workbook, lambda path: write_workbook(report, path))
    _whole(files.page, lambda path: write_page(report, path, workbook_name=files.workbook.name))
    _whole(files.findings_csv, lambda path: write_findings_csv(report, path))
    _whole(files.report_json, lambda path: write_report_json(report, path))
    return files


def _whole(path: Path, write: Callable[[Path], None]) -> None:
    partial = path.with_name(path.name + ".partial")
    try:
        write(partial)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
