"""YAML with lines: strict where YAML 1.1 surprises, and every fault at its place."""

from datetime import date
from decimal import Decimal
from typing import Any, Self

import pytest
from pydantic import BaseModel, ConfigDict, model_validator

from canonical_model.errors import Fault
from canonical_model.yaml_source import Place, YamlSource, nearest, read_yaml
from canonical_model.yaml_validation import readable, validated


def read(text: str) -> tuple[YamlSource | None, list[str]]:
    faults: list[Fault] = []
    return read_yaml(text, "f.yaml", faults), [str(fault) for fault in faults]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("off", "off"),
        ("yes", "yes"),
        ("NO", "NO"),
        ("42", 42),
        ("-7", -7),
        ("0042", "0042"),
        ("1_000", "1_000"),
        ("89.99", Decimal("89.99")),
        ("5.00", Decimal("5.00")),
        ("1e3", "1e3"),
        (".inf", ".inf"),
        ("12:30", "12:30"),
        ("2026-01-31", date(2026, 1, 31)),
        ("2026-01-31T10:00:00Z", "2026-01-31T10:00:00Z"),
        ("'2026-01-31'", "2026-01-31"),
        ("'42'", "42"),
        ("null", None),
        ("~", None),
        ("", None),
        ("|\n  a\n  b\n", "a\nb\n"),
    ],
)
def test_a_plain_word_is_what_it_looks_like(text: str, value: Any) -> None:
    source, faults = read(f"key: {text}")

    assert faults == []
    assert source is not None
    assert source.data == {"key": value}
    assert type(source.data["key"]) is type(value)


def test_every_key_and_item_has_its_line() -> None:
    source, _ = read("a: 1\nb:\n  - x\n  - c: 2\n    d: 3\n")

    assert source is not None
    assert source.place("b", 1, "d") == Place("f.yaml", 5, "b.1.d")
    assert source.part("b", 1).place("c") == Place("f.yaml", 4, "b.1.c")
    assert [part.data for part in source.part("b").items()] == ["x", {"c": 2, "d": 3}]


def test_what_is_not_there_has_the_line_of_what_should_hold_it() -> None:
    source, _ = read("a: 1\nb:\n  c: 2\n")

    assert source is not None
    assert source.place("b", "missing", "deeper") == Place("f.yaml", 2, "b.missing.deeper")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a: [1", "f.yaml:1: not YAML"),
        ("a: 1\n  b: 2\n", "f.yaml:2: not YAML"),
        ("a: 1\nb: 2\na: 3\n", "f.yaml:3: a: the key stands twice; first in line 1"),
        ("a: 2026-02-30", "f.yaml:1: a: 2026-02-30 is not a date of the calendar"),
        ("a: !!python/object/apply:os.system [ls]", "f.yaml:1: a: the tag"),
        ("a: !secret x", "f.yaml:1: a: the tag !secret is not allowed here"),
        ("? [a, b]\n: 1\n", "f.yaml:1: a key must be a plain word"),
        ("a: &x {<<: *x}", "f.yaml:1: a: a key must be a plain word"),
        ("a: &x [*x]", "f.yaml:1: not YAML: nested too deep"),
        ("[" * 50 + "]" * 50, "f.yaml:1: not YAML: nested too deep"),
        ("[" * 5_000 + "]" * 5_000, "f.yaml:1: not YAML: nested too deep"),
        ("[" * 1_000_000, "f.yaml:1: not YAML: nested too deep"),
        ("- " * 100_000 + "x", "f.yaml:1: not YAML: nested too deep"),
        ("a: \ud800", "f.yaml: not YAML"),
        ("a: \x01", "f.yaml: not YAML"),
        ("---\na: 1\n---\nb: 2\n", "f.yaml:3: not YAML"),
    ],
)
def test_what_cannot_be_meant_is_a_fault(text: str, fault: str) -> None:
    source, faults = read(text)

    assert source is None
    assert any(one.startswith(fault) for one in faults), faults


@pytest.mark.parametrize("depth", [39, 40, 41])
def test_both_readers_of_yaml_draw_the_line_at_the_same_depth(depth: int) -> None:
    """The bound is that of our own reader; the one before it only keeps libyaml from breaking down."""
    flow, block = read("[" * depth + "]" * depth), read("- " * depth + "x")

    assert (flow[0] is None, block[0] is None) == (depth > 41, depth > 40)


def test_aliases_that_multiply_are_stopped() -> None:
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]

    source, faults = read("\n".join(rows))

    assert source is None
    assert "nested too deep, or too large" in faults[0]


class Visit(BaseModel):
    model_config = ConfigDict(extra="forbid")
    number: int
    outcome: str = ""


class Order(BaseModel):
    model_config = ConfigDict(extra="forbid")
    id: str
    visits: list[Visit] = []
    size: int | None = None


def test_a_part_becomes_a_model_or_faults_with_lines() -> None:
    source, _ = read("id: A\nvisits:\n  - number: 1\n    outcom: done\n  - number: x\n  - outcome: y\nsize: big\n")
    faults: list[Fault] = []

    assert source is not None
    assert validated(source, Order, faults) is None
    assert [str(fault) for fault in faults] == [
        "f.yaml:4: visits.0.outcom: unknown key; nearest: outcome",
        "f.yaml:5: visits.1.number: Input should be a valid integer, unable to parse string as an integer",
        "f.yaml:6: visits.2.number: is missing and must be given",
        "f.yaml:7: size: Input should be a valid integer, unable to parse string as an integer",
    ]


class Tariff(BaseModel):
    model_config = ConfigDict(extra="forbid")
    code: str
    steps: dict[str, Visit] = {}
    first: int = 0
    last: int = 9

    @model_validator(mode="after")
    def _goes_up(self) -> Self:
        if self.last < self.first:
            raise ValueError("last comes before first")
        return self


def test_what_is_wrong_between_keys_is_told_beside_what_is_wrong_in_one() -> None:
    source, _ = read("code: A\nfirst: 3\nlast: 1\nlats: 5\n")
    faults: list[Fault] = []

    assert source is not None
    assert validated(source, Tariff, faults) is None
    assert [str(fault) for fault in faults] == [
        "f.yaml:4: lats: unknown key; nearest: last",
        "f.yaml:1: last comes before first",
    ]


def test_what_is_wrong_is_left_out_so_that_the_rest_can_be_checked() -> None:
    source, _ = read("cod: A\nsteps:\n  low: {number: 1}\n  high: {number: x, outcome: y}\nfirst: 2\n")
    faults: list[Fault] = []

    assert source is not None
    found = readable(source, Tariff, faults, {("code",): "?"})
    assert found is not None
    assert found.model == Tariff(code="?", steps={"low": Visit(number=1)}, first=2)
    assert {key for key in ("cod", "code", "steps", "first") if found.doubts(key)} == {"cod", "code"}
    assert found.names_below("steps") == {"high"}
    assert found.is_told(Fault("f.yaml", 4, "steps.high.outcome", "follows"))
    assert not found.is_told(Fault("f.yaml", 3, "steps.low", "is new"))
    assert len(faults) == 3


def test_where_nothing_can_stand_in_nothing_is_read() -> None:
    source, _ = read("first: x\n")
    faults: list[Fault] = []

    assert source is not None
    assert readable(source, Tariff, faults) is None
    assert len(faults) == 2


def test_a_part_that_is_no_mapping_is_a_fault() -> None:
    source, _ = read("- 1\n")
    faults: list[Fault] = []

    assert source is not None
    assert validated(source, Order, faults) is None
    assert [str(fault) for fault in faults] == ["f.yaml:1: keys and values were expected here"]


def test_the_nearest_word_is_named_and_short_lists_are_shown() -> None:
    assert nearest("accont", ["account", "bill"]) == "; nearest: account"
    assert nearest("zzz", ["account", "amount"]) == "; known: account, amount"
    assert nearest("zzz", [f"word{number}" for number in range(40)]) == ""
