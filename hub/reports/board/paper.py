"""A page of paper: letters that are embedded, texts that fit, and nothing that a reader takes for something else."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from pathlib import Path

from font_roboto import font_files
from reportlab.lib.colors import HexColor
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from hub.reports.source_text import printable

WIDTH, HEIGHT = 595, 792
"""Points: as wide as A4 and as tall as Letter, so that both print it as it is."""
MARGIN = 36
INK, QUIET, RULE, HEAD, WARN = "#1A2326", "#566267", "#D5DAD7", "#0B4F5C", "#8A5200"

REGULAR, BOLD = "Roboto", "RobotoBold"
_ELLIPSIS = "…"


@cache
def _glyphs() -> frozenset[int]:
    """Make the fonts known; the characters that both of them have."""
    faces = [TTFont(name, font_files[name]) for name in (REGULAR, BOLD)]
    for face in faces:
        pdfmetrics.registerFont(face)
    return frozenset.intersection(*(frozenset(face.face.charToGlyph) for face in faces))


def legible(text: str) -> str:
    """A text in letters that the page has; any other character as its number, ``[U+6771]``, rather than as a gap."""
    known = _glyphs()
    whole = " ".join(unicodedata.normalize("NFC", printable(text)).split())
    return "".join(letter if ord(letter) in known else f"[U+{ord(letter):04X}]" for letter in whole)


@dataclass(frozen=True, slots=True)
class Word:
    """A part of a line: what it says, how, and which definition it leads to."""

    text: str
    font: str = REGULAR
    size: int = 8
    color: str = INK
    link: str = ""


class Paper:
    """One page; heights are counted from the top."""

    def __init__(self, path: Path, title: str, author: str) -> None:
        _glyphs()
        # invariant: the same drawing gives the same bytes
        self._canvas = Canvas(
            str(path), pagesize=(WIDTH, HEIGHT), initialFontName=REGULAR, invariant=1, pageCompression=1
        )
        self._canvas.setTitle(legible(title))
        self._canvas.setAuthor(legible(author))
        self._canvas.setCreator("Splice")

    def save(self) -> None:
        """Write the file: one page."""
        self._canvas.showPage()
        self._canvas.save()

    def text(self, x: int, y: int, word: Word, width: int | None = None, align: str = "left") -> int:
        """Write a text on a line, cut where it does not fit; returns how wide it has become.

        Args:
            x: where it begins, or where it ends with ``align="right"``.
            y: of its foot, from the top.
            word: what to write.
            width: room for it; None for as much as it takes.
            align: ``left`` or ``right``.
        """
        said = legible(word.text)
        said = said if width is None else _fitting(said, word, width)
        taken = _width(said, word)
        begin = x if align == "left" else x - taken
        self._canvas.setFont(word.font, word.size)
        self._canvas.setFillColor(HexColor(word.color))
        self._canvas.drawString(begin, HEIGHT - y, said)
        if word.link:
            box = (begin, HEIGHT - y - 2, begin + taken, HEIGHT - y + word.size)
            self._canvas.linkRect("", word.link, box, relative=0, thickness=0)
        return taken

    def shrunk(self, x: int, y: int, word: Word, width: int, least: int, align: str = "left") -> int:
        """Write a text in letters as small as it takes, down to a least size, and cut it never: amounts are whole."""
        sizes = (replace(word, size=size) for size in range(word.size, least, -1))
        fit = (each for each in sizes if _width(legible(each.text), each) <= width)
        return self.text(x, y, next(fit, replace(word, size=least)), align=align)

    def listed(self, x: int, y: int, start: str, items: Sequence[str], word: Word, width: int) -> None:
        """Write as many whole items on a line as have room, and how many more there are."""
        for number in range(len(items), -1, -1):
            more = len(items) - number
            said = start + "; ".join(items[:number]) + (f"; {more} more in the workbook" if more else "")
            if number == 0 or _width(legible(said), word) <= width:
                self.text(x, y, replace(word, text=said), width)
                return

    def paragraph(self, x: int, y: int, words: Sequence[Word], width: int, lines: int, leading: int) -> int:
        """Write words over some lines, the last one cut where there is more; returns the height of the next line."""
        pieces = [(part, word) for word in words for part in legible(word.text).split(" ") if part]
        at, line = x, 1
        for place, (part, word) in enumerate(pieces):
            need = _width(part, word)
            if at > x and at + need > x + width:
                if line == lines:
                    break
                at, line, y = x, line + 1, y + leading
            is_last = line == lines and place + 1 < len(pieces)
            room = x + width - at
            if is_last and need + _width(f" {pieces[place + 1][0]}{_ELLIPSIS}", word) > room:
                self.text(at, y, Word(part + _ELLIPSIS, word.font, word.size, word.color), room)
                break
            self.text(at, y, Word(part, word.font, word.size, word.color, word.link), room)
            at += need + _width(" ", word)
        return y + leading

    def definition(self, name: str, y: int) -> None:
        """Mark a height as the place that links of that name lead to."""
        self._canvas.bookmarkHorizontal(name, 0, HEIGHT - y)

    def rule(self, y: int, x: int = MARGIN, end: int = WIDTH - MARGIN) -> None:
        """Draw a thin line across."""
        self._canvas.setStrokeColor(HexColor(RULE))
        self._canvas.setLineWidth(1)
        self._canvas.line(x, HEIGHT - y, end, HEIGHT - y)

    def box(self, x: int, y: int, width: int, height: int, color: str) -> None:
        """Fill a rectangle."""
        self._canvas.setFillColor(HexColor(color))
        self._canvas.rect(x, HEIGHT - y - height, width, height, stroke=0, fill=1)

    def stroke(self, points: Sequence[tuple[int, int]], color: str) -> None:
        """Draw a line through points."""
        self._canvas.setStrokeColor(HexColor(color))
        self._canvas.setLineWidth(1)
        for (x, y), (next_x, next_y) in pairwise(points):
            self._canvas.line(x, HEIGHT - y, next_x, HEIGHT - next_y)

    def dot(self, x: int, y: int, color: str, is_ring: bool) -> None:
        """Draw a point; as a ring where it is known in part only."""
        self._canvas.setStrokeColor(HexColor(WARN if is_ring else color))
        self._canvas.setFillColor(HexColor("#FFFFFF" if is_ring else color))
        self._canvas.circle(x, HEIGHT - y, 2, stroke=1, fill=1)


def _width(text: str, word: Word) -> int:
    return -int(-pdfmetrics.stringWidth(text, word.font, word.size) // 1)


def _fitting(text: str, word: Word, width: int) -> str:
    if _width(text, word) <= width:
        return text
    while text and _width(text + _ELLIPSIS, word) > width:
        text = text[:-1]
    return text.rstrip() + _ELLIPSIS
