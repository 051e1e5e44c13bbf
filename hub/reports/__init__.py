"""The report of one market and period, as workbook, page and data files."""

from hub.reports.files import ReportFiles, write_reports

__all__ = ["ReportFiles", "write_reports"]
