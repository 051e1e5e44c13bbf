"""Types, their notation, and the values that people write for them."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from rules.types import (
    ColumnType,
    duckdb_type,
    engine_value,
    major_units,
    neutral_value,
    parse_type,
    scaled,
)


@pytest.mark.parametrize(
    ("notation", "expected", "engine_type"),
    [
        ("text", ColumnType("text"), "VARCHAR"),
        ("integer?", ColumnType("integer", nullable=True), "BIGINT"),
        ("boolean", ColumnType("boolean"), "BOOLEAN"),
        ("date?", ColumnType("date", nullable=True), "DATE"),
        ("timestamp", ColumnType("timestamp"), "TIMESTAMPTZ"),
        ("number", ColumnType("number"), "DOUBLE"),
        ("money(2)", ColumnType("money", 2), "BIGINT"),
        ("money(4)?", ColumnType("money", 4, nullable=True), "BIGINT"),
    ],
)
def test_notation(notation: str, expected: ColumnType, engine_type: str) -> None:
    assert parse_type(notation) == expected
    assert str(expected) == notation
    assert duckdb_type(expected) == engine_type


@pytest.mark.parametrize("notation", ["", "money", "money(x)", "money(7)", "date(2)", "decimal", "TEXT", "text??"])
def test_what_is_no_type_is_refused(notation: str) -> None:
    with pytest.raises(ValueError, match=r"types are text, integer|decimals"):
        parse_type(notation)


@pytest.mark.parametrize(
    ("value", "notation", "expected"),
    [
        (Decimal("89.99"), "money(2)", 8999),
        (Decimal("89.990"), "money(2)", 8999),
        (5, "money(2)", 500),
        (-7, "integer", -7),
        (Decimal("-27.5"), "number", -27.5),
        ("x", "text", "x"),
        (True, "boolean", True),
        (date(2026, 1, 31), "date", date(2026, 1, 31)),
        ("2026-01-31T10:00:00-05:00", "timestamp", datetime(2026, 1, 31, 15, tzinfo=UTC)),
        (None, "money(2)?", None),
    ],
)
def test_a_written_value_becomes_the_engines(value: object, notation: str, expected: object) -> None:
    assert engine_value(value, parse_type(notation)) == expected


@pytest.mark.parametrize(
    ("value", "notation", "problem"),
    [
        (Decimal("89.999"), "money(2)", "more than 2 decimals"),
        (Decimal("1E+30"), "money(2)", "too large"),
        (Decimal("NaN"), "money(2)", "held exactly"),
        (Decimal("1.00000000000000000000000000000000001"), "money(2)", "more than 2 decimals"),
        (89.99, "money(2)", "is not of type money"),
        ("89.99", "money(2)", "is not of type money"),
        (True, "integer", "is not of type integer"),
        (1, "boolean", "is not of type boolean"),
        (Decimal("1.0"), "integer", "is not of type integer"),
        (1, "text", "is not of type text"),
        ("2026-01-31", "date", "is not of type date"),
        ("2026-01-31T10:00:00", "timestamp", "is not of type timestamp"),
        (None, "date", "not nothing"),
    ],
)
def test_a_value_of_another_type_is_refused(value: object, notation: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        engine_value(value, parse_type(notation))


def test_money_is_scaled_exactly_both_ways() -> None:
    assert scaled(Decimal("-0.05"), 2) == -5
    assert major_units(-5, 2) == Decimal("-0.05")
    assert major_units(123455, 4) == Decimal("12.3455")


def test_what_nobody_gave_is_missing_or_neutral() -> None:
    assert neutral_value(parse_type("date?")) is None
    assert neutral_value(parse_type("money(2)")) == 0
    assert neutral_value(parse_type("text")) == ""
    assert neutral_value(parse_type("boolean")) is False
