"""The go/no-go report as PDF: what is recommended and why first, then everything that it rests on."""

from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table

from hub.reports.board.paper import BOLD, HEAD, HEIGHT, INK, MARGIN, QUIET, REGULAR, RULE, WARN, WIDTH, legible
from hub.reports.go_no_go.content import Section, sections, title_of
from hub.takeover.go_no_go.document import GoNoGo, Recommendation

_ROOM = WIDTH - 2 * MARGIN
_STOP = "#A3262A"
_COLOURS: dict[Recommendation, tuple[str, str]] = {
    "GO": ("#1E6B3A", "#EAF5EE"),
    "NO-GO": (_STOP, "#FBECEC"),
    "NOT KNOWN": (WARN, "#FDF5E6"),
}
"""Of the word, and of the box that it stands in."""
_PADDING = 6
"""That the frame of a page keeps around its content."""
_MOST_REASONS = 6
_TOGETHER = 6
"""Tables of so many rows are not taken apart."""

_CELL = ParagraphStyle("cell", fontName=REGULAR, fontSize=7.5, leading=9.5, textColor=HexColor(INK))
_MARKED = ParagraphStyle("marked", _CELL, fontName=BOLD, textColor=HexColor(_STOP))
_HEADING = ParagraphStyle("heading", _CELL, fontSize=6.5, leading=8, textColor=HexColor(QUIET))
_TITLE = ParagraphStyle("title", _CELL, fontName=BOLD, fontSize=10, leading=13, textColor=HexColor(HEAD))
_SAID = ParagraphStyle("said", _CELL, textColor=HexColor(QUIET), spaceAfter=3)


def write_go_no_go(document: GoNoGo, path: Path) -> None:
    """Write the report as PDF; the same document gives the same bytes.

    Raises:
        OSError: the disk takes no more.
    """
    title = legible(title_of(document))
    # invariant: the same drawing gives the same bytes
    made = SimpleDocTemplate(
        str(path),
        pagesize=(WIDTH, HEIGHT),
        leftMargin=MARGIN - _PADDING,
        rightMargin=MARGIN - _PADDING,
        topMargin=MARGIN,
        bottomMargin=MARGIN + 10,
        title=f"{document.recommendation}: {title}",
        author=legible(document.operator),
        creator="Splice",
        invariant=1,
        pageCompression=1,
    )
    story: list[Any] = _head(document)
    for section in sections(document):
        story += _section(section)

    def foot(canvas: Canvas, _: Any) -> None:
        canvas.setFont(REGULAR, 6.5)
        canvas.setFillColor(HexColor(QUIET))
        said = f"{title} · of {document.as_of:%Y-%m-%d %H:%M} UTC, verdict {document.verdict_id}"
        canvas.drawString(MARGIN, MARGIN - 8, said)
        canvas.drawRightString(WIDTH - MARGIN, MARGIN - 8, str(canvas.getPageNumber()))

    made.build(story, onFirstPage=foot, onLaterPages=foot)


def _head(document: GoNoGo) -> list[Any]:
    colour, ground = _COLOURS[document.recommendation]
    word = ParagraphStyle("word", _CELL, fontName=BOLD, fontSize=22, leading=26, textColor=HexColor(colour))
    about = ParagraphStyle("about", _CELL, fontName=BOLD, fontSize=13, leading=16, textColor=HexColor(HEAD))
    reasons = [_text(said, _CELL) for said in document.because[:_MOST_REASONS]]
    if len(document.because) > _MOST_REASONS:
        reasons.append(_text(f"And {len(document.because) - _MOST_REASONS} more, below.", _SAID))
    box = Table([[_text(document.recommendation, word), reasons]], colWidths=[140, _ROOM - 140], hAlign="LEFT")
    box.setStyle(
        [
            ("BACKGROUND", (0, 0), (-1, -1), HexColor(ground)),
            ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
            ("LEFTPADDING", (0, 0), (0, 0), 12),
            ("TOPPADDING", (0, 0), (-1, -1), 8),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 8),
        ]
    )
    operator = _text(f"Go or no-go · {document.operator}", _SAID)
    return [operator, _text(title_of(document), about), Spacer(1, 6), box, Spacer(1, 4)]


def _section(section: Section) -> list[Any]:
    head = [Spacer(1, 8), _text(section.title, _TITLE)]
    head += [_text(section.said, _SAID)] if section.said else []
    if not section.rows:
        return [KeepTogether(head)]
    has_headings = any(section.headings)
    cells = [[_text(each, _HEADING) for each in section.headings]] if has_headings else []
    for place, row in enumerate(section.rows):
        style = _MARKED if place in section.marked else _CELL
        cells.append([_text(each, style) for each in row])
    widths = [_ROOM * width / sum(section.widths) for width in section.widths]
    # what a person wrote may be longer than a page
    table = Table(cells, colWidths=widths, repeatRows=1 if has_headings else 0, splitInRow=1, hAlign="LEFT")
    table.setStyle(
        [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LINEBELOW", (0, 0), (-1, -1), 0.5, HexColor(RULE)),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), 6),
            ("TOPPADDING", (0, 0), (-1, -1), 2),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
        ]
    )
    if len(section.rows) <= _TOGETHER:
        return [KeepTogether([*head, table])]
    return [*head, table]


def _text(text: str, style: ParagraphStyle) -> Any:
    return Paragraph(escape(legible(text)), style)
