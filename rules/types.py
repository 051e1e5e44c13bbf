"""The types of columns and expressions, and how their values look inside an engine.

A closed set: text, integer, boolean, date, timestamp, number and money. Money is an integer at a declared
scale (``money(2)``: cents), so that sums are exact on every engine; ``number`` is a binary float for what is
measured (degrees, dBm, shares) and never meets money. A question mark marks what may be missing: ``date?``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Literal, get_args

Kind = Literal["text", "integer", "boolean", "date", "timestamp", "number", "money"]
KINDS: tuple[Kind, ...] = get_args(Kind)
LARGEST_SCALE = 6
MOST_DIGITS = 40

EngineValue = str | int | bool | float | date | datetime | None
"""A value as an engine holds it: money as an integer at its scale, a number as a float."""

_DUCKDB_TYPES: dict[Kind, str] = {
    "text": "VARCHAR",
    "integer": "BIGINT",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMPTZ",
    "number": "DOUBLE",
    "money": "BIGINT",
}
_NOTATION = re.compile(r"(?P<kind>[a-z]+)(?:\((?P<scale>[0-9])\))?(?P<nullable>\?)?")


@dataclass(frozen=True, slots=True)
class ColumnType:
    """What a column or an expression holds.

    Attributes:
        kind: one of `KINDS`.
        scale: decimals of money; 0 for every other kind.
        nullable: whether the value may be missing.
    """

    kind: Kind
    scale: int = 0
    nullable: bool = False

    def __str__(self) -> str:
        return f"{self.name}?" if self.nullable else self.name

    @property
    def name(self) -> str:
        """The type without its question mark: ``money(2)``, ``date``."""
        return f"money({self.scale})" if self.kind == "money" else self.kind

    def is_like(self, other: "ColumnType") -> bool:
        """Whether both hold the same kind of value at the same scale."""
        return (self.kind, self.scale) == (other.kind, other.scale)

    def or_missing(self, nullable: bool = True) -> "ColumnType":
        """The same type; the value may be missing, or may not."""
        return replace(self, nullable=nullable)


Schema = Mapping[str, ColumnType]
"""Known columns by name."""


def parse_type(notation: str) -> ColumnType:
    """Read a type: ``text``, ``money(2)``, ``date?``.

    Raises:
        ValueError: not a type; the message says what types there are.
    """
    match = _NOTATION.fullmatch(notation.strip())
    kind = next((kind for kind in KINDS if match and match["kind"] == kind), None)
    if match is None or kind is None or (match["scale"] is not None) != (kind == "money"):
        known = ", ".join("money(2)" if kind == "money" else kind for kind in KINDS)
        raise ValueError(f"{notation!r} is not a type; types are {known}, each with '?' where it may be missing")
    scale = int(match["scale"] or 0)
    if scale > LARGEST_SCALE:
        raise ValueError(f"{notation!r} has more than {LARGEST_SCALE} decimals")
    return ColumnType(kind, scale, match["nullable"] is not None)


def parse_schema(columns: Mapping[str, str]) -> dict[str, ColumnType]:
    """Read a table of columns, ``{"billed_amount": "money(2)?"}``.

    Raises:
        ValueError: one of the types is none.
    """
    return {name: parse_type(notation) for name, notation in columns.items()}


def duckdb_type(column_type: ColumnType) -> str:
    """The DuckDB type that holds such values; the session's time zone must be UTC."""
    return _DUCKDB_TYPES[column_type.kind]


def scaled(amount: Decimal, scale: int) -> int:
    """Money as an integer at a scale: 89.99 at scale 2 is 8999.

    Raises:
        ValueError: the amount has more decimals than the scale, or does not fit 64 bits.
    """
    exponent = amount.as_tuple().exponent
    if not isinstance(exponent, int) or abs(exponent) > MOST_DIGITS or len(amount.as_tuple().digits) > MOST_DIGITS:
        raise ValueError("not an amount of money that can be held exactly")
    exact = Fraction(amount) * 10**scale
    if exact.denominator != 1:
        raise ValueError(f"{amount:f} has more than {scale} decimals")
    if abs(exact.numerator) >= 2**63:
        raise ValueError(f"{amount:f} is too large")
    return int(exact.numerator)


def engine_value(value: object, column_type: ColumnType) -> EngineValue:
    """Turn a value that a person wrote into the one that engines hold.

    Args:
        value: from YAML: text, int, Decimal, bool, date, None; money in major units (89.99).
        column_type: what it has to be.

    Raises:
        ValueError: it is of another type; the message says what was expected.
    """
    if value is None:
        if column_type.nullable:
            return None
        raise ValueError(f"a value of type {column_type} was expected, not nothing")
    converted = _convert(value, column_type)
    if converted is None:
        raise ValueError(f"{value!s} is not of type {column_type.name}")
    return converted


def major_units(value: int, scale: int) -> Decimal:
    """An engine's money as a decimal of major units: 8999 at scale 2 is 89.99."""
    return Decimal(value).scaleb(-scale)


def neutral_value(column_type: ColumnType) -> EngineValue:
    """What stands in a column that nobody gave a value: nothing where that is allowed, else zero or empty."""
    if column_type.nullable:
        return None
    neutral: dict[Kind, EngineValue] = {
        "text": "",
        "boolean": False,
        "number": 0.0,
        "date": date(1970, 1, 1),
        "timestamp": datetime(1970, 1, 1, tzinfo=UTC),
    }
    return neutral.get(column_type.kind, 0)


def _convert(value: object, column_type: ColumnType) -> EngineValue:
    kind = column_type.kind
    if kind == "text":
        return value if isinstance(value, str) else None
    if kind == "boolean":
        return value if isinstance(value, bool) else None
    if kind == "date":
        return value if isinstance(value, date) and not isinstance(value, datetime) else None
    if kind == "timestamp":
        return _moment(value)
    return _numeric(value, column_type)


def _numeric(value: object, column_type: ColumnType) -> int | float | None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    if column_type.kind == "number":
        return float(value)
    if column_type.kind == "money":
        return scaled(Decimal(value), column_type.scale)
    return value if isinstance(value, int) and abs(value) < 2**63 else None


def _moment(value: object) -> datetime | None:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC)
    return None
