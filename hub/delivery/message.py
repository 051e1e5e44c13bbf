"""The message that comes with a report: what it is about, and nothing of any customer."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from connectors.ports import Part, Write
from hub.delivery.attachment import attachment
from hub.operator_folder.reports_block import MailBlock
from hub.reports.files import ReportFiles
from hub.reports.tables import last_judged_day
from hub.reports.verdict import verdict
from reconciliation.report import MarketReport

_MEGABYTE = 1_000_000


def report_message(report: MarketReport, files: ReportFiles, run_id: int, block: MailBlock, to: str) -> Write:
    """The message to one person; the same each time it is sent, its id included.

    Raises:
        OSError: a file cannot be read.
    """
    attached, too_large = _chosen([getattr(files, name) for name in block.attach], block.largest_mb * _MEGABYTE)
    body = {"to": to, "title": _subject(report), "body": _body(report, files, run_id, block, attached, too_large)}
    return Write(
        command="send_report",
        request_id=f"report.{report.market_id}.{run_id}.{hashlib.sha256(to.encode()).hexdigest()[:12]}",
        repeats="harmful",
        parts=(Part("text/plain", {}, body), *(attachment(path) for path in attached)),
    )


def _chosen(wanted: Sequence[Path], most: int) -> tuple[list[Path], list[Path]]:
    attached: list[Path] = []
    too_large: list[Path] = []
    left = most
    for path in wanted:
        size = path.stat().st_size
        (attached if size <= left else too_large).append(path)
        left -= size if size <= left else 0
    return attached, too_large


def _subject(report: MarketReport) -> str:
    return f"Revenue leakage: {_line(report.market_name)}, {last_judged_day(report):%B %Y}"


def _body(
    report: MarketReport,
    files: ReportFiles,
    run_id: int,
    block: MailBlock,
    attached: Sequence[Path],
    too_large: Sequence[Path],
) -> str:
    said = verdict(report)
    lines = [
        f"{_line(report.market_name)}, {report.period_from} to {last_judged_day(report)}: {said.headline}.",
        said.sentence,
        f"Not judged: {said.incomplete}." if said.incomplete else "Everything that was looked at could be judged.",
        "",
    ]
    if attached:
        lines.append(f"Attached: {', '.join(path.name for path in attached)}")
    if too_large:
        lines.append(f"Too large to attach: {', '.join(path.name for path in too_large)}")
    if block.link is not None:
        lines += [f"{block.link.rstrip('/')}/{path.name}" for path in files.all]
    lines += ["", f"Run {run_id} of {_line(report.operator)}, as of {report.as_of.isoformat()}."]
    return "\n".join(lines) + "\n"


def _line(text: str) -> str:
    return " ".join(text.split())
