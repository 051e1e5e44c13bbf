"""Where DuckDB and Spark mean different things by the same words, both are held to one answer."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlglot import parse_one

from canonical_model.catalogue import Proration
from canonical_model.yaml_source import Place
from reconciliation.engines.spark_dialect import Macro, spark_relations, spark_sql
from reconciliation.proration import proration_macros
from rules.expressions import compile_expression, render
from rules.types import parse_type

pytestmark = [pytest.mark.peer("spark"), pytest.mark.xdist_group("spark")]

MACROS = proration_macros(Proration(convention="actual_actual"), 100)
LARGEST = 2**63 - 1
JANUARY, AFTER_17, FEBRUARY = "DATE '2026-01-01'", "DATE '2026-01-18'", "DATE '2026-02-01'"

STATEMENTS: dict[str, tuple[str, Any]] = {
    "halves go away from zero": ("rounded(5, 10)", 1),
    "halves of a credit too": ("rounded(-5, 10)", -1),
    "less than a half does not": ("rounded(-14, 10)", -1),
    "a credit prorated": (f"prorated(-799950, 10000, {JANUARY}, {FEBRUARY}, {JANUARY}, {FEBRUARY})", -8000),
    "a discount of seventeen days": (f"prorated(599900, -1500, {JANUARY}, {AFTER_17}, {JANUARY}, {FEBRUARY})", -493),
    "days of a leap February": ("share_of(DATE '2028-02-01', DATE '2028-03-01')", 29),
    "integers are divided towards zero": ("-7 // 2", -3),
    "and so is what is left": ("-7 % 2", -1),
    "beyond what a DOUBLE holds": ("9007199254740993 // 1", 9007199254740993),
    "the sign of what a DOUBLE does not hold": ("rounded(9007199254740993, 1)", 9007199254740993),
    "days between dates": ("date_diff('day', DATE '2026-03-01', DATE '2026-02-01')", -28),
    "days between dates, as one less the other": ("(DATE '2026-03-01' - DATE '2026-02-01')::INTEGER", 28),
    "the month of a day": ("date_trunc('month', DATE '2028-02-29')::DATE", date(2028, 2, 1)),
    "a day beside its month": ("DATE '2026-02-01' = date_trunc('month', DATE '2026-02-28')", True),
    "the largest of what is there": ("greatest(1, NULL)", 1),
    "the smallest of what is there": ("least(NULL, DATE '2026-01-01')", date(2026, 1, 1)),
    "two that are missing are the same": ("NULL::DATE IS DISTINCT FROM NULL::DATE", False),
    "not among what may be missing": ("1 NOT IN (2, NULL)", None),
    "texts are compared byte by byte": ("'B' < 'a'", True),
    "a space behind a text counts": ("'a' = 'a '", False),
    "pairs are compared from the left": ("(DATE '2026-01-01', 5) < (DATE '2026-01-02', 1)", True),
    "a list without what is missing twice": ("list_distinct([NULL, 'a', 'a'])", ["a"]),
    "lists behind each other": ("['a'] || ['b']", ["a", "b"]),
    "the last two of a list": ("list_slice([1, 2, 3], -2, -1)", [2, 3]),
    "the length of a list": ("array_length([1, 2, 3])", 3),
    "a fraction is a decimal": ("0.1 + 0.2 = 0.3", True),
    "a half of a decimal": ("round(-2.5, 0) = -3", True),
}  # fmt: skip

QUERIES: dict[str, tuple[str, list[tuple[Any, ...]]]] = {
    "what is missing comes last": (
        "SELECT list(a) FROM (SELECT a FROM rows ORDER BY a LIMIT 2)",
        [([1, 2],)],
    ),
    "and last in a window": (
        "SELECT a, row_number() OVER (ORDER BY a) AS place FROM rows ORDER BY a",
        [(1, 1), (2, 2), (None, 3)],
    ),
    "a list in the order of other columns": ("SELECT list(b ORDER BY c, b) FROM rows", [(["z", "x", "y"],)]),
    "distinct values in their own order": ("SELECT list(DISTINCT c ORDER BY c) FROM rows", [([1, 2],)]),
    "the row of the largest pair": ("SELECT arg_max(b, (c, b)) FROM rows", [("y",)]),
    "a star with other values": (
        "SELECT a, b FROM (SELECT * REPLACE (c AS b) FROM rows) ORDER BY a",
        [(1, 2), (2, 1), (None, 2)],
    ),
    "only rows that a filter lets through": ("SELECT sum(a) FILTER (c = 2) FROM rows", [(1,)]),
    "columns as rows, without what is missing": (
        "SELECT n, count(*) FROM (SELECT a, c FROM rows) UNPIVOT (v FOR n IN (a, c)) GROUP BY n ORDER BY n",
        [("a", 2), ("c", 3)],
    ),
    "a condition in a subquery among the columns": (
        "SELECT b, EXISTS (SELECT 1 FROM rows o WHERE o.c = r.c AND o.b < r.b) AS has FROM rows r ORDER BY b",
        [("x", False), ("y", True), ("z", False)],
    ),
    "a column that two relations share": (
        "SELECT l.b, u.c IS NOT NULL FROM rows l LEFT JOIN (FROM rows WHERE c = 1) u USING (a) ORDER BY l.b",
        [("x", False), ("y", False), ("z", True)],
    ),
}  # fmt: skip

ROWS = "SELECT * FROM (VALUES (1, 'x', 2), (2, 'z', 1), (NULL, 'y', 2)) rows(a, b, c)"

KINDS = {
    "number": "integer?",
    "amount": "money(2)?",
    "rate": "money(4)?",
    "day": "date?",
    "other_day": "date?",
    "moment": "timestamp?",
    "word": "text?",
}
EXPRESSIONS = (
    "number // 3",
    "number % 3",
    "number // 0",
    "amount * 3 - amount",
    "ROUND_HALF_UP(rate, 2)",
    "PRORATE(amount, 15, 100)",
    "PRORATE(amount, number, 31)",
    "RATIO(number, 7) > 0.28",
    "GREATEST(number, 2)",
    "LEAST(day, other_day)",
    "COALESCE(number, -1)",
    "NULLIF(number, 1)",
    "DAYS_BETWEEN(day, other_day)",
    "ADD_DAYS(day, number)",
    "ADD_MONTHS(day, 1)",
    "ADD_MONTHS(day, -12)",
    "MONTH_START(day)",
    "YEAR(day) * 100 + MONTH(day)",
    "DATE_OF(moment, 'America/New_York')",
    "DATE_OF(moment, 'Australia/Lord_Howe')",
    "HOURS_BETWEEN(moment, TIMESTAMPTZ '2025-04-01T00:00:00Z')",
    "MINUTES_BETWEEN(moment, TIMESTAMPTZ '2025-04-01T00:00:00Z')",
    "moment < TIMESTAMPTZ '2025-04-01T02:00:00Z'",
    "word < 'b'",
    "word <> 'a' AND NOT word = 'B'",
    "word IS DISTINCT FROM 'a'",
    "word LIKE 'a%'",
    "word IN ('a', 'B')",
    "CONCAT(word, '-', word)",
    "word || '-'",
    "UPPER(word)",
    "LOWER(word)",
    "LENGTH(word)",
    "TRIM(word)",
    "LPAD(word, 4, '0')",
    "LEFT(word, 2)",
    "RIGHT(word, 2)",
    "SUBSTRING(word, 2)",
    "SPLIT_PART(word, '-', 2)",
    "REPLACE(word, 'a', 'b')",
    "DIGITS(word)",
    "STRPOS(word, 'a')",
    "MISSING_OF('a,b,c', word)",
    "MISSING_OF(word, 'a,B')",
    "STARTS_WITH(word, 'a')",
    "CONTAINS(word, 'a')",
    "CASE WHEN number > 1 THEN amount ELSE -amount END",
    "number BETWEEN -1 AND 5",
    "day BETWEEN DATE '2024-01-31' AND DATE '2024-02-29'",
    "number IS NULL OR amount > 0.05",
    "ABS(amount)",
)


@pytest.fixture(scope="module")
def macros() -> dict[str, Macro]:
    known: dict[str, Macro] = {}
    for definition in MACROS:
        list(spark_relations(definition, known))
    return known


def in_duckdb(query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for definition in MACROS:
            connection.execute(definition)
        connection.execute(f"CREATE TABLE rows AS {ROWS}")
        return connection.execute(query).fetchall()


def in_spark(session: Any, query: str) -> list[tuple[Any, ...]]:
    session.sql(ROWS).createOrReplaceTempView("rows")
    return [tuple(row.values()) for row in session.sql(query).toArrow().to_pylist()]


def test_scalars_are_what_they_are_in_duckdb(spark: Any, macros: dict[str, Macro]) -> None:
    query = "SELECT " + ", ".join(f"{text} AS c{number}" for number, (text, _) in enumerate(STATEMENTS.values()))
    expected = {name: value for name, (_, value) in STATEMENTS.items()}

    assert dict(zip(STATEMENTS, in_duckdb(query)[0], strict=True)) == expected
    translated = spark_sql(parse_one(query, read="duckdb"), macros)
    assert dict(zip(STATEMENTS, in_spark(spark, translated)[0], strict=True)) == expected


@pytest.mark.parametrize("name", QUERIES)
def test_sets_are_what_they_are_in_duckdb(spark: Any, name: str) -> None:
    query, expected = QUERIES[name]

    assert in_duckdb(query) == expected
    assert in_spark(spark, spark_sql(parse_one(query, read="duckdb"), {})) == expected


def test_expressions_of_rules_give_the_same_for_every_edge(spark: Any, tmp_path: Path) -> None:
    pq.write_table(edges(), tmp_path / "edges.parquet")
    schema = {name: parse_type(kind) for name, kind in KINDS.items()}
    compiled = [compile_expression(text, schema, at=Place("test")) for text in EXPRESSIONS]
    answers = {}
    for dialect in ("duckdb", "spark"):
        columns = ", ".join(f"{render(each, dialect)} AS c{place}" for place, each in enumerate(compiled))  # type: ignore[arg-type]
        if dialect == "duckdb":
            found = in_duckdb(f"SELECT {columns} FROM read_parquet('{tmp_path}/edges.parquet') ORDER BY place")
        else:
            spark.read.parquet(f"file://{tmp_path}/edges.parquet").createOrReplaceTempView("edges")
            found = in_spark(spark, f"SELECT {columns} FROM edges ORDER BY place")
        answers[dialect] = dict(zip(EXPRESSIONS, zip(*found, strict=True), strict=True))

    assert answers["spark"] == answers["duckdb"]


def edges() -> pa.Table:
    """Rows in which each value stands beside others, the missing ones included."""
    values: dict[str, tuple[pa.DataType, list[Any]]] = {
        "number": (pa.int64(), [-7, -1, 0, 1, 2, 5, 31, None]),
        "amount": (pa.int64(), [-250, -5, 0, 5, 15, 999_999_999, None]),
        "rate": (pa.int64(), [-150, -50, -49, 0, 49, 50, 150, 799_950, None]),
        "day": (pa.date32(), [date(2024, 1, 31), date(2024, 2, 29), date(2026, 12, 31), date(2026, 3, 1), None]),
        "other_day": (pa.date32(), [date(2024, 2, 29), date(2025, 3, 30), None]),
        "moment": (
            pa.timestamp("us", tz="UTC"),
            [datetime(2025, *rest, tzinfo=UTC) for rest in ((4, 1, 2), (3, 30, 6, 59), (11, 2, 5, 30))] + [None],
        ),
        "word": (pa.string(), ["a", "B", "é", "", " a ", "a-b-2", "12a", "straße", "ΝΌΣ", "İz", "ŉǰﬁ", None]),
    }  # fmt: skip
    columns = {
        name: pa.array([each[row % len(each)] for row in range(630)], kind) for name, (kind, each) in values.items()
    }
    return pa.table({"place": pa.array(range(630))} | columns)


@pytest.mark.parametrize(
    ("query", "condition"),
    [
        (f"SELECT sum(a) FROM VALUES ({LARGEST}L), (1L) t(a)", "ARITHMETIC_OVERFLOW"),
        (f"SELECT a * 2 FROM VALUES ({LARGEST}L) t(a)", "ARITHMETIC_OVERFLOW"),
        ("SELECT CAST(a AS DATE) FROM VALUES ('2025-02-30') t(a)", "CAST_INVALID_INPUT"),
        ("SELECT 1 DIV a FROM VALUES (0) t(a)", "DIVIDE_BY_ZERO"),
        (f"SELECT CAST(a AS INT) FROM VALUES ({LARGEST}L) t(a)", "CAST_OVERFLOW"),
    ],
)
def test_what_cannot_be_computed_is_an_error_and_never_missing(spark: Any, query: str, condition: str) -> None:
    with pytest.raises(Exception, match=condition):
        spark.sql(query).toArrow()


def test_the_session_is_sealed_off(spark: Any) -> None:
    assert spark.conf.get("spark.sql.ansi.enabled") == "true"
    assert spark.conf.get("spark.sql.session.timeZone") == "UTC"
    assert spark.sparkContext.uiWebUrl is None
    assert spark.conf.get("spark.driver.bindAddress") == "127.0.0.1"
    assert spark.conf.get("spark.sql.catalogImplementation") == "in-memory"
