"""Texts that come from other people's systems, made safe for a cell, a CSV file and a page."""

import re

CELL_CHARACTERS = 32_767
"""What one cell of a workbook holds, in UTF-16 units."""

_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_FORMULA_STARTS = re.compile(r"(^|[;\t\r\n])(?=[=+\-@\t\r\n＝＋－＠])")


def printable(text: str) -> str:
    """Replace what cannot be written or would deceive: controls, lone surrogates, marks that reverse a line."""
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def neutral(text: str) -> str:
    """A printable text that no spreadsheet reads as a formula when it opens a CSV file.

    An apostrophe goes before the characters that start one (OWASP, "CSV Injection"), at the beginning and also
    behind what a spreadsheet of another locale takes for the end of a cell.
    """
    return _FORMULA_STARTS.sub(r"\1'", printable(text))


def joined_for_cell(texts: tuple[str, ...]) -> str:
    """Texts in one line, cut at whole texts so that they fit one cell of a workbook, saying how many are left out."""
    room = CELL_CHARACTERS - 100
    kept: list[str] = []
    for place, text in enumerate(texts):
        clean = printable(text)
        room -= len(clean.encode("utf-16-le")) // 2 + 2
        if room < 0:
            return "; ".join([*kept, f"and {len(texts) - place} more in the JSON file"])
        kept.append(clean)
    return "; ".join(kept)


def file_stem(text: str) -> str:
    """A name that is safe as part of a file name on every system."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "market"
