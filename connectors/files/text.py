"""Text of files: unpacked, decoded, and what is found out where nobody says it."""

import codecs
import csv
import gzip
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from canonical_model.errors import ConfigurationError
from connectors.files.plan import Plan
from connectors.importing import IMPORTING

_GZIP = b"\x1f\x8b"
_PIECE = 1 << 20
_BUFFER = 1 << 16
_SAMPLE_LINES, _SAMPLE_OCTETS = 50, 1 << 18
_DELIMITERS = (",", ";", "\t", "|")
_USUAL = "cp1252"
"""What most programs write that write no UTF-8; few letters do not tell it from its neighbours."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Spelling:
    """How a file of text is written.

    Attributes:
        found_out: what nobody declared, in words; empty where everything was, or went without saying.
    """

    encoding: str
    delimiter: str | None
    found_out: str = ""


def unpacked(file: BinaryIO) -> BinaryIO:
    """The content of a file from its beginning, unpacked where it is packed with gzip, whatever its name."""
    file.seek(0)
    is_packed = file.read(2) == _GZIP
    file.seek(0)
    return gzip.open(file) if is_packed else file  # type: ignore[return-value]


def lines_of(file: BinaryIO, encoding: str) -> io.TextIOWrapper:
    """The text of a file, line ends as they are.

    What does not belong to the encoding stays recognisable (surrogates), so that a mapping rejects that record alone.
    """
    encoding = "utf-8-sig" if codecs.lookup(encoding).name == "utf-8" else encoding
    return io.TextIOWrapper(
        io.BufferedReader(_KeptOpen(unpacked(file)), _BUFFER), encoding, errors="surrogateescape", newline=""
    )


def spelling_of(file: BinaryIO, plan: Plan, wanted: Sequence[str]) -> Spelling:
    """How a file is written: as declared, or else found out.

    Args:
        file: the file.
        plan: what is declared.
        wanted: columns that the stream reads; the delimiter that finds most of them in the header is the right one.

    Raises:
        ConfigurationError: the encoding cannot be found out.
        EOFError, OSError: a packed file is cut short or damaged.
    """
    told = []
    encoding = plan.encoding or _encoding(file)
    if plan.encoding is None and encoding not in ("utf-8", "utf-8-sig"):
        told.append(f"encoding {encoding}")
    delimiter = plan.delimiter
    if plan.format == "csv" and delimiter is None:
        delimiter = _delimiter(file, encoding, plan, wanted)
        if delimiter != ",":
            told.append(f"delimiter {'tab' if delimiter == chr(9) else delimiter}")
    return Spelling(encoding, delimiter, " and ".join(told))


def _encoding(file: BinaryIO) -> str:
    content = unpacked(file)
    head = content.read(4)
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return encoding
    decoder, strange = codecs.getincrementaldecoder("utf-8")(), bytearray()
    is_utf8 = True
    piece = head + content.read(_PIECE)
    while piece:
        if is_utf8:
            try:
                decoder.decode(piece)
            except UnicodeDecodeError:
                is_utf8 = False
        if not piece.isascii() and len(strange) < _SAMPLE_OCTETS:
            strange += b"\n".join(line for line in piece.splitlines() if not line.isascii())[:_SAMPLE_OCTETS]
        piece = content.read(_PIECE)
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        is_utf8 = False
    return "utf-8" if is_utf8 else _guessed(bytes(strange))


def _guessed(sample: bytes) -> str:
    """The encoding of lines that are not plain ASCII, and no UTF-8."""
    with IMPORTING:
        from charset_normalizer import from_bytes  # noqa: PLC0415 - heavy, and seldom needed

    matches = from_bytes(sample)
    best = matches.best()
    if best is None:
        raise ConfigurationError("its encoding cannot be found out; set the option encoding")
    as_likely = (match for match in matches if match.chaos <= best.chaos)
    return _USUAL if any(_USUAL in match.could_be_from_charset for match in as_likely) else str(best.encoding)


def _delimiter(file: BinaryIO, encoding: str, plan: Plan, wanted: Sequence[str]) -> str:
    sample = list(_first_lines(file, encoding, plan.skip_lines))

    def fitness(delimiter: str) -> tuple[int, int, int]:
        try:
            rows = [row for row in _reader(sample, delimiter, plan.quote) if row]
        except csv.Error:
            return (0, 0, 0)
        header = {name.strip() for name in rows[0]} if rows and plan.has_header else set()
        widths = [len(row) for row in rows]
        common = max(set(widths), key=widths.count, default=1)
        expected = len(plan.columns) if plan.columns else common
        return (len(header.intersection(wanted)), sum(width == expected and width > 1 for width in widths), common)

    return max(_DELIMITERS, key=fitness)  # the first of equals: a comma


def _first_lines(file: BinaryIO, encoding: str, skipped: int) -> Iterator[str]:
    text = lines_of(file, encoding)
    for number, line in enumerate(iter(lambda: text.readline(_SAMPLE_OCTETS), "")):
        if number >= skipped + _SAMPLE_LINES:
            return
        if number >= skipped:
            yield line


def _reader(lines: Sequence[str], delimiter: str, quote: str | None) -> Iterator[list[str]]:
    return csv_reader(iter(lines), delimiter, quote, is_strict=False)


def csv_reader(
    lines: Iterator[str], delimiter: str, quote: str | None, *, is_strict: bool = True
) -> "Iterator[list[str]]":
    """The rows of delimited text; ``line_num`` of the reader tells how far it is.

    Raises:
        csv.Error: from the rows, where quotes do not fit (strict).
    """
    if quote is None:
        return csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE, strict=is_strict)
    return csv.reader(lines, delimiter=delimiter, quotechar=quote, strict=is_strict)


class _KeptOpen(io.RawIOBase):
    """Keeps a file open when a text over it is let go of, since it is read more than once."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self._file = file

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Hand octets through."""
        piece = self._file.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)
