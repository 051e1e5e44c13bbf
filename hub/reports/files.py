"""Writes the files of a report; they appear together, each of them whole."""

from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

from xlsxwriter.exceptions import XlsxFileError

from canonical_model.errors import RetryableError
from hub.reports.board.page import write_board_page
from hub.reports.data_files import write_findings_csv, write_report_json
from hub.reports.guard import refuse_what_does_not_add_up
from hub.reports.page import write_page
from hub.reports.source_text import file_stem
from hub.reports.tables import last_judged_day
from hub.reports.whole_files import whole_files
from hub.reports.workbook import write_workbook
from reconciliation.report import MarketReport


@dataclass(frozen=True, slots=True)
class ReportFiles:
    """Where the files of one report are."""

    workbook: Path
    page: Path
    findings_csv: Path
    report_json: Path
    board: Path

    @property
    def all(self) -> tuple[Path, ...]:
        """Every file, what people read first."""
        return (self.page, self.board, self.workbook, self.findings_csv, self.report_json)


def write_reports(report: MarketReport, folder: Path, is_newest: bool = True) -> ReportFiles:
    """Write a report as XLSX, HTML, CSV, JSON and PDF for the board into a folder, which is made where it is missing.

    Files are named for the market and the month of the last judged day (``MARKET-2026-10.xlsx``); older ones of the
    same name are replaced, all of them or none. The same report gives the same bytes.

    Args:
        report: what to write.
        folder: where to.
        is_newest: a report of an older moment gets the moment into its name as well, so that it replaces no other.

    Raises:
        UnsafeToContinue: the report does not add up; nothing is written.
        RetryableError: the disk takes no more; nothing is replaced.
    """
    refuse_what_does_not_add_up(report)
    last_day = last_judged_day(report)
    moment = "" if is_newest else f"-as-of-{report.as_of.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    stem = f"{file_stem(report.market_id)}-{last_day:%Y-%m}{moment}"
    paths = [folder / f"{stem}.{ending}" for ending in ("xlsx", "html", "csv", "json", "pdf")]
    files = ReportFiles(*paths)
    try:
        with whole_files(*paths) as begun:
            half = ReportFiles(*begun)
            write_workbook(report, half.workbook)
            write_page(report, half.page, workbook_name=files.workbook.name)
            write_findings_csv(report, half.findings_csv)
            write_report_json(report, half.report_json)
            write_board_page(report, half.board)
    except (OSError, XlsxFileError) as error:
        raise RetryableError(f"the report of market {report.market_id} could not be written: {error}") from error
    return files
