"""Questions as a file that a person fills in: CSV, or a workbook with a choice in the column for the answer.

Beside what both records say there is a column ``seen``: what the link was when the file was written. An answer to
what has changed since is refused when the file comes back (``hub.identity.answer_files``).
"""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from xlsxwriter import Workbook

from canonical_model.errors import ConfigurationError
from hub.identity.compared import compared_fields
from hub.reports.source_text import neutral, printable
from hub.workplace import Hub
from identity.answers import OPEN, LinkState
from identity.patterns import pattern_id
from identity.settings import Subject
from storage.identity_links import IdentityLink, identity_links

LINK, SEEN, ANSWER, WHY = "link", "seen", "answer", "why"
CHOICES = ("accept", "reject", "undo")
KINDS = (".csv", ".xlsx")
_FIRST = (LINK, ANSWER, WHY, "of", "pattern", "reason", "probability")
_LAST = ("one record", "other record", SEEN)
_WIDTHS = {LINK: 8, ANSWER: 10, WHY: 32, "reason": 44, "one record": 30, "other record": 30}


def export_questions(
    hub: Hub,
    path: Path,
    subject: Subject | None = None,
    pattern: str | None = None,
    states: Sequence[LinkState] = OPEN,
) -> int:
    """Write links with what both records say; gives how many.

    Args:
        hub: the operator's hub.
        path: ends with ``.csv`` or ``.xlsx``; a file that is there is replaced.
        subject: only these; customers and premises where None.
        pattern: only of this one, in words.
        states: only links in these.

    Raises:
        ConfigurationError: the file's name has another ending.
    """
    refuse_other_kinds(path)
    with hub.database.reading() as connection:
        links = identity_links(connection, states, subject, pattern=pattern)
        rows = [_row(link, compared_fields(connection, link)) for link in links]
    named = dict.fromkeys(name for row in rows for name in row)
    columns = [*_FIRST, *(name for name in named if name not in (*_FIRST, *_LAST)), *_LAST]
    path.parent.mkdir(parents=True, exist_ok=True)
    (_write_csv if path.suffix.lower() == ".csv" else _write_workbook)(path, columns, rows)
    return len(rows)


def refuse_other_kinds(path: Path) -> None:
    """Make sure that a file is of a kind that is written and read.

    Raises:
        ConfigurationError: it is not.
    """
    if path.suffix.lower() not in KINDS:
        raise ConfigurationError(f"{path}: a file that ends with {' or '.join(KINDS)} was expected")


def seen(link: IdentityLink) -> str:
    """What a link is: its state and since when, so that an answer to something else is noticed."""
    return f"{link.state} {link.changed_at.isoformat()}"


def _row(link: IdentityLink, fields: Any) -> dict[str, Any]:
    said: dict[str, str] = {}
    for name, (one, other) in fields.items():
        said |= {f"{name}, one": one, f"{name}, other": other}
    return {
        LINK: link.id,
        ANSWER: "",
        WHY: "",
        "of": link.subject,
        "pattern": pattern_id(link.subject, link.pattern),
        "reason": link.reason,
        "probability": "" if link.probability is None else round(link.probability, 4),
        **said,
        "one record": link.names[0],
        "other record": link.names[1],
        SEEN: seen(link),
    }


def _write_csv(path: Path, columns: Sequence[str], rows: Iterable[dict[str, Any]]) -> None:
    # with a byte order mark, without which the program that most people open it with takes it for another encoding
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for row in rows:
            writer.writerow([_text(row.get(name, "")) for name in columns])


def _text(value: Any) -> str:
    return neutral(value) if isinstance(value, str) else str(value)


def _write_workbook(path: Path, columns: Sequence[str], rows: Sequence[dict[str, Any]]) -> None:
    options = {"strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
    with Workbook(str(path), options) as book:
        sheet = book.add_worksheet("Questions")
        text = book.add_format({"quote_prefix": True, "valign": "top"})
        to_fill_in = book.add_format({"bg_color": "#FDF5E6", "valign": "top"})
        head = book.add_format({"bold": True, "bottom": 1})
        for place, name in enumerate(columns):
            sheet.write_string(0, place, name, head)
            sheet.set_column(place, place, _WIDTHS.get(name, 18))
        for number, row in enumerate(rows, start=1):
            for place, name in enumerate(columns):
                value = row.get(name, "")
                if isinstance(value, str):
                    shown = to_fill_in if name in (ANSWER, WHY) else text
                    sheet.write_string(number, place, printable(value), shown)
                else:
                    sheet.write_number(number, place, value)
        sheet.freeze_panes(1, len(_FIRST[:3]))
        if rows:
            sheet.autofilter(0, 0, len(rows), len(columns) - 1)
            place = columns.index(ANSWER)
            choice = {"validate": "list", "source": list(CHOICES), "ignore_blank": True}
            sheet.data_validation(1, place, len(rows), place, choice)
