"""Every rule that ships says of its own examples what they expect."""

import duckdb
import pytest
from source_tree import ROOT

from canonical_model.errors import Fault
from reconciliation.analysis_views import VIEWS
from rules.compiled import CompiledRule, compile_rules
from rules.examples import run_examples
from rules.rulebook import read_folder, read_rulebook

SCHEMAS = {name: view.schema for name, view in VIEWS.items()}
FAULTS: list[Fault] = []
BOOK = read_rulebook(read_folder(ROOT / "rules/packs/leakage", "rules/packs/leakage", FAULTS), FAULTS)
COMPILED = compile_rules(BOOK.rules, SCHEMAS, FAULTS, sources=BOOK.sources)


def test_the_packs_that_ship_hold_rules_without_faults() -> None:
    assert FAULTS == []
    assert len(COMPILED) == len(BOOK.rules) > 0


@pytest.mark.parametrize("rule", COMPILED, ids=lambda rule: rule.rule.id)
def test_a_rule_lives_up_to_its_examples(rule: CompiledRule) -> None:
    with duckdb.connect() as connection:
        assert [str(failure) for failure in run_examples(rule, SCHEMAS[rule.rule.over], connection)] == []


@pytest.mark.parametrize("rule", COMPILED, ids=lambda rule: rule.rule.id)
def test_a_rule_shows_one_row_that_it_finds_and_one_that_it_leaves_alone(rule: CompiledRule) -> None:
    expected = [example.expect for example in rule.rule.examples]
    assert "nothing" in expected
    assert any(expect != "nothing" for expect in expected)
