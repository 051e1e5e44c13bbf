"""What a file holds: gone over once before anything of it is given, then read row by row."""

import hashlib
import zlib
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import BinaryIO

from canonical_model.errors import ConfigurationError, UnsafeToContinue
from connectors.exact_json import loads
from connectors.files.line_rows import LINE, PROBLEM, csv_records, fixed_records, missing_columns
from connectors.files.plan import Plan
from connectors.files.table_rows import parquet_records, sheet_records
from connectors.files.text import Spelling, spelling_of
from connectors.ports import RawRecord

_PIECE = 1 << 20
_BINARY = {"xlsx": sheet_records, "parquet": parquet_records}


@dataclass(frozen=True, slots=True)
class Inspection:
    """What going over a file found.

    Attributes:
        sha256: of the file as it lies there.
        spelling: how it is written; None where its format says so itself.
        rows: in all.
        deleted: rows that count as deleted.
        tells_all: what it does not hold is gone from the source; not where a row cannot be read, which may hold it.
        warnings: what a person should know of it.
    """

    sha256: str
    spelling: Spelling | None
    rows: int
    deleted: int
    tells_all: bool
    warnings: tuple[str, ...]


@contextmanager
def file_faults(place: str) -> Iterator[None]:
    """Name the file in every error that its content causes.

    Raises:
        ConfigurationError: an option does not fit it.
        UnsafeToContinue: it is cut short, damaged, or contradicts itself.
    """
    try:
        yield
    except (ConfigurationError, UnsafeToContinue) as error:
        raise type(error)(f"{place}: {error}") from error.__cause__
    except EOFError as error:
        raise UnsafeToContinue(f"{place}: it is packed and ends in the middle; have it sent again") from error
    except (OSError, zlib.error) as error:
        raise UnsafeToContinue(f"{place}: it cannot be unpacked; have it sent again") from error


def inspected(file: BinaryIO, plan: Plan, wanted: Sequence[str]) -> Inspection:
    """Go over a whole file.

    Raises:
        ConfigurationError: a column that is wanted is not in it, or it cannot be read as declared.
        UnsafeToContinue: it is cut short, damaged, or contradicts itself.
        EOFError, OSError, zlib.error: it is packed and cut short, or damaged.
    """
    sha256 = _sha256(file)
    spelling = None if plan.format in _BINARY else spelling_of(file, plan, wanted)
    rows = deleted = 0
    known: Sequence[str] | None = None
    problems: list[RawRecord] = []
    told = [spelling.found_out + " found out; declare it under options"] if spelling and spelling.found_out else []
    for record in records(file, spelling, plan):
        rows += 1
        if PROBLEM in record:
            problems.append(record)
            continue
        if known is None:
            known = list(record)
            if gone := missing_columns(known, wanted):
                raise ConfigurationError(gone)
        deleted += is_deleted(record, plan)
    if problems:
        first = problems[0]
        told.append(
            f"{len(problems)} of {rows} rows cannot be read; the first is line {first[LINE]}: {first[PROBLEM]}"
        )
    tells_all = plan.mode == "full" and not problems
    return Inspection(sha256, spelling, rows, deleted, tells_all, tuple(told))


def records(file: BinaryIO, spelling: Spelling | None, plan: Plan) -> Iterator[RawRecord]:
    """The rows of a file from its beginning; raises as ``inspected``."""
    if plan.format in _BINARY:
        file.seek(0)
        found = _BINARY[plan.format](file, plan)
    else:
        read = csv_records if plan.format == "csv" else fixed_records
        found = read(file, spelling or Spelling("utf-8", None), plan)
    return (_with_json(record, plan.json_columns) for record in found) if plan.json_columns else found


def is_deleted(record: RawRecord, plan: Plan) -> bool:
    """Whether a row says that its record is deleted."""
    if plan.deleted_column is None:
        return False
    value = record.get(plan.deleted_column)
    if plan.deleted_values is not None:
        return str(value).strip() in plan.deleted_values
    return value is not None and str(value).strip() != ""


def _with_json(record: RawRecord, columns: Collection[str]) -> RawRecord:
    """The record with what some columns say as JSON; a text that is none stays, and the mapping rejects it."""
    for name in columns:
        text = record.get(name)
        if isinstance(text, str):
            with suppress(ValueError):
                record[name] = loads(text) if text.strip() else None
    return record


def _sha256(file: BinaryIO) -> str:
    file.seek(0)
    digest = hashlib.sha256()
    while piece := file.read(_PIECE):
        digest.update(piece)
    return digest.hexdigest()
