"""Rules against the views they stand on, and their examples executed."""

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from canonical_model.errors import Fault
from rules.compiled import CompiledRule, compile_rules
from rules.examples import run_examples
from rules.rulebook import dump_rules, load_rules, read_rulebook
from rules.types import parse_schema

VIEWS = {
    "visit": parse_schema(
        {"days_late": "integer", "fee": "money(2)?", "due": "money(2)", "unit": "money(4)", "visited": "date?"}
    )
}
RULE = """\
id: T-FEE
title: A late fee was forgotten
over: {over}
when: {when}
exposure: {exposure}
direction: under_billed
exposure_class: recoverable
remedy: charge_fee
owner: finance
parameters:
  grace_days: {{type: integer, value: 3}}
examples:
  - given: {{days_late: 5, due: 12.50, visited: 2026-01-31}}
    expect: 12.50
  - given: {{days_late: 3, due: 12.50}}
    expect: nothing
  - given: {{days_late: 5, due: 12.50, fee: 12.50}}
    expect: 0
"""
GOOD = {"over": "visit", "when": "days_late > grace_days", "exposure": "due - COALESCE(fee, 0)"}


@pytest.fixture
def connection() -> Iterator[Any]:
    with duckdb.connect() as connection:
        yield connection


def compiled(text: str) -> tuple[list[CompiledRule], list[str]]:
    faults: list[Fault] = []
    book = read_rulebook({"t.yaml": text}, faults)
    rules = compile_rules(book.rules, VIEWS, faults, sources=book.sources, read=book.readable)
    return rules, [str(fault) for fault in faults]


def test_a_rule_becomes_sql_with_its_parameters_filled_in() -> None:
    (rule,), faults = compiled(RULE.format(**GOOD))

    assert faults == []
    assert rule.when_sql() == '"days_late" > CAST(3 AS BIGINT)'
    assert rule.exposure_sql() == '"due" - COALESCE("fee", CAST(0 AS BIGINT))'
    assert rule.when_sql("spark") == "`days_late` > CAST(3 AS BIGINT)"
    assert rule.columns == {"days_late", "due", "fee"}


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"over": "visits"}, "t.yaml:3: over: there is no view visits; nearest: visit"),
        ({"when": "day_late > grace_days"}, "t.yaml:4: when: there is no column day_late; nearest: days_late"),
        ({"when": "days_late + grace_days"}, "t.yaml:4: when: yields integer, but boolean is expected"),
        ({"exposure": "days_late"}, "t.yaml:5: exposure: yields integer, but money is expected"),
        ({"exposure": "due / 2"}, "t.yaml:5: exposure: '/' is not allowed"),
        ({"when": "days_late > 3"}, "t.yaml:11: parameters.grace_days: is used neither in when nor in exposure"),
    ],
)
def test_a_fault_is_told_where_it_stands(change: dict[str, str], fault: str) -> None:
    rules, faults = compiled(RULE.format(**GOOD | change))

    assert rules == []
    assert any(one.startswith(fault) for one in faults), faults


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("due: 12.50, visited", "duo: 12.50, visited", "t.yaml:13: examples.0.given.duo: visit has no column duo"),
        ("due: 12.50, fee", "due: 12.505, fee", "t.yaml:17: examples.2.given.due: 12.505 has more than 2 decimals"),
        ("visited: 2026-01-31", "visited: soon", "t.yaml:13: examples.0.given.visited: soon is not of type date"),
        ("grace_days", "unit", "t.yaml:11: parameters.unit: visit has a column unit; name it otherwise"),
    ],
)
def test_examples_and_parameters_are_checked_against_the_view(old: str, new: str, fault: str) -> None:
    rules, faults = compiled(RULE.format(**GOOD).replace(old, new))

    assert rules == []
    assert any(one.startswith(fault) for one in faults), faults


WRONG = """\
id: T-FEE
titel: A late fee was forgotten
over: visit
when: days_lat > 3
exposure: money_due
direction: sideways
exposure_class: recoverable
needs: {billing: soon}
remedy: charge_fee
owner: finance
valid_from: 2026-02-01
valid_to: 2026-01-01
examples:
  - given: {days_late: many}
    expect: 12.50
  - given: {day_late: 3}
    expects: nothing
"""


def test_every_fault_of_a_rule_is_told_in_one_go() -> None:
    rules, faults = compiled(WRONG)
    assert rules == []
    assert sorted(fault.split(";")[0] for fault in faults) == [
        "t.yaml:12: valid_to: must come after valid_from",
        "t.yaml:14: examples.0.given.days_late: many is not of type integer",
        "t.yaml:16: examples.1.expect: is missing and must be given",
        "t.yaml:16: examples.1.given.day_late: visit has no column day_late",
        "t.yaml:17: examples.1.expects: unknown key",
        "t.yaml:1: title: is missing and must be given",
        "t.yaml:2: titel: unknown key",
        "t.yaml:4: when: there is no column days_lat",
        "t.yaml:5: exposure: there is no column money_due",
        "t.yaml:6: direction: Input should be 'under_billed', 'over_billed', 'cost', 'tax' or 'by_sign'",
        "t.yaml:8: needs.billing: hours or days are expected, such as 36h or 2d",
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("type: integer, value: 3", "type: integer, value: three"),  # when builds on it
        ("when: days_late", "wen: days_late"),  # so nobody knows whether grace_days is used
        ("over: visit", "over: [visit]"),  # which columns there are depends on it
        ("id: T-FEE", "id: t fee"),
    ],
)
def test_nothing_is_said_of_what_builds_on_a_wrong_key(old: str, new: str) -> None:
    text = RULE.format(**GOOD)
    assert old in text
    _, faults = compiled(text.replace(old, new))
    assert {fault.split(":")[2].strip() for fault in faults} <= {"wen", "when", "over", "id", "parameters.grace_days"}
    assert len(faults) <= 2


def test_warnings_of_both_expressions_are_kept() -> None:
    change = {"when": "days_late > grace_days AND fee <> due"}
    (rule,), faults = compiled(RULE.format(**GOOD | change))

    assert faults == []
    assert len(rule.warnings) == 1


def test_a_rule_out_of_a_snapshot_compiles_alike_and_its_faults_name_it() -> None:
    (rule,), _ = compiled(RULE.format(**GOOD))
    faults: list[Fault] = []

    assert compile_rules(load_rules(dump_rules([rule.rule])), VIEWS, faults) == [rule]
    assert compile_rules([rule.rule], {}, faults) == []
    assert [str(fault) for fault in faults] == ["rule T-FEE: over: there is no view visit"]


def test_examples_that_hold_give_no_failure(connection: Any) -> None:
    (rule,), _ = compiled(RULE.format(**GOOD))

    assert run_examples(rule, VIEWS["visit"], connection) == []


@pytest.mark.parametrize(
    ("change", "failures"),
    [
        ({"exposure": "due"}, ["T-FEE, example 3: found 12.50, not 0"]),
        ({"exposure": "due - fee"}, ["T-FEE, example 1: found an unknown amount, not 12.50"]),
        (
            {"when": "days_late > grace_days + 5"},
            ["T-FEE, example 1: found nothing, not 12.50"],
        ),
        ({"when": "days_late >= grace_days"}, ["T-FEE, example 2: found 12.50, not nothing"]),
    ],
)
def test_an_example_that_fails_says_what_came_out(
    change: dict[str, str], failures: list[str], connection: Any
) -> None:
    (rule,), faults = compiled(RULE.format(**GOOD | change))
    found = [str(failure) for failure in run_examples(rule, VIEWS["visit"], connection)]

    assert faults == []
    assert found == failures


def test_money_in_examples_is_read_at_the_scale_of_its_column(connection: Any) -> None:
    text = RULE.format(**GOOD | {"exposure": "ROUND_HALF_UP(unit * days_late, 2) + due * 0"})
    text = text.replace("days_late: 5, due: 12.50, visited: 2026-01-31", "days_late: 5, unit: 2.5011")
    text = text.replace("expect: 12.50", "expect: 12.51").replace(
        "days_late: 5, due: 12.50, fee: 12.50", "days_late: 5"
    )
    (rule,), faults = compiled(text)

    assert faults == []
    assert run_examples(rule, VIEWS["visit"], connection) == []
