"""What must be right between rules: ids, references, markets, overrides that contradict each other."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Generic, TypeVar

from canonical_model.errors import Fault
from canonical_model.yaml_source import YamlSource, nearest
from canonical_model.yaml_validation import Readable
from rules.gate_rule import GateOverride, GateRule
from rules.rule import Override, Rule

AnyRule = TypeVar("AnyRule", Rule, GateRule)
AnyOverride = TypeVar("AnyOverride", Override, GateOverride)


@dataclass(frozen=True, slots=True)
class PlacedRule(Generic[AnyRule]):
    """A rule and where it is written."""

    read: Readable[AnyRule]

    @property
    def rule(self) -> AnyRule:
        """The rule; what is wrong in it is left out or stood in for."""
        return self.read.model

    @property
    def source(self) -> YamlSource:
        """Where it is written."""
        return self.read.source


@dataclass(frozen=True, slots=True)
class PlacedOverride(Generic[AnyOverride]):
    """An override and where it is written."""

    read: Readable[AnyOverride]

    @property
    def override(self) -> AnyOverride:
        """The override; what is wrong in it is left out."""
        return self.read.model

    @property
    def source(self) -> YamlSource:
        """Where it is written."""
        return self.read.source


def check_rules(
    rules: Sequence[PlacedRule[Rule]], markets: Collection[str] | None, roles: Collection[str] | None
) -> Iterator[Fault]:
    """Doubled ids, and names of rules, markets and roles that do not exist."""
    yield from check_names(rules, markets)
    ids = {one.rule.id for one in rules}
    for one in rules:
        yield from _unknown(one.source, "explained_by", one.rule.explained_by, ids, "rule")
        for role in one.rule.needs:
            if roles is not None and role not in roles:
                yield one.source.place("needs", role).fault(f"there is no role {role}{nearest(role, list(roles))}")
    yield from _circles({one.rule.id: one for one in reversed(rules)})


def check_names(rules: Sequence[PlacedRule[AnyRule]], markets: Collection[str] | None) -> Iterator[Fault]:
    """Doubled ids, and markets that do not exist."""
    first: dict[str, PlacedRule[AnyRule]] = {}
    for one in rules:
        earlier = first.setdefault(one.rule.id, one)
        if earlier is not one:
            place = earlier.source.place("id")
            yield one.source.place("id").fault(f"{one.rule.id} is defined already in {place.file}:{place.line}")
        yield from _unknown(one.source, "markets", one.rule.markets, markets, "market")


def check_overrides(
    overrides: Sequence[PlacedOverride[AnyOverride]],
    rules: Sequence[PlacedRule[AnyRule]],
    markets: Collection[str] | None,
) -> Iterator[Fault]:
    """Overrides of what does not exist, with wrong values, or that contradict each other."""
    by_id = {one.rule.id: one.rule for one in rules}
    for one in overrides:
        rule = by_id.get(one.override.override)
        yield from _unknown(one.source, "markets", one.override.markets, markets, "market")
        if rule is None:
            wanted = one.override.override
            yield one.source.place("override").fault(f"there is no rule {wanted}{nearest(wanted, list(by_id))}")
        else:
            yield from _wrong_parameters(one, rule)
    for earlier, later in combinations(overrides, 2):
        yield from _contradictions(earlier, later)


def _wrong_parameters(one: PlacedOverride[Any], rule: Rule | GateRule) -> Iterator[Fault]:
    for name, value in one.override.parameters.items():
        place = one.source.place("parameters", name)
        if name not in rule.parameters:
            yield place.fault(f"{rule.id} has no parameter {name}{nearest(name, list(rule.parameters))}")
            continue
        try:
            rule.parameters[name].having(value)
        except ValueError as error:
            yield place.fault(str(error))


def _contradictions(earlier: PlacedOverride[Any], later: PlacedOverride[Any]) -> Iterator[Fault]:
    one, other = earlier.override, later.override
    if one.override != other.override or one.specificity != other.specificity or not one.meets(other):
        return
    for setting in sorted(one.settings & other.settings):
        place = earlier.source.place()
        yield later.source.place(*setting).fault(
            f"{place.file}:{place.line} sets it for {one.override} too, for the same days and markets"
        )


def _unknown(
    source: YamlSource, key: str, names: Iterable[str], known: Collection[str] | None, what: str
) -> Iterator[Fault]:
    for number, name in enumerate(names):
        if known is not None and name not in known:
            yield source.place(key, number).fault(f"there is no {what} {name}{nearest(name, list(known))}")


def _circles(rules: dict[str, PlacedRule[Rule]]) -> Iterator[Fault]:
    """Explanations that come back to where they began, each circle once, told at its first rule."""
    seen: set[str] = set()
    for start in sorted(rules):
        circle = _way_back(start, rules)
        if circle and not seen & set(circle):
            seen.update(circle)
            way = " -> ".join([*circle, start])
            yield rules[start].source.place("explained_by").fault(f"explanations go round in a circle: {way}")


def _way_back(start: str, rules: dict[str, PlacedRule[Rule]]) -> list[str]:
    pending = [[start]]
    visited: set[str] = set()
    while pending:
        way = pending.pop()
        for following in rules[way[-1]].rule.explained_by:
            if following == start:
                return way
            if following in rules and following not in visited:
                visited.add(following)
                pending.append([*way, following])
    return []
