"""Writes the go/no-go report beside the other reports of its market: as PDF and as Markdown, both of them or none."""

from pathlib import Path

from canonical_model.errors import ConfigurationError, RetryableError
from handoffs.stages import Handoff
from hub.reports.go_no_go.markdown import go_no_go_markdown
from hub.reports.go_no_go.page import write_go_no_go
from hub.reports.source_text import file_stem
from hub.reports.whole_files import whole_files
from hub.takeover.go_no_go.document import GoNoGo
from hub.workplace import Hub


def report_path(hub: Hub, market: str, handoff: Handoff, verdict_id: int) -> Path:
    """Where the PDF about a verdict lies, if it was written."""
    return hub.reports / market / f"{file_stem(market)}-go-no-go-{handoff}-{verdict_id}.pdf"


def write_go_no_go_files(hub: Hub, document: GoNoGo, path: Path | None = None) -> Path:
    """Write the report; a file of the same verdict is replaced.

    Args:
        hub: the operator's hub.
        document: what to write.
        path: of the PDF; beside the other reports of its market where none is named. The Markdown lies beside it.

    Returns:
        The PDF.

    Raises:
        ConfigurationError: the PDF would be called something else than a PDF, as the Markdown beside it.
        RetryableError: the disk takes no more; nothing is replaced.
    """
    position = document.position
    pdf = path or report_path(hub, position.market, position.handoff, document.verdict_id)
    if pdf.suffix.lower() != ".pdf":
        raise ConfigurationError(f"{pdf}: the name of the report has to end in .pdf")
    text = pdf.with_suffix(".md")
    try:
        with whole_files(pdf, text) as (half_pdf, half_text):
            write_go_no_go(document, half_pdf)
            half_text.write_text(go_no_go_markdown(document), encoding="utf-8")
    except OSError as error:
        raise RetryableError(f"{pdf} could not be written: {error}") from error
    return pdf
