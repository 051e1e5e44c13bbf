"""Rows of text files: delimited (CSV) and fixed width, with the trailer that some of them end with."""

import csv
from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from itertools import islice
from typing import BinaryIO

from canonical_model.errors import ConfigurationError, UnsafeToContinue
from connectors.files.plan import Place, Plan, Trailer
from connectors.files.text import Spelling, csv_reader, lines_of
from connectors.ports import RawRecord
from connectors.settings import near

PROBLEM, LINE = "#problem", "#line"
"""Fields of a record that could not be read. It has no others, so that it is rejected and lies in quarantine."""

csv.field_size_limit(1 << 27)
"""For the whole process: fields of more than 128 KiB are rare and no fault."""


def csv_records(file: BinaryIO, spelling: Spelling, plan: Plan) -> Iterator[RawRecord]:
    """The rows of a delimited file as raw records, all values as text.

    Raises:
        ConfigurationError: quotes do not fit, or the header has a name twice or is missing.
        UnsafeToContinue: the trailer is missing, or contradicts the rows.
        EOFError, OSError, zlib.error: a packed file is cut short or damaged.
    """
    text = lines_of(file, spelling.encoding)
    reader = csv_reader(islice(text, plan.skip_lines, None), spelling.delimiter or ",", plan.quote)
    try:
        names = _header(reader) if plan.has_header else list(plan.columns)
        width, check = len(names), _TrailerCheck(plan.trailer)
        for row in reader:
            line = plan.skip_lines + reader.line_num  # type: ignore[attr-defined]
            if not row:
                continue
            if check.is_trailer(row):
                continue
            if len(row) != width:
                record = problem(line, f"{len(row)} fields, where {width} are expected")
            else:
                record = dict(zip(names, row, strict=True))
            check.add(record)
            yield record
        check.finish()
    except csv.Error as error:
        line = plan.skip_lines + reader.line_num  # type: ignore[attr-defined]
        raise ConfigurationError(
            f"line {line} cannot be read: {error}; set quote: none where quotes are part of the text"
        ) from error


def fixed_records(file: BinaryIO, spelling: Spelling, plan: Plan) -> Iterator[RawRecord]:
    """The lines of a file of fixed width as raw records, without the blanks that fill values up.

    A line may lack blanks at its end, which some programs cut off.

    Raises:
        UnsafeToContinue: the trailer is missing, or contradicts the rows.
        EOFError, OSError, zlib.error: a packed file is cut short or damaged.
    """
    places = {name: slice(*place) for name, place in plan.columns.items() if isinstance(place, tuple)}
    width = max(place.stop for place in places.values())
    check = _TrailerCheck(plan.trailer)
    for number, written in enumerate(lines_of(file, spelling.encoding), start=1):
        line = written.rstrip("\r\n\x1a")
        if number <= plan.skip_lines + int(plan.has_header) or not line.strip() or check.is_trailer(line):
            continue
        if len(line.rstrip(" ")) > width:
            record = problem(number, f"{len(line)} characters, where {width} are expected")
        else:
            record = {name: line[place].strip(" ") for name, place in places.items()}
        check.add(record)
        yield record
    check.finish()


def _header(reader: Iterator[list[str]]) -> list[str]:
    names = [name.strip() for name in next((row for row in reader if row), [])]
    if not names:
        raise ConfigurationError("it has no header; set header: false where it has none, with columns")
    if twice := [name for name in names if names.count(name) > 1]:
        raise ConfigurationError(
            f"two columns are called {twice[0] or 'nothing'}; set header: false and name columns"
        )
    return names


def missing_columns(known: Sequence[str], wanted: Sequence[str]) -> str:
    """Which columns are not there, with the nearest that are; empty where all are."""
    gone = [name for name in wanted if name not in known]
    return "; ".join(f"column {name} does not exist{near(name, known)}" for name in gone)


class _TrailerCheck:
    """Counts and adds up rows, and compares them with what the trailer says."""

    def __init__(self, trailer: Trailer | None) -> None:
        self._trailer = trailer
        self._seen: Sequence[str] | str | None = None
        self._rows = 0
        self._sums = {name: Decimal(0) for name in trailer.sums} if trailer else {}

    def is_trailer(self, row: list[str] | str) -> bool:
        """Whether a row is the trailer; keeps it.

        Raises:
            UnsafeToContinue: rows follow behind the trailer.
        """
        if self._trailer is None:
            return False
        if self._seen is not None:
            raise UnsafeToContinue("rows follow behind its trailer; have it sent again")
        first = self._trailer.first
        if row.startswith(first) if isinstance(row, str) else row[0].strip() == first:
            self._seen = row
            return True
        return False

    def add(self, record: RawRecord) -> None:
        """Take a row into account."""
        self._rows += 1
        for name in self._sums:
            self._sums[name] += _amount(str(record.get(name, "")), name)

    def finish(self) -> None:
        """Compare, at the end of the file.

        Raises:
            UnsafeToContinue: there is no trailer, or it says something else.
        """
        trailer = self._trailer
        if trailer is None:
            return
        if self._seen is None:
            raise UnsafeToContinue(f"it ends without its trailer ({trailer.first}); have it sent again")
        if trailer.count is not None:
            told = _amount(_at(self._seen, trailer.count), "count")
            if told != self._rows:
                raise UnsafeToContinue(f"its trailer counts {told} rows, and it holds {self._rows}; ask its sender")
        for name, place in trailer.sums.items():
            if _amount(_at(self._seen, place), name) != self._sums[name]:
                raise UnsafeToContinue(f"its trailer gives another sum of {name} than its rows; ask its sender")


def _at(row: Sequence[str] | str, place: Place) -> str:
    if isinstance(place, tuple):
        return str(row)[slice(*place)]
    return row[place] if place < len(row) else ""


def _amount(text: str, name: str) -> Decimal:
    """A number of a control total; with a decimal comma too, and blank for nothing.

    Raises:
        UnsafeToContinue: it is none.
    """
    plain = text.strip()
    if "," in plain and "." not in plain and plain.count(",") == 1:
        plain = plain.replace(",", ".")
    try:
        found = Decimal(plain or 0)
    except InvalidOperation as error:
        raise UnsafeToContinue(f"a value of {name} is no number, so that its trailer cannot be checked") from error
    if not found.is_finite():
        raise UnsafeToContinue(f"a value of {name} is no number, so that its trailer cannot be checked")
    return found


def problem(line: int, what: str) -> RawRecord:
    """The record of a row that cannot be read."""
    return {LINE: line, PROBLEM: what}
