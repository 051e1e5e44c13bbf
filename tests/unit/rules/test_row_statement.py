"""A statement that is planned once gives for every row what one that is planned for it would give."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.gate_judging import open_engine
from rules.row_statement import RowStatement
from rules.types import EngineValue, duckdb_type, parse_schema

SCHEMA = parse_schema(
    {
        "said": "text?",
        "count": "integer?",
        "is_so": "boolean?",
        "day": "date?",
        "moment": "timestamp?",
        "share": "number?",
        "owed": "money(2)?",
    }
)
WHOLE = st.integers(min_value=-(2**63), max_value=2**63 - 1)
ROWS = st.tuples(
    st.none() | st.text(st.characters(exclude_categories=["Cs"])),
    st.none() | WHOLE,
    st.none() | st.booleans(),
    st.none() | st.dates(),
    st.none() | st.datetimes(timezones=st.just(UTC)),
    st.none() | st.floats(),
    st.none() | WHOLE,
)


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    with open_engine() as opened:
        yield opened


@pytest.fixture(scope="module")
def statement(engine: duckdb.DuckDBPyConnection) -> RowStatement:
    return RowStatement(engine, "said, count, is_so, day, epoch_us(moment), share, owed, typeof(moment)", SCHEMA)


@settings(deadline=None)
@given(row=ROWS)
def test_it_gives_what_parameters_would_give(
    row: tuple[EngineValue, ...], engine: duckdb.DuckDBPyConnection, statement: RowStatement
) -> None:
    columns = ", ".join(f"CAST(? AS {duckdb_type(kind)}) AS {name}" for name, kind in SCHEMA.items())
    asked = f"SELECT said, count, is_so, day, epoch_us(moment), share, owed, typeof(moment) FROM (SELECT {columns})"
    (expected,) = engine.execute(asked, list(row)).fetchall()
    assert repr(statement.ask(row)) == repr(expected)  # of two that are not a number, too


def test_a_text_stays_a_text_whatever_stands_in_it(statement: RowStatement) -> None:
    rows = ("'); DROP TABLE x; --", "a\0b", "\0", "'", "?", "$1", "Zürich\n\t\\")
    assert [statement.ask((text, *[None] * 6))[0] for text in rows] == list(rows)


def test_a_moment_of_another_zone_is_that_moment(statement: RowStatement) -> None:
    at = datetime(2026, 11, 1, 3, 30, tzinfo=timezone(timedelta(hours=-7)))
    found = statement.ask((None, None, None, date(2026, 11, 1), at, None, None))
    assert found[4] == int(at.timestamp() * 1_000_000)
    assert found[7] == "TIMESTAMP WITH TIME ZONE"


def test_a_whole_number_may_stand_where_a_measured_one_does(statement: RowStatement) -> None:
    assert statement.ask((None, None, None, None, None, 5, None))[5] == 5.0


def test_an_expression_that_is_none_is_refused_at_once(engine: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(duckdb.Error):
        RowStatement(engine, "no_such_column", SCHEMA)


def test_a_closed_one_is_forgotten(engine: duckdb.DuckDBPyConnection) -> None:
    closed = RowStatement(engine, "said", SCHEMA)
    closed.close()
    with pytest.raises(duckdb.Error):
        closed.ask([None] * 7)
