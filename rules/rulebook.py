"""All rules of an operator: ours, its own, and its overrides; what holds in a market on a day.

A rule file holds one rule, or a list of them. What has the key ``override`` changes a rule that stands
elsewhere; where a general override and one for a market set the same thing, the market's wins.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

import yaml

from canonical_model.errors import Fault, configuration_error
from canonical_model.yaml_source import YamlSource, read_yaml
from canonical_model.yaml_validation import Readable, StandIns, readable, validated
from rules.rule import Override, Rule
from rules.rulebook_checks import PlacedOverride, PlacedRule, check_overrides, check_rules


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Every rule and override.

    Attributes:
        rules: by id, in order.
        overrides: general ones first, so that those for a market win.
        sources: where each rule is written, by id; empty for rules out of a snapshot.
        readable: what could be read of rules with wrong keys, by id; they are there to be checked further.
    """

    rules: tuple[Rule, ...]
    overrides: tuple[Override, ...] = ()
    sources: Mapping[str, YamlSource] = field(default_factory=dict, repr=False, compare=False)
    readable: Mapping[str, Readable[Rule]] = field(default_factory=dict, repr=False, compare=False)

    def effective(self, market: str, day: date) -> tuple[Rule, ...]:
        """The rules that hold in a market on a day, with the overrides that hold there and then."""
        valid = (rule for rule in self.rules if rule.holds(market, day))
        changed = (self._changed(rule, market, day) for rule in valid)
        return tuple(rule for rule in changed if rule is not None)

    def _changed(self, rule: Rule, market: str, day: date) -> Rule | None:
        off = False
        for override in self.overrides:
            if override.override == rule.id and override.holds(market, day):
                rule = override.applied_to(rule)
                off = override.off if "off" in override.model_fields_set else off
        return None if off else rule


def read_rulebook(
    files: Mapping[str, str],
    faults: list[Fault],
    *,
    markets: Collection[str] | None = None,
    roles: Collection[str] | None = None,
) -> Rulebook:
    """Read all rule files together.

    Args:
        files: content by file name (as the person knows it): our packs and the operator's own rules.
        faults: what is wrong is added here: unknown keys, doubled ids, overrides of what does not exist,
            explanations that go round in a circle ...
        markets: the operator's markets; None leaves their names unchecked.
        roles: the roles of its systems (``billing``, ``network``) that ``needs`` may name; None likewise.

    Returns:
        What could be read; to be used only where no fault was added.
    """
    rules: list[PlacedRule[Rule]] = []
    overrides: list[PlacedOverride[Override]] = []
    for name, text in files.items():
        for entry in entries(name, text, faults):
            if isinstance(entry.data, dict) and "override" in entry.data:
                override = readable(entry, Override, faults)
                overrides += [PlacedOverride(override)] if override else []
            else:
                rule = readable(entry, Rule, faults, _stand_ins(entry))
                rules += [PlacedRule(rule)] if rule else []
    faults.extend(check_rules(rules, markets, roles))
    faults.extend(check_overrides(overrides, rules, markets))
    placed = {one.rule.id: one for one in sorted(rules, key=lambda one: one.rule.id)}
    return Rulebook(
        rules=tuple(one.rule for one in placed.values()),
        overrides=tuple(sorted((one.override for one in overrides), key=lambda override: override.specificity)),
        sources={rule_id: one.source for rule_id, one in placed.items()},
        readable={rule_id: one.read for rule_id, one in placed.items()},
    )


def read_folder(folder: Path, shown_as: str, faults: list[Fault]) -> dict[str, str]:
    """Content of every YAML file under a folder by its name, ready for `read_rulebook`.

    Args:
        folder: where the files lie; one that does not exist holds none.
        shown_as: what the folder is called in faults.
        faults: files that are no UTF-8 text are told here.
    """
    files: dict[str, str] = {}
    for file in sorted(folder.rglob("*.yaml")):
        name = f"{shown_as}/{file.relative_to(folder).as_posix()}"
        try:
            files[name] = file.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            faults.append(Fault(name, 0, "", f"is not UTF-8 text: {error.reason} at byte {error.start}"))
    return files


def dump_rules(rules: Sequence[Rule]) -> str:
    """Rules as YAML text; `load_rules` gives equal rules back."""
    plain = [rule.model_dump(exclude_defaults=True) for rule in rules]
    return yaml.dump(plain, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)


def load_rules(text: str, file: str = "snapshot rules") -> list[Rule]:
    """Rules out of `dump_rules`.

    Raises:
        ConfigurationError: the text holds no rules.
    """
    return list(_loaded(text, file))


@lru_cache(maxsize=4)  # a run asks four times for the rules of its snapshot, which are those of the one before
def _loaded(text: str, file: str) -> tuple[Rule, ...]:
    faults: list[Fault] = []
    rules = [validated(entry, Rule, faults) for entry in entries(file, text, faults)]
    if faults:
        raise configuration_error(faults)
    return tuple(rule for rule in rules if rule is not None)


def _stand_ins(entry: YamlSource) -> StandIns:
    """What stands in for a key that is wrong, so that the other keys of a rule are checked all the same."""
    line = entry.place().line
    return {
        ("id",): f"XX-{line}",
        ("title",): "?",
        ("over",): "unknown",
        ("when",): "FALSE",
        ("exposure",): "0.00",
        ("direction",): "by_sign",
        ("exposure_class",): "by_direction",
        ("remedy",): "unknown",
        ("owner",): "unknown",
        ("examples",): [{"given": {}, "expect": "nothing"}],
        ("examples", "*", "given"): {},
        ("examples", "*", "expect"): "nothing",
    }


def entries(name: str, text: str, faults: list[Fault]) -> Iterator[YamlSource]:
    """The rules and overrides of a file, one after the other."""
    source = read_yaml(text, name, faults)
    if source is not None and source.data is not None:
        yield from source.items() if isinstance(source.data, list) else (source,)


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]  # libyaml where it is there
    """Writes a Decimal as a plain number and tuples as lists."""

    def ignore_aliases(self, _: object) -> bool:
        return True


_Dumper.add_representer(
    Decimal, lambda dumper, value: dumper.represent_scalar("tag:yaml.org,2002:float", _decimal_text(value))
)
_Dumper.add_representer(tuple, lambda dumper, value: dumper.represent_list(value))


def _decimal_text(value: Decimal) -> str:
    text = f"{value:f}"
    return text if "." in text else f"{text}.0"
