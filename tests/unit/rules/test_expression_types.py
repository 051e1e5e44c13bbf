"""What an expression's type is, and what the binder says about what does not fit or is doubtful."""

import pickle

import pytest

from canonical_model.errors import ConfigurationError, Fault
from canonical_model.yaml_source import Place
from rules.expressions import check_expression, compile_expression
from rules.types import Schema, parse_type

HERE = Place("rules/x.yaml", 3, "when")


def problems(text: str, schema: Schema, expect: str | None = None) -> list[str]:
    faults: list[Fault] = []
    check_expression(text, schema, at=HERE, faults=faults, expect=parse_type(expect) if expect else None)
    return [fault.problem for fault in faults]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("days", "integer"),
        ("gap", "integer?"),
        ("days + gap", "integer?"),
        ("days // gap", "integer?"),
        ("days // 2", "integer"),
        ("COALESCE(gap, 0)", "integer"),
        ("COALESCE(gap, 0.5)", "number"),
        ("billed - discount", "money(2)?"),
        ("rate * 2", "money(4)"),
        ("ROUND_HALF_UP(rate, 2)", "money(2)"),
        ("MONEY(note, 3)", "money(3)?"),
        ("MONEY(plan, 3)", "money(3)"),
        ("PRORATE(billed, 1, 2)", "money(2)?"),
        ("CASE WHEN live THEN billed END", "money(2)?"),
        ("CASE WHEN paid THEN billed ELSE 0 END", "money(2)"),
        ("NULLIF(plan, '')", "text?"),
        ("CONCAT(plan, note)", "text"),
        ("plan || note", "text?"),
        ("GREATEST(starts, ends)", "date"),
        ("GREATEST(ends, ends)", "date?"),
        ("note = plan", "boolean?"),
        ("note IS DISTINCT FROM plan", "boolean"),
        ("note IS NULL", "boolean"),
        ("note IS NOT NULL AND note = plan", "boolean"),
        ("(note) IS NOT NULL AND (live AND note = plan)", "boolean"),
        ("note IS NOT NULL OR note = plan", "boolean?"),
        ("RATIO(days, 2)", "number?"),
        ("DATE_OF(seen, 'UTC')", "date"),
    ],
)
def test_type_and_whether_it_may_be_missing(text: str, expected: str, row_schema: Schema) -> None:
    assert str(compile_expression(text, row_schema, at=HERE).type) == expected


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("dayz > 1", "there is no column dayz; nearest: days"),
        ("promo_code = 'x'", "there is no column promo_code; nearest: Promo_Code__c"),
        ("plan = 1", "integer does not go with text"),
        ("starts > '2026-01-01'", "write DATE '2026-01-31'"),
        ("starts = seen", "DATE_OF(moment, 'America/New_York')"),
        ("seen > '2026-01-01'", "TIMESTAMPTZ"),
        ("billed = rate", "bring both to one scale with ROUND_HALF_UP"),
        ("billed + gap", "integer does not go with money(2)"),
        ("billed > 0.005", "0.005 has more than 2 decimals"),
        ("billed * 0.5", "PRORATE(amount, 15, 100)"),
        ("billed > rx_dbm", "a measured number is not exact"),
        ("live > paid", "truth values have no order"),
        ("note = NULL", "write IS NULL"),
        ("days IN (1, gap)", "IN takes values that are never missing"),
        ("days IN (1, 'a')", "text does not go with integer"),
        ("starts + 1", "ADD_DAYS"),
        ("starts - ends", "DAYS_BETWEEN"),
        ("plan + 'x'", "texts are joined by ||"),
        ("plan || days", "CAST(value AS TEXT)"),
        ("live AND days", "AND takes conditions, not integer"),
        ("NOT plan", "NOT takes conditions"),
        ("CASE WHEN days THEN 1 END", "WHEN takes conditions"),
        ("CASE WHEN live THEN 1 ELSE 'x' END", "integer does not go with text"),
        ("CASE WHEN live THEN NULL END", "every branch of this CASE is NULL"),
        ("COALESCE(days, 'x')", "COALESCE(any...) -> any does not take (integer, text)"),
        ("LEFT(plan)", "LEFT(text, count) -> text does not take (text)"),
        ("LEFT(plan, days)", "count is a plain number"),
        ("DATE_OF(seen, 'Mars/Olympus')", "'Mars/Olympus' is not a time zone"),
        ("DATE_OF(seen, plan)", "zone is a text in single quotes"),
        ("PARSE_DATE(plan, '%Y-%m')", "must hold %d"),
        ("PARSE_DATE(plan, '%d %H')", "no codes but"),
        ("CAST(seen AS DATE)", "use DATE_OF"),
        ("CAST(billed AS DOUBLE)", "money stays exact"),
        ("DATE '2026-02-30'", "'2026-02-30' is not a date"),
        ("TIMESTAMPTZ '2026-02-03 10:00'", "is not a timestamp"),
        ("TIMESTAMP '2026-02-03 10:00'", "a moment needs its offset"),
        ("plan LIKE note", "a pattern in single quotes"),
        ("plan LIKE 'a\\b'", "without a backslash"),
        ("rx_dbm // 2", "// takes integers"),
        ("PRORATE(days, 1, 2)", "an amount of money is expected"),
    ],
)
def test_a_misfit_is_named_with_the_way_out(text: str, problem: str, row_schema: Schema) -> None:
    found = problems(text, row_schema)

    assert len(found) == 1
    assert problem in found[0]


def test_every_wrong_name_is_told_at_once(row_schema: Schema) -> None:
    found = problems("dayz > 1 AND billd < 0 AND LOWR(plan) = 'x'", row_schema)

    assert len(found) == 3


def test_one_wrong_name_gives_one_fault_and_no_echo(row_schema: Schema) -> None:
    assert len(problems("NOT (COALESCE(dayz, 0) + 1 > 2)", row_schema)) == 1


def test_the_wanted_type_is_checked_and_a_bare_number_takes_it(row_schema: Schema) -> None:
    assert problems("days", row_schema, "boolean") == ["yields integer, but boolean is expected"]
    assert problems("rate", row_schema, "money(2)") == ["yields money(4), but money(2) is expected"]
    assert problems("9.999", row_schema, "money(2)") != []
    assert compile_expression("9.99", row_schema, at=HERE, expect=parse_type("money(2)")).type.name == "money(2)"
    assert compile_expression("0", row_schema, at=HERE, expect="money").type.name == "money(2)"
    assert compile_expression("rate", row_schema, at=HERE, expect="money").type.name == "money(4)"
    assert compile_expression("days", row_schema, at=HERE, expect="number").type.name == "number"


@pytest.mark.parametrize(
    ("text", "missing", "advice"),
    [
        ("plan <> note", "note", "IS DISTINCT FROM"),
        ("note != plan", "note", "IS DISTINCT FROM"),
        ("NOT paid", "paid", "COALESCE"),
        ("NOT (live OR paid)", "paid", "COALESCE"),
        ("gap NOT IN (1, 2)", "gap", "COALESCE"),
        ("gap NOT BETWEEN 1 AND 2", "gap", "COALESCE"),
        ("note NOT LIKE 'x%'", "note", "COALESCE"),
    ],
)
def test_a_column_that_may_be_missing_under_unequal_or_not_is_warned_about(
    text: str, missing: str, advice: str, row_schema: Schema
) -> None:
    (warning,) = compile_expression(text, row_schema, at=HERE).warnings

    assert missing in warning
    assert advice in warning


@pytest.mark.parametrize(
    "text",
    [
        "plan <> 'x'",
        "note IS DISTINCT FROM plan",
        "note IS NOT NULL AND note <> plan",
        "note IS NOT NULL AND NOT (note = plan OR live)",
        "COALESCE(note, '') <> plan",
        "NOT COALESCE(paid, FALSE)",
        "NOT live",
        "paid IS NOT TRUE",
        "note IS NOT NULL",
        "gap > 5",
    ],
)
def test_nothing_is_warned_about_that_is_never_missing(text: str, row_schema: Schema) -> None:
    assert compile_expression(text, row_schema, at=HERE).warnings == ()


def test_a_presence_test_counts_in_its_own_conjunction_only(row_schema: Schema) -> None:
    expression = compile_expression("(note IS NOT NULL AND live) OR note <> plan", row_schema, at=HERE)

    assert len(expression.warnings) == 1


def test_it_tells_columns_and_parameters_that_it_reads(row_schema: Schema) -> None:
    expression = compile_expression(
        "billed > threshold AND promo_code__c IS NULL",
        row_schema,
        at=HERE,
        parameters={"threshold": parse_type("money(2)"), "unused": parse_type("text")},
    )

    assert expression.columns == {"billed", "Promo_Code__c"}
    assert expression.parameters == {"threshold"}


def test_it_is_a_value_that_survives_the_way_to_another_process(row_schema: Schema) -> None:
    expression = compile_expression("billed - discount > 1.50", row_schema, at=HERE)

    assert pickle.loads(pickle.dumps(expression)) == expression  # noqa: S301 - pickled right here
    assert hash(expression) == hash(compile_expression("billed - discount > 1.50", row_schema, at=HERE))


def test_faults_become_one_configuration_error(row_schema: Schema) -> None:
    with pytest.raises(ConfigurationError, match=r"rules/x.yaml:3: when: there is no column dayz; nearest: days"):
        compile_expression("dayz > 1", row_schema, at=HERE)


def test_two_columns_that_differ_in_case_only_must_be_spelt_exactly() -> None:
    schema = {"Status": parse_type("text"), "status": parse_type("integer")}

    assert compile_expression("status", schema, at=HERE).type.kind == "integer"
    assert compile_expression("Status", schema, at=HERE).type.kind == "text"
    assert problems("STATUS", schema) != []
