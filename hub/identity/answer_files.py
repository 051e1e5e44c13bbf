"""A file of questions that comes back with answers: read as a whole, and refused as a whole where a line is wrong."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from canonical_model.errors import ConfigurationError
from hub.decision import Decision
from hub.identity.bulk import Answers, Said, answer_all
from hub.identity.question_files import ANSWER, CHOICES, LINK, SEEN, WHY, refuse_other_kinds, seen
from hub.workplace import Hub
from identity.answers import Answer
from storage.identity_links import IdentityLink, identity_links

_NEEDED = (LINK, ANSWER, WHY, SEEN)
_SHOWN = 20
_ANSWERS: Mapping[str, Answer] = {"accept": "accept", "reject": "reject", "undo": "undo"}

Line = tuple[int, dict[str, str]]
"""Number of a line of the file, and what its columns say."""


def import_answers(hub: Hub, path: Path, decision: Decision) -> Answers:
    """Record the answers of a file; lines without an answer stay questions.

    Args:
        hub: the operator's hub.
        path: as ``export_questions`` wrote it, filled in.
        decision: who answers and when; the reason holds for lines that give none.

    Raises:
        ConfigurationError: the file cannot be read, or lines are wrong: all are told, and nothing is recorded.
    """
    refuse_other_kinds(path)
    answered = [(number, line) for number, line in _lines(path) if line[ANSWER]]
    with hub.database.reading() as connection:
        links = {link.id: link for link in identity_links(connection)}
    said: dict[int, Said] = {}
    faults: list[str] = []
    for number, line in answered:
        found, fault = _said(line, links, decision.why)
        if found is None:
            faults.append(f"line {number}: {fault}")
        elif found.link_id in said:
            faults.append(f"line {number}: link {found.link_id} stands there twice")
        else:
            said[found.link_id] = found
    if faults:
        more = [f"and {len(faults) - _SHOWN} more"] if len(faults) > _SHOWN else []
        told = "\n  ".join([*faults[:_SHOWN], *more])
        raise ConfigurationError(f"{path.name}: {len(faults)} lines are wrong, and nothing was recorded\n  {told}")
    if not said:
        return Answers(None, ())
    return answer_all(hub, list(said.values()), decision, f"file {path.name}")


def _said(line: dict[str, str], links: Mapping[int, IdentityLink], why: str) -> tuple[Said | None, str]:
    """What a line says, or what is wrong with it."""
    answer = _ANSWERS.get(line[ANSWER].lower())
    if answer is None:
        return None, f"{line[ANSWER]!r} is no answer; expected: {', '.join(CHOICES)}"
    link = links.get(_number(line[LINK]))
    if link is None:
        return None, f"there is no link {line[LINK]!r}"
    if line[SEEN] != seen(link):
        return None, f"link {link.id} has changed since the file was written: export it again"
    reason = line[WHY] or why
    if not reason.strip():
        return None, f"link {link.id}: an answer needs a reason; fill in the column {WHY}, or give one for all"
    return Said(link.id, answer, reason), ""


def _number(text: str) -> int:
    """A link's number; a workbook has it as 12 or 12.0. -1 for what is none."""
    whole = text.removesuffix(".0")
    return int(whole) if whole.isascii() and whole.isdigit() else -1


def _lines(path: Path) -> Iterator[Line]:
    rows = _csv_rows(path) if path.suffix.lower() == ".csv" else _workbook_rows(path)
    columns: list[str] = []
    for number, row in enumerate(rows, start=1):
        if not columns:
            columns = [cell.strip().lower() for cell in row]
            if missing := [name for name in _NEEDED if name not in columns]:
                raise ConfigurationError(f"{path.name}: there is no column {', '.join(missing)} in its first line")
        elif any(row):
            cells = dict(zip(columns, row, strict=False))
            yield number, {name: cells.get(name, "").strip() for name in _NEEDED}


def _csv_rows(path: Path) -> Iterable[list[str]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: cannot be read as a CSV file in UTF-8: {error}") from error
    first = text.split("\n", 1)[0]
    # a spreadsheet of another locale writes semicolons
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count)))


def _workbook_rows(path: Path) -> Iterable[list[str]]:
    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (OSError, BadZipFile, InvalidFileException, KeyError) as error:
        raise ConfigurationError(f"{path}: cannot be read as a workbook: {error}") from error
    with closing(book):
        sheet = book.worksheets[0]
        return [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
