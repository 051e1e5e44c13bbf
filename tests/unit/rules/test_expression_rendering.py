"""The SQL that expressions become: typed literals, kept precedence, two dialects, failure on one record only."""

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import duckdb
import pytest
import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st

from canonical_model.errors import Fault
from canonical_model.yaml_source import Place
from rules.expressions import check_expression, compile_expression, render, render_attempt
from rules.expressions.functions import FUNCTIONS
from rules.types import ColumnType, Schema, duckdb_type, engine_value, parse_type

HERE = Place("test")


@pytest.mark.parametrize(
    ("text", "sql"),
    [
        ("billed > 5.5", '"billed" > CAST(550 AS BIGINT)'),
        ("rate - 0.0001 * 3 = rate", None),
        ("rx_dbm > -27.5", "\"rx_dbm\" > CAST('-27.5' AS DOUBLE)"),
        ("starts = DATE '2026-01-31'", "\"starts\" = CAST('2026-01-31' AS DATE)"),
        ("NOT (live OR paid)", 'NOT ("live" OR "paid")'),
        ("days - (days - 1)", '"days" - ("days" - CAST(1 AS BIGINT))'),
        ("plan = 'it''s'", "\"plan\" = 'it''s'"),
    ],
)
def test_literals_have_exactly_their_type(text: str, sql: str | None, row_schema: Schema) -> None:
    faults: list[Fault] = []
    expression = check_expression(text, row_schema, at=HERE, faults=faults)

    assert (render(expression) if expression else None) == sql


@pytest.mark.parametrize(
    ("text", "sql"),
    [
        ("installed <> billed AND NOT live", "(`installed` <> `billed`) AND (NOT `live`)"),
        ("DAYS_BETWEEN(a, b)", "DATEDIFF(DAY, `a`, `b`)"),
        ("ADD_DAYS(a, 3)", "DATE_ADD(`a`, CAST(CAST(3 AS BIGINT) AS INT))"),
        (
            "DATE_OF(at, 'America/Denver')",
            "CAST(FROM_UTC_TIMESTAMP(CAST(`at` AS TIMESTAMP), 'America/Denver') AS DATE)",
        ),
        ("n // 2", "`n` DIV CAST(2 AS BIGINT)"),
        ("CONCAT(installed, billed)", "COALESCE(`installed`, '') || COALESCE(`billed`, '')"),
        ("RATIO(n, n)", "CAST(`n` AS DOUBLE) / NULLIF(CAST(`n` AS DOUBLE), CAST(0 AS DOUBLE))"),
        ("ROUND_HALF_UP(rate, 2)", "(`rate` * 2 + CAST(SIGN(`rate`) AS BIGINT) * 100) DIV 200"),
        ("installed = 'it''s'", "`installed` = 'it\\'s'"),
        ("MONEY(installed, 0)", r"'^([+-]?[0-9]+)[.]([0-9]{0})0*$', '$1$2')"),
    ],
)
def test_the_same_expression_for_spark(text: str, sql: str) -> None:
    kinds = {"installed": "text", "billed": "text", "live": "boolean", "a": "date", "b": "date"}
    schema = {name: parse_type(kind) for name, kind in {**kinds, "at": "timestamp", "n": "integer"}.items()}
    expression = compile_expression(text, {**schema, "rate": parse_type("money(4)")}, at=HERE)

    assert sql in render(expression, "spark")


def test_every_function_has_sql_that_spark_can_parse() -> None:
    for function in FUNCTIONS:
        text, schema = _call_of(function.signature)
        sql = render(compile_expression(text, schema, at=HERE), "spark")
        assert sqlglot.parse_one(sql, dialect="spark") is not None
        assert "//" not in sql


def test_parameters_are_filled_in_as_typed_literals(row_schema: Schema) -> None:
    threshold = parse_type("money(2)")
    zone = parse_type("text")
    expression = compile_expression(
        "billed > threshold AND DATE_OF(seen, zone) = starts",
        row_schema,
        at=HERE,
        parameters={"threshold": threshold, "zone": zone},
    )
    values = {"threshold": engine_value(Decimal("5.00"), threshold), "zone": "America/Denver"}

    assert '"billed" > CAST(500 AS BIGINT)' in render(expression, values=values)
    assert "'America/Denver'" in render(expression, values=values)
    with pytest.raises(ValueError, match="no value given for threshold, zone"):
        render(expression)


def test_a_parameter_value_is_a_value_and_never_sql(row_schema: Schema, engine: Any) -> None:
    hostile = "x' OR 1=1 --"
    expression = compile_expression("plan = wanted", row_schema, at=HERE, parameters={"wanted": parse_type("text")})

    sql = render(expression, values={"wanted": hostile})

    assert engine.select(sql) == (False,)


def test_an_attempt_fails_on_its_own_record_only() -> None:
    expression = compile_expression(
        "PARSE_DATE(raw, '%Y-%m-%d')", {"raw": parse_type("text?")}, at=HERE, expect="date"
    )
    rows = "(VALUES ('2026-01-31'), ('2026-02-30'), (NULL), ('')) AS source(raw)"

    with duckdb.connect() as connection:
        found = [
            value for (value,) in connection.execute(f"SELECT {render_attempt(expression)} FROM {rows}").fetchall()
        ]

    assert [one if one is None else str(one["value"]) for one in found] == ["2026-01-31", None, "None", None]


def _call_of(signature: str) -> tuple[str, dict[str, ColumnType]]:
    """A call of a function with a column for each operand, and plain words where they must be written out."""
    name, takes = signature.split(" -> ", maxsplit=1)[0].rstrip(")").split("(")
    plain = {
        "scale": "2",
        "count": "3",
        "position": "1",
        "zone": "'America/New_York'",
        "date_format": "'%Y-%m-%d'",
        "local_format": "'%Y-%m-%d %H'",
        "offset_format": "'%Y-%m-%d %z'",
    }
    words = takes.replace("any...", "any, any").replace("text...", "text, text").split(", ")
    kinds = {"any": "integer", "money": "money(3)"}
    columns = {
        f"c{number}": parse_type(kinds.get(word, word)) for number, word in enumerate(words) if word not in plain
    }
    operands = [plain.get(word, f"c{number}") for number, word in enumerate(words)]
    return f"{name}({', '.join(operands)})", columns


# --- Properties: whatever the binder accepts, the engine takes, with exactly the type that was promised.

NUMBERS = ["days", "gap", "billed", "discount", "rate", "rx_dbm", "1", "0", "2.5", "0.01"]
TEXTS = ["plan", "note", "'x'", "'America/Denver'", "'%Y-%m-%d'"]
MOMENTS = ["starts", "ends", "seen", "DATE '2026-03-01'", "TIMESTAMPTZ '2026-03-01T00:00:00Z'"]
OPERANDS = st.sampled_from([*NUMBERS, *TEXTS, *MOMENTS, "live", "paid", "TRUE", "NULL"])
COMPARISONS = ["=", "<>", "<", "<=", ">", ">=", "IS DISTINCT FROM", "IS NOT DISTINCT FROM"]
SIGNS = st.sampled_from(["+", "-", "*", "//", "%", "||", "AND", "OR", *COMPARISONS])
NAMES = st.sampled_from(sorted({function.name for function in FUNCTIONS}))
TESTS = st.sampled_from(["IS NULL", "IS NOT NULL", "IS TRUE", "IN (1, 2)", "NOT IN ('x')", "BETWEEN 0 AND 7"])
TARGETS = st.sampled_from(["TEXT", "INTEGER", "DOUBLE", "DATE", "BOOLEAN"])


def _compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("({} {} {})".format, inner, SIGNS, inner),
        st.builds("{} {} {}".format, inner, SIGNS, inner),
        st.builds("NOT {}".format, inner),
        st.builds("-{}".format, inner),
        st.builds("{} {}".format, inner, TESTS),
        st.builds("CAST({} AS {})".format, inner, TARGETS),
        st.builds("CASE WHEN {} THEN {} ELSE {} END".format, inner, inner, inner),
        st.builds("{}({})".format, NAMES, st.lists(inner, min_size=1, max_size=4).map(", ".join)),
    )


EXPRESSIONS = st.recursive(OPERANDS, _compound, max_leaves=8)


@given(text=EXPRESSIONS)
@settings(max_examples=1500, deadline=None)
def test_what_is_accepted_has_the_promised_type_in_the_engine(text: str, row_schema: Schema, engine: Any) -> None:
    expression = check_expression(text, row_schema, at=HERE, faults=[])
    if expression is None:
        return
    sql = render(expression)
    try:
        kind, value = engine.select(f"typeof({sql}), {sql}")
    except (duckdb.ConversionException, duckdb.OutOfRangeException, duckdb.InvalidInputException):
        return  # a text that cannot be read, or a number too large: the record's fault
    promised = duckdb_type(expression.type)
    assert kind == {"TIMESTAMPTZ": "TIMESTAMP WITH TIME ZONE"}.get(promised, promised)
    assert value is not None or expression.type.nullable
    assert render(expression, "spark")


CONDITIONS = st.recursive(
    st.sampled_from(["live", "paid", "days > 5", "gap IS NULL", "plan = 'x'", "days - 2 = 5"]),
    lambda inner: st.one_of(
        st.builds("({}) AND ({})".format, inner, inner),
        st.builds("({}) OR ({})".format, inner, inner),
        st.builds("NOT ({})".format, inner),
        st.builds("({}) = ({})".format, inner, inner),
        st.builds("CASE WHEN {} THEN {} ELSE {} END".format, inner, inner, inner),
    ),
    max_leaves=10,
)
SUMS = st.recursive(
    st.sampled_from(["days", "1", "3", "gap"]),
    lambda inner: st.one_of(
        st.builds("(({}) {} ({}))".format, inner, st.sampled_from("+-*"), inner),
        st.builds("(-({}))".format, inner),
        st.builds("ABS({})".format, inner),
    ),
    max_leaves=8,
)


@given(text=st.one_of(CONDITIONS, SUMS))
@settings(max_examples=400, deadline=None)
def test_rendering_keeps_the_meaning_of_plain_sql(text: str, row_schema: Schema, engine: Any) -> None:
    rendered = render(compile_expression(text, row_schema, at=HERE))

    as_written, as_rendered = engine.select(f"{text}, {rendered}")

    assert as_written == as_rendered


AMOUNTS = st.integers(-(10**12), 10**12)


def _one(engine: Any, text: str, schema: Schema, *values: Any) -> Any:
    sql = render(compile_expression(text, schema, at=HERE))
    columns = ", ".join(f'CAST(? AS {duckdb_type(kind)}) AS "{name}"' for name, kind in schema.items())
    return engine.select(sql, f"(SELECT {columns})", values)[0]


@given(amount=AMOUNTS, kept=st.integers(0, 4))
@settings(max_examples=200, deadline=None)
def test_rounding_is_half_away_from_zero(amount: int, kept: int, engine: Any) -> None:
    exact = Decimal(amount).scaleb(-4)

    found = _one(engine, f"ROUND_HALF_UP(m, {kept})", {"m": parse_type("money(4)")}, amount)

    assert Decimal(found).scaleb(-kept) == exact.quantize(Decimal(1).scaleb(-kept), rounding=ROUND_HALF_UP)


@given(amount=AMOUNTS, days=st.integers(-31, 31), whole=st.integers(1, 366))
@settings(max_examples=200, deadline=None)
def test_prorating_is_exact_and_rounds_once(amount: int, days: int, whole: int, engine: Any) -> None:
    schema = {"m": parse_type("money(2)"), "d": parse_type("integer"), "w": parse_type("integer")}
    exact = (Decimal(amount) * days / whole).quantize(Decimal(1), rounding=ROUND_HALF_UP)

    assert _one(engine, "PRORATE(m, d, w)", schema, amount, days, whole) == int(exact)


@given(text=st.from_regex(re.compile(r"[+-]?[0-9]{0,6}\.?[0-9]{0,5}[e ]?"), fullmatch=True), scale=st.integers(0, 4))
@settings(max_examples=400, deadline=None)
def test_money_is_read_exactly_or_not_at_all(text: str, scale: int, engine: Any) -> None:
    is_amount = re.fullmatch(r"[+-]?[0-9]+\.?[0-9]*", text.strip()) is not None
    amount = Decimal(text.strip()) * 10**scale if is_amount else None
    expected = int(amount) if amount is not None and amount == int(amount) else None
    expression = compile_expression(f"MONEY(t, {scale})", {"t": parse_type("text")}, at=HERE)

    (found,) = engine.select(render_attempt(expression), "(SELECT CAST(? AS VARCHAR) AS t)", [text])

    assert (found["value"] if found else None) == expected
