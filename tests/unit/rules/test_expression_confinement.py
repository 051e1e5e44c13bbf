"""Nothing but scalar expressions over known columns gets through."""

import pytest

from canonical_model.errors import Fault
from canonical_model.yaml_source import Place
from rules.expressions import check_expression
from rules.types import parse_schema

SCHEMA = parse_schema(
    {"a": "integer", "b": "integer?", "t": "text", "m": "money(2)", "d": "date", "f": "boolean", "x": "number"}
)

STATEMENTS = [
    "SELECT 1",
    "select a from charge",
    "DROP TABLE finding",
    "INSERT INTO t VALUES (1)",
    "UPDATE t SET a = 1",
    "DELETE FROM t",
    "CREATE TABLE x AS SELECT 1",
    "CREATE MACRO m(a) AS a",
    "COPY t TO '/tmp/x.csv'",
    "COPY (SELECT 1) TO 'x.parquet'",
    "ATTACH 'other.db'",
    "DETACH other",
    "PRAGMA database_list",
    "SET memory_limit = '1GB'",
    "RESET memory_limit",
    "INSTALL httpfs",
    "LOAD icu",
    "EXPORT DATABASE 'x'",
    "IMPORT DATABASE 'x'",
    "CALL pragma_version()",
    "EXPLAIN SELECT 1",
    "DESCRIBE charge",
    "SUMMARIZE charge",
    "CHECKPOINT",
    "BEGIN TRANSACTION",
    "VALUES (1)",
    "FROM charge",
    "PIVOT charge ON a",
    "WITH q AS (SELECT 1) SELECT * FROM q",
    "a; DROP TABLE finding",
    "a;",
    "; a",
    "a = 1; a = 2",
]

SUB_QUERIES = [
    "(SELECT 1)",
    "a IN (SELECT a FROM charge)",
    "EXISTS (SELECT 1)",
    "a = ANY (SELECT 1)",
    "a > ALL (SELECT 1)",
    "COALESCE((SELECT max(a) FROM charge), 0)",
    "CASE WHEN (SELECT true) THEN 1 ELSE 2 END",
    "ARRAY(SELECT 1)",
    "a = (TABLE charge)",
    "a = (VALUES (1))",
    "a = (FROM charge)",
    "LOWER((WITH q AS (SELECT 'x' AS y) SELECT y FROM q))",
]

FILES_AND_SETTINGS = [
    "read_text('/etc/passwd')",
    "read_blob('/etc/passwd')",
    "read_csv('x.csv')",
    "read_parquet('x')",
    "glob('*')",
    "getenv('HOME')",
    "current_setting('memory_limit')",
    "getvariable('x')",
    "current_database()",
    "version()",
    "query('drop table finding')",
    "query_table('charge')",
    "sql_auto_complete('SEL')",
    "nextval('s')",
    "random()",
    "uuid()",
    "now()",
    "current_date",
    "current_timestamp",
    "session_user",
    "error('stop')",
    "write_log('x')",
    "parse_filename('x')",
    "md5(t)",
    "sha256(t)",
    "system.main.lower(t)",
    "main.lower(t)",
    "$1",
    "?",
    ":a",
    "@a",
    "#1",
]

WIDER_SYNTAX = [
    "*",
    "charge.*",
    "COLUMNS(*)",
    "COLUMNS('a.*')",
    "* EXCLUDE (a)",
    "charge.a",
    '"charge"."a"',
    "SUM(a)",
    "COUNT(*)",
    "COUNT(DISTINCT a)",
    "MAX(a) OVER (PARTITION BY t)",
    "ROW_NUMBER() OVER ()",
    "LAG(a) OVER (ORDER BY d)",
    "SUM(a) FILTER (WHERE f)",
    "list_transform([1, 2], x -> x + 1)",
    "list_transform([1, 2], lambda x: x + 1)",
    "[x + 1 for x in [1, 2]]",
    "[1, 2][1]",
    "{'k': 1}.k",
    "struct_pack(k := 1)",
    "MAP {'k': 1}",
    "t[1:2]",
    "t -> 'k'",
    "t ->> '$.k'",
    "json_extract(t, '$.k')",
    "(a, b) = (1, 2)",
    "row(1, 2)",
    "unnest([1])",
    "t ~ '^x'",
    "t !~ '^x'",
    "t SIMILAR TO 'x'",
    "t GLOB 'x*'",
    "t ILIKE 'X%'",
    "t LIKE 'x' ESCAPE '!'",
    "regexp_matches(t, 'x')",
    "a BETWEEN SYMMETRIC 2 AND 1",
    "INTERVAL 1 DAY",
    "d + INTERVAL 1 DAY",
    "d AT TIME ZONE 'UTC'",
    "t COLLATE NOCASE",
    "a ** 2",
    "a ^ 2",
    "a & 1",
    "a | 1",
    "a << 1",
    "~a",
    "a!",
    "TRY_CAST(t AS INTEGER)",
    "TRY(a)",
    "CAST(t AS JSON)",
    "CAST(t AS INTEGER[])",
    "CAST(t AS STRUCT(k INTEGER))",
    "CAST(t AS VARCHAR(3))[1]",
    "t::uuid",
    "EXTRACT(year FROM d)",
    "POSITION('x' IN t)",
    "a IS JSON",
    "a AS z",
    "a z",
    "a LIMIT 1",
    "a ORDER BY a",
    "a UNION SELECT 1",
    "a WHERE f",
]

LITERALS_AND_CHARACTERS = [
    "",
    "   ",
    "1e5",
    "1E-1",
    "x > 1.5e3",
    "0x1F",
    "1_000",
    "5.",
    "1.2.3",
    "E'\\n'",
    "X'41'",
    "U&'\\0041'",
    "$$a$$",
    "$q$a$q$",
    "'a' 'b'",
    "N'a'",
    "'unclosed",
    '"unclosed',
    "a -- a comment",
    "a /* a comment */ + 1",
    "/* a */ a",
    "-- only a comment",
    "a\u00a0= 1",
    "a \u200b= 1",
    "\u202ea = 1",
    "a\x00",
    "a\x1b[0m",
    "ａ = 1",
    "а = 1",
    "LOWER\u2063(t)",
    "a = 1" + " " * 4_000,
    "999999999999999999999999999999",
]

MONEY_AND_DIVISION = [
    "m / 2",
    "a / 2",
    "x / 2.0",
    "m // 2",
    "m % 2",
    "m * 1.5",
    "m * x",
    "m * m",
    "m + x",
    "m + a",
    "m = a",
    "m > 0.001",
    "CAST(m AS DOUBLE)",
    "m::double",
    "CAST(m AS FLOAT)",
    "CAST(m AS INTEGER)",
    "CAST(t AS DECIMAL(12, 2))",
    "CAST(x AS INTEGER)",
    "ROUND(m, 1)",
    "ROUND_HALF_UP(x, 2)",
    "ROUND_HALF_UP(m, a)",
    "MONEY(x, 2)",
    "MONEY(t, 7)",
    "MONEY(t, -1)",
    "SQRT(m)",
]

NESTING = [
    "(" * 100 + "a" + ")" * 100,
    "(" * 1_900 + "a" + ")" * 1_900,
    "NOT " * 900 + "f",
    "- " * 1_500 + "a",
    "CASE WHEN f THEN " * 60 + "a" + " END" * 60,
    " + ".join(["a"] * 900),
    " AND ".join(["f"] * 400),
    "PRORATE(" * 12 + "m" + ", a, a)" * 12,
    "REPLACE(" * 100 + "t" + ", 'x', 'y')" * 100,
    "ABS(" * 500 + "a" + ")" * 500,
    "a IN (" + ", ".join(["1"] * 600) + ")",
]

ATTACKS = [
    *STATEMENTS,
    *SUB_QUERIES,
    *FILES_AND_SETTINGS,
    *WIDER_SYNTAX,
    *LITERALS_AND_CHARACTERS,
    *MONEY_AND_DIVISION,
    *NESTING,
]


def faults_of(text: str) -> list[Fault]:
    faults: list[Fault] = []
    expression = check_expression(text, SCHEMA, at=Place("rules/x.yaml", 7, "when"), faults=faults)
    assert (expression is None) == bool(faults)
    return faults


@pytest.mark.parametrize("text", ATTACKS, ids=lambda text: text[:40].encode("unicode_escape").decode())
def test_refused_with_file_line_key_and_a_reason(text: str) -> None:
    faults = faults_of(text)

    assert faults
    for fault in faults:
        assert (fault.file, fault.line, fault.key) == ("rules/x.yaml", 7, "when")
        assert len(fault.problem) > 10
        assert "\x1b" not in fault.problem


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("DROP TABLE finding", "DROP begins a statement"),
        ("a IN (SELECT 1)", "IN takes a list of values"),
        ("(SELECT 1)", "a sub-query is not allowed"),
        ("m / 2", "RATIO"),
        ("SUM(a)", "aggregates are not allowed"),
        ("SUM(a) OVER ()", "windows and aggregates are not allowed"),
        ("NOW()", "there is no clock"),
        ("TRY_CAST(t AS INTEGER)", "CAST rejects"),
        ("regexp_matches(t, 'x')", "LIKE, STARTS_WITH"),
        ("CAST(t AS DECIMAL(12, 2))", "MONEY(text, 2)"),
        ("DATEDIFF('day', d, d)", "DAYS_BETWEEN"),
        ("IFNULL(b, 0)", "COALESCE"),
        ("ROUND(m, 1)", "ROUND_HALF_UP"),
        ("a -- why", "YAML comment"),
        ("a\u00a0= 1", "U+00A0"),
        ("charge.a", "not a plain column name"),
        ("a = (1", "')' is expected"),
        ("a = ", "an operand or a word is missing"),
        ("LOWR(t)", "nearest: LOWER"),
        ("PARSE_DAT(t, '%Y-%m-%d')", "nearest: PARSE_DATE"),
    ],
)
def test_the_reason_says_what_to_write_instead(text: str, advice: str) -> None:
    assert advice in " / ".join(fault.problem for fault in faults_of(text))


def test_column_names_that_begin_statements_are_columns() -> None:
    schema = parse_schema({"show": "text", "comment": "text?", "values": "integer", "set": "integer", "date": "date"})
    faults: list[Fault] = []

    for text in ("show", "comment IS NULL", "values > 1", "set = 1", "date > DATE '2026-01-01'"):
        assert check_expression(text, schema, at=Place("m.yaml"), faults=faults) is not None
    assert faults == []


def test_a_name_that_holds_a_point_is_a_column_in_double_quotes() -> None:
    schema = parse_schema({"gps.lat": "number"})
    faults: list[Fault] = []

    assert check_expression('"gps.lat" > 40.5', schema, at=Place("m.yaml"), faults=faults) is not None
    assert faults == []
