"""From columns of text to columns of the declared types, in SQL, and words for what could not be read."""

import re
from collections.abc import Sequence
from datetime import datetime

from canonical_model.yaml_source import Place
from connectors.mapping.raw_values import EXPECTED, described
from connectors.mapping.session import literal, quoted
from rules.expressions import compile_expression, render_attempt
from rules.types import ColumnType, Kind, Schema

UNREADABLE = "unreadable"
MISSING = "missing"

_TEXT = ColumnType("text", nullable=True)
_READERS: dict[Kind, str] = {
    "text": "{column}",
    "integer": "CAST({column} AS INTEGER)",
    "boolean": "CAST({column} AS BOOLEAN)",
    "date": "CAST({column} AS DATE)",
    "timestamp": "PARSE_TIMESTAMP({column})",
    "number": "CAST({column} AS DOUBLE)",
    "money": "MONEY({column}, {scale})",
}
_LIMITS: dict[Kind, str] = {
    "date": "DATE '0001-01-01' AND DATE '9999-12-31'",
    "timestamp": "TIMESTAMPTZ '0001-01-01 00:00:00Z' AND TIMESTAMPTZ '9999-12-31 23:59:59.999999Z'",
}
_AMOUNT = re.compile(r"\s*[+-]?[0-9]+\.(?P<decimals>[0-9]+)\s*")
_DAY_AND_TIME = re.compile(r"\s*[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:.*", re.DOTALL)


def typed_select(fields: Schema, carried: Sequence[str], source: str) -> str:
    """SQL that reads a table of texts (columns ``#c0``, ``#c1`` ...) by the declared types.

    Args:
        fields: the declared fields, in the order of the columns.
        carried: other columns of the source, handed through.
        source: the table of texts.

    Returns:
        A query for the carried columns, a column for each field, and ``#faults``: NULL, or for a row that cannot be
        used a list with one entry a field.
    """
    texts = ", ".join(_text(number, kind) for number, kind in enumerate(fields.values()))
    attempts = ", ".join(f'{_attempt(number, kind)} AS "#a{number}"' for number, kind in enumerate(fields.values()))
    faults = [_fault(number, kind) for number, kind in enumerate(fields.values())]
    values = ", ".join(f'"#a{number}".value AS {quoted(name)}' for number, name in enumerate(fields))
    kept = ", ".join(map(quoted, carried))
    is_faulty = " OR ".join(condition for condition, _ in faults)
    told = ", ".join(code for _, code in faults)
    return (
        f'SELECT {kept}, {values}, CASE WHEN {is_faulty} THEN [{told}] END AS "#faults" '  # noqa: S608
        f"FROM (SELECT {kept}, {attempts} FROM (SELECT {kept}, {texts} FROM {source}))"
    )


def why_unreadable(text: object, kind: ColumnType) -> str:
    """Why a value is not of its declared type, and what to do about it; never the value itself."""
    expected = f"is {described(text)}, where {EXPECTED[kind.kind]} is expected"
    if not isinstance(text, str):
        return expected
    amount = _AMOUNT.fullmatch(text)
    if kind.kind == "money" and amount is not None and len(amount["decimals"].rstrip("0")) > kind.scale:
        return (
            f"has {len(amount['decimals'])} decimals, where {kind.name} holds {kind.scale}; amounts are never rounded"
        )
    if kind.kind == "date" and _DAY_AND_TIME.fullmatch(text):
        return "holds a time; declare it timestamp, and take its day with DATE_OF(field, zone)"
    if kind.kind == "timestamp" and _is_local_time(text):
        return "has no offset from UTC; declare it text, and read it with PARSE_TIMESTAMP(field, format, zone)"
    return expected


def _text(number: int, kind: ColumnType) -> str:
    """The column of texts; what is blank is missing for all types but text."""
    column = quoted(f"#c{number}")
    return column if kind.kind == "text" else f"NULLIF(TRIM({column}), '') AS {column}"


def _attempt(number: int, kind: ColumnType) -> str:
    """Struct with the value; NULL where the text cannot be read."""
    name = f"#c{number}"
    reader = _READERS[kind.kind].format(column=quoted(name), scale=kind.scale)
    return render_attempt(compile_expression(reader, {name: _TEXT}, at=Place("types")))


def _fault(number: int, kind: ColumnType) -> tuple[str, str]:
    """Condition of a faulty value, and the code of its fault."""
    column = quoted(f"#a{number}")
    unreadable = f"{column} IS NULL"
    if kind.kind in _LIMITS:
        unreadable += f" OR COALESCE({column}.value NOT BETWEEN {_LIMITS[kind.kind]}, FALSE)"
    code = f"CASE WHEN {unreadable} THEN {literal(UNREADABLE)}"
    if kind.nullable:
        return unreadable, f"{code} END"
    return (
        f"{unreadable} OR {column}.value IS NULL",
        f"{code} WHEN {column}.value IS NULL THEN {literal(MISSING)} END",
    )


def _is_local_time(text: str) -> bool:
    try:
        return _DAY_AND_TIME.fullmatch(text) is not None and datetime.fromisoformat(text.strip()).tzinfo is None
    except ValueError:
        return False
