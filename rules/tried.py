"""A rule that is tried before it counts: a file beside the rulebook, put in the place of what it would replace."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date

from canonical_model.errors import Fault
from canonical_model.yaml_source import YamlSource
from canonical_model.yaml_validation import Readable, readable
from rules.rule import Override, Rule
from rules.rulebook import Rulebook, entries
from rules.rulebook_checks import PlacedOverride, PlacedRule, check_overrides, check_rules


@dataclass(frozen=True, slots=True)
class Tried:
    """What a file wants otherwise.

    Attributes:
        rule_id: the rule that is new or changed.
        rulebook: every other rule as it is, and this one as the file wants it.
    """

    rule_id: str
    rulebook: Rulebook


def tried_file(
    text: str,
    name: str,
    rulebook: Rulebook,
    faults: list[Fault],
    *,
    markets: Collection[str] | None = None,
    roles: Collection[str] | None = None,
) -> Tried | None:
    """Read a file with one rule, or one override of a rule, as if it stood in the rulebook already.

    A rule of the same code gives way to it; the operator's overrides of that code hold for it as well.

    Args:
        text: of the file.
        name: as the person knows it.
        rulebook: all rules that count.
        faults: what is wrong with the file is added here, by itself and beside the other rules.
        markets: as for ``read_rulebook``.
        roles: likewise.
    """
    found = list(entries(name, text, faults))
    if faults:
        return None
    if len(found) != 1:
        faults.append(Fault(name, 0, "", f"one rule or one override is tried at a time; the file holds {len(found)}"))
        return None
    is_override = isinstance(found[0].data, dict) and "override" in found[0].data
    if is_override:
        return _with_override(found[0], rulebook, faults, markets)
    return _with_rule(found[0], rulebook, faults, markets, roles)


def _with_rule(
    entry: YamlSource,
    rulebook: Rulebook,
    faults: list[Fault],
    markets: Collection[str] | None,
    roles: Collection[str] | None,
) -> Tried | None:
    read = readable(entry, Rule, faults)
    if read is None or faults:
        return None
    rule = read.model
    others = [PlacedRule(one) for rule_id, one in rulebook.readable.items() if rule_id != rule.id]
    placed = [*others, PlacedRule(read)]
    faults.extend(check_rules(placed, markets, roles))
    faults.extend(check_overrides([_placed(one, entry) for one in rulebook.overrides], placed, markets))
    by_id = {one.rule.id: one for one in sorted(placed, key=lambda one: one.rule.id)}
    changed = replace(
        rulebook,
        rules=tuple(one.rule for one in by_id.values()),
        sources={rule_id: one.source for rule_id, one in by_id.items()},
        readable={rule_id: one.read for rule_id, one in by_id.items()},
    )
    return None if faults else Tried(rule.id, changed)


def _with_override(
    entry: YamlSource, rulebook: Rulebook, faults: list[Fault], markets: Collection[str] | None
) -> Tried | None:
    read = readable(entry, Override, faults)
    if read is None or faults:
        return None
    placed = [PlacedRule(one) for one in rulebook.readable.values()]
    overrides = [*(_placed(one, entry) for one in rulebook.overrides), PlacedOverride(read)]
    faults.extend(check_overrides(overrides, placed, markets))
    everywhere = sorted((one.override for one in overrides), key=lambda override: override.specificity)
    changed = replace(rulebook, overrides=tuple(everywhere))
    return None if faults else Tried(read.model.override, changed)


def _placed(override: Override, entry: YamlSource) -> PlacedOverride[Override]:
    """An override that counts already; what the file makes wrong of it is told at the file."""
    return PlacedOverride(Readable(override, entry))


def standing_rules(rulebook: Rulebook, tried: str, market: str, day: date) -> tuple[tuple[Rule, ...], Rule | None]:
    """The rules that hold in a market on a day, and the one that is tried among them, whatever days it is valid on.

    Returns:
        All of them; and the tried one, None where it is not for the market or is switched off there.
    """
    always = [
        rule.model_copy(update={"valid_from": None, "valid_to": None}) if rule.id == tried else rule
        for rule in rulebook.rules
    ]
    rules = replace(rulebook, rules=tuple(always)).effective(market, day)
    return rules, next((rule for rule in rules if rule.id == tried), None)
