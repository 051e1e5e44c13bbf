"""Values of raw records as columns of text.

Whole columns are handed to Arrow at once; a column that holds anything but text is looked at value by value. Numbers
become their exact text here and are read by their declared type later, so no amount passes through a binary float.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from connectors.ports import RawRecord
from rules.types import ColumnType, Kind, Schema

MOST_BITS = 1024
"""Whole numbers beyond are garbage; their decimal text would be needlessly costly."""

EXPECTED: dict[Kind, str] = {
    "text": "text",
    "integer": "a whole number",
    "boolean": "true or false",
    "date": "a day of the calendar as YYYY-MM-DD",
    "timestamp": "a moment as YYYY-MM-DDThh:mm:ss with its offset from UTC",
    "number": "a number with a decimal point",
    "money": "an amount in digits with a decimal point",
}
"""What a value of each type looks like in a source, for messages."""

Problem = Callable[[int, str, str], None]
"""Takes row, field and what is wrong."""


def text_columns(records: Sequence[Any], fields: Schema, problem: Problem) -> dict[str, pa.Array]:
    """A column of texts for each field; a value that cannot be one is missing there and told as a problem."""
    return {name: _column(records, name, kind, problem) for name, kind in fields.items()}


def value_at(record: Any, path: str) -> Any:
    """The value at a dotted path; None where something on the way is missing.

    Raises:
        TypeError: something on the way is there and holds no fields.
    """
    for step in path.split("."):
        if record is None:
            return None
        if not isinstance(record, Mapping):
            raise TypeError(f"cannot be found: {described(record)} stands where an object with {step} is expected")
        record = record.get(step)
    return record


def elements(records: Iterable[RawRecord], path: str, problem: Problem) -> tuple[list[int], list[int], list[Any]]:
    """The elements of a nested list in all records: row of the record, number from 1, element."""
    rows: list[int] = []
    numbers: list[int] = []
    found: list[Any] = []
    for row, record in enumerate(records):
        try:
            value = value_at(record, path)
            values = _as_list(value)
        except TypeError as error:
            problem(row, path, str(error))
            continue
        rows += [row] * len(values)
        numbers += range(1, len(values) + 1)
        found += values
    return rows, numbers, found


def described(value: Any) -> str:
    """A kind of JSON value in words, without the value."""
    if value is None:
        return "nothing"
    if isinstance(value, str):
        return f"a text of {len(value)} character{'s' * (len(value) > 1)}" if value else "an empty text"
    if isinstance(value, bool):
        return "a truth value"
    if isinstance(value, int | float):
        return "a number"
    return "a list" if isinstance(value, list | tuple) else "an object"


def _column(records: Sequence[Any], path: str, kind: ColumnType, problem: Problem) -> pa.Array:
    values = _values(records, path, problem)
    try:
        column = pa.array(values, pa.string())
    except (pa.ArrowInvalid, pa.ArrowTypeError, UnicodeEncodeError):
        column = pa.array(_texts(values, path, kind, problem), pa.string())
    if pc.any(pc.match_substring(column, "\0")).as_py():
        column = pa.array(_without_nul(column.to_pylist(), path, problem), pa.string())
    return column


def _values(records: Sequence[Any], path: str, problem: Problem) -> list[Any]:
    if "." not in path:
        return [record.get(path) for record in records]
    values = []
    for row, record in enumerate(records):
        try:
            values.append(value_at(record, path))
        except TypeError as error:
            problem(row, path, str(error))
            values.append(None)
    return values


def _texts(values: list[Any], path: str, kind: ColumnType, problem: Problem) -> list[str | None]:
    texts: list[str | None] = []
    for row, value in enumerate(values):
        try:
            texts.append(_text(value, kind))
        except ValueError as error:
            problem(row, path, str(error))
            texts.append(None)
    return texts


def _text(value: Any, kind: ColumnType) -> str | None:
    """One JSON value as text.

    Raises:
        ValueError: it is no value of that type, whatever its text would be.
    """
    if value is None:
        return None
    if isinstance(value, str):
        if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
            raise ValueError("holds half of a character (a surrogate), which no text may")
        return value
    return _text_of_other(value, kind)


def _text_of_other(value: Any, kind: ColumnType) -> str:
    if isinstance(value, bool):
        if kind.kind == "boolean":
            return "true" if value else "false"
    elif isinstance(value, int):
        if value.bit_length() > MOST_BITS:
            raise ValueError(f"is a number of more than {MOST_BITS} bits")
        if kind.kind in ("text", "integer", "number", "money"):
            return str(value)
    elif isinstance(value, float) and kind.kind == "number" and math.isfinite(value):
        return repr(value)
    elif isinstance(value, float) and kind.kind == "money":
        raise ValueError("came as a binary number, in which no amount is exact; the source must give it as text")
    raise ValueError(f"is {described(value)}, where {EXPECTED[kind.kind]} is expected")


def _without_nul(texts: list[str | None], path: str, problem: Problem) -> list[str | None]:
    for row, text in enumerate(texts):
        if text is not None and "\0" in text:
            problem(row, path, "holds a NUL character, which no text may")
            texts[row] = None
    return texts


def _as_list(value: Any) -> list[Any]:
    """The elements of a nested list.

    Raises:
        TypeError: it is none, or an element holds no fields.
    """
    if value is None:
        return []
    if not isinstance(value, list | tuple):
        raise TypeError(f"is {described(value)}, where a list is expected")
    for element in value:
        if not isinstance(element, Mapping):
            raise TypeError(f"holds {described(element)}, where an object with fields is expected")
    return list(value)
