"""Gates: who judges whom, what an operator may change for whom, and what a row comes to."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from canonical_model.errors import Fault
from rules.compiled_gate import CompiledGates, compile_gates
from rules.gate_book import GateBook, read_gates
from rules.gate_judging import gate_query, open_engine, run_gate_examples
from rules.gate_result import GateResult, Waiver
from rules.types import parse_schema

SCHEMA = parse_schema({"photos": "integer?", "crew": "text?", "level": "number?", "at": "timestamp?"})
DAY = date(2026, 11, 5)
PHOTOS = """\
id: G-1
title: Photos are missing
why: Nobody believes it otherwise.
over: visit
when: photos < least AND (level IS NULL OR level < 0)
outcome: hold
person: technician
say: "{photos} of {least} photos at {at}, level {level}, {short} short."
values: {short: least - photos}
waivable: true
owner: field
parameters:
  least: {type: integer, value: 2, meaning: Photos that are asked for.}
examples:
  - given: {photos: 1, at: 2026-11-05T09:00:00Z, level: -20.5}
    expect: hold
    says: 1 of 2 photos at 2026-11-05 09:00 UTC, level -20.5, 1 short.
  - given: {photos: 2}
    expect: pass
  - given: {photos: 4}
    parameters: {least: 5}
    expect: hold
  - given: {}
    expect: inconclusive
"""
SCOPES = """\
- {override: G-1, parameters: {least: 3}}
- {override: G-1, markets: [mesa], parameters: {least: 4}}
- {override: G-1, crews: [Cable Bros], parameters: {least: 5}, required: true}
- {override: G-1, crews: [Cable Bros], markets: [mesa], parameters: {least: 6}}
- {override: G-1, crews: [Own Crew], off: true, valid_from: 2026-12-01}
"""


@pytest.fixture(scope="module")
def engine() -> Iterator[Any]:
    with open_engine() as connection:
        yield connection


def read(*texts: str) -> tuple[CompiledGates, list[str]]:
    faults: list[Fault] = []
    files = {f"{number}.yaml": text for number, text in enumerate(texts, start=1)}
    book = read_gates(files, faults, markets={"mesa", "riverbend"})
    compiled = compile_gates(book.gates, {"visit": SCHEMA}, faults, sources=book.sources)
    return CompiledGates(book, compiled), [str(fault) for fault in faults]


def judged(gates: CompiledGates, engine: Any, crew: str | None = None, **given: Any) -> GateResult:
    query = gate_query(gates.effective("mesa", DAY, crew), SCHEMA, engine)
    (result,) = query.judge({**dict.fromkeys(SCHEMA), **given})
    return result


def least(book: GateBook, market: str, crew: str | None) -> list[Any]:
    return [gate.parameters["least"].value for gate in book.effective(market, DAY, crew)]


def test_a_gate_lives_up_to_its_examples_and_a_wrong_one_does_not(engine: Any) -> None:
    gates, faults = read(PHOTOS)
    assert faults == []
    assert run_gate_examples(gates.compiled["G-1"], SCHEMA, engine) == []
    wrong, _ = read(PHOTOS.replace("expect: pass", "expect: hold").replace(", 1 short", ", 2 short"))
    told = [str(each) for each in run_gate_examples(wrong.compiled["G-1"], SCHEMA, engine)]
    assert told == [
        "G-1, example 1: said '1 of 2 photos at 2026-11-05 09:00 UTC, level -20.5, 1 short.'",
        "G-1, example 2: said pass, not hold",
    ]


def test_the_most_special_override_wins() -> None:
    gates, faults = read(PHOTOS, SCOPES)
    assert faults == []
    book = gates.book
    assert least(book, "riverbend", None) == [3]
    assert least(book, "mesa", None) == [4]
    assert least(book, "riverbend", "Cable Bros") == [5]
    assert least(book, "mesa", "Cable Bros") == [6]
    assert book.effective("riverbend", date(2026, 12, 1), "Own Crew") == ()
    assert least(book, "riverbend", "Own Crew") == [3]


def test_a_gate_for_some_crews_judges_no_other() -> None:
    gates, faults = read(PHOTOS + "crews: [Cable Bros]\nmarkets: [mesa]\n")
    assert faults == []
    assert least(gates.book, "mesa", "Cable Bros") == [2]
    assert least(gates.book, "mesa", None) == []
    assert least(gates.book, "riverbend", "Cable Bros") == []


def test_what_is_not_known_holds_only_where_it_is_required(engine: Any) -> None:
    gates, _ = read(PHOTOS, SCOPES)
    open_ = judged(gates, engine)
    assert (open_.verdict, open_.holds, open_.person) == ("inconclusive", False, None)
    assert open_.said == "Photos are missing: nothing is known of level, photos"
    closed = judged(gates, engine, "Cable Bros")
    assert (closed.verdict, closed.holds, closed.person) == ("inconclusive", True, "technician")


def test_what_passes_keeps_what_was_measured(engine: Any) -> None:
    gates, _ = read(PHOTOS)
    result = judged(gates, engine, photos=7)
    assert (result.verdict, result.said, result.holds) == ("pass", "", False)
    assert result.values == {"photos": "7", "least": "2", "at": "nothing", "level": "nothing", "short": "-5"}


def test_an_expression_that_fails_on_a_row_tells_nothing_and_stops_nobody(engine: Any) -> None:
    gates, faults = read(PHOTOS.replace("photos < least AND", "CAST(crew AS INTEGER) < least AND"))
    assert faults == []
    query = gate_query(gates.effective("mesa", DAY), SCHEMA, engine)
    (result,) = query.judge({**dict.fromkeys(SCHEMA), "crew": "Cable Bros"})
    assert result.verdict == "inconclusive"


def test_a_waiver_is_for_what_was_said() -> None:
    at = "2026-11-05T09:00:00Z"
    waiver = Waiver.model_validate({"rule": "G-1", "said": "1 photo", "actor": "dora", "why": "seen", "at": at})
    assert waiver.covers(GateResult(rule="G-1", verdict="hold", said="1 photo"))
    assert not waiver.covers(GateResult(rule="G-1", verdict="hold", said="0 photos"))
    assert not waiver.covers(GateResult(rule="G-2", verdict="hold", said="1 photo"))


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        ([PHOTOS, PHOTOS], "2.yaml:1: id: G-1 is defined already in 1.yaml:1"),
        ([PHOTOS.replace("least - photos", "least - foto")], "1.yaml:9: values.short: there is no column foto"),
        (
            [PHOTOS.replace("{short: least", "{photos: least")],
            "1.yaml:8: say: {short} is no column, parameter or value",
        ),
        ([PHOTOS.replace(", {short} short", "")], "1.yaml:9: values.short: does not stand in say"),
        ([PHOTOS.replace("{photos} of", "{photos:>3} of")], "is no name of a column, a parameter or one of values"),
        ([PHOTOS.replace("over: visit", "over: visitt")], "1.yaml:4: over: there is no view visitt"),
        ([PHOTOS.replace("{least: 5}", "{most: 5}")], "examples.2.parameters: G-1 has no parameter most"),
        (
            [PHOTOS.replace("given: {photos: 2}", "given: {photo: 2}")],
            "examples.1.given.photo: visit has no column photo",
        ),
        ([PHOTOS, "- {override: G-1, bound: 3}"], "2.yaml:1: 0.bound: unknown key"),
        (
            [PHOTOS, SCOPES + "- {override: G-1, crews: [Own Crew, Cable Bros], parameters: {least: 9}}"],
            "2.yaml:6: 5.parameters.least: 2.yaml:3 sets it for G-1 too, for the same days and markets",
        ),
    ],
)
def test_faults_are_told_with_their_line(texts: list[str], told: str) -> None:
    _, faults = read(*texts)
    assert any(told in fault for fault in faults), faults
