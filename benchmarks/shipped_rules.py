"""The rules that ship with Splice, as measured snapshots carry them."""

from pathlib import Path

from canonical_model.errors import Fault, configuration_error
from rules.rule import Rule
from rules.rulebook import dump_rules, read_folder, read_rulebook

PACKS = Path(__file__).parents[1] / "rules" / "packs" / "leakage"


def every_rule() -> str:
    """All rules of the leakage pack, as a snapshot carries them."""
    return dump_rules(leakage_rules())


def leakage_rules() -> tuple[Rule, ...]:
    """All rules of the leakage pack."""
    faults: list[Fault] = []
    book = read_rulebook(read_folder(PACKS, "rules/packs/leakage", faults), faults)
    if faults:
        raise configuration_error(faults)
    return book.rules
