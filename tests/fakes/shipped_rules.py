"""The rules that ship, as the text that a snapshot carries."""

from functools import cache
from pathlib import Path

from canonical_model.errors import Fault
from rules.rule import Rule
from rules.rulebook import dump_rules, read_folder, read_rulebook

ROOT = Path(__file__).parents[2]


@cache
def shipped_rules() -> tuple[Rule, ...]:
    faults: list[Fault] = []
    book = read_rulebook(read_folder(ROOT / "rules/packs/leakage", "rules/packs/leakage", faults), faults)
    assert faults == []
    return book.rules


@cache
def rules_text(*wanted: str) -> str:
    """The named rules, or all of them."""
    return dump_rules([rule for rule in shipped_rules() if not wanted or rule.id in wanted])
