"""What must be right between rules: ids, references, markets, overrides that contradict each other."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from canonical_model.errors import Fault
from canonical_model.yaml_source import YamlSource, nearest
from canonical_model.yaml_validation import Readable
from rules.rule import Effective, Override, Rule


@dataclass(frozen=True, slots=True)
class PlacedRule:
    """A rule and where it is written."""

    read: Readable[Rule]

    @property
    def rule(self) -> Rule:
        """The rule; what is wrong in it is left out or stood in for."""
        return self.read.model

    @property
    def source(self) -> YamlSource:
        """Where it is written."""
        return self.read.source


@dataclass(frozen=True, slots=True)
class PlacedOverride:
    """An override and where it is written."""

    read: Readable[Override]

    @property
    def override(self) -> Override:
        """The override; what is wrong in it is left out."""
        return self.read.model

    @property
    def source(self) -> YamlSource:
        """Where it is written."""
        return self.read.source


def check_rules(
    rules: Sequence[PlacedRule], markets: Collection[str] | None, roles: Collection[str] | None
) -> Iterator[Fault]:
    """Doubled ids, and names of rules, markets and roles that do not exist."""
    ids = {one.rule.id for one in rules}
    first: dict[str, PlacedRule] = {}
    for one in rules:
        earlier = first.setdefault(one.rule.id, one)
        if earlier is not one:
            place = earlier.source.place("id")
            yield one.source.place("id").fault(f"{one.rule.id} is defined already in {place.file}:{place.line}")
        yield from _unknown(one.source, "explained_by", one.rule.explained_by, ids, "rule")
        yield from _unknown(one.source, "markets", one.rule.markets, markets, "market")
        for role in one.rule.needs:
            if roles is not None and role not in roles:
                yield one.source.place("needs", role).fault(f"there is no role {role}{nearest(role, list(roles))}")
    yield from _circles(first)


def check_overrides(
    overrides: Sequence[PlacedOverride], rules: Sequence[PlacedRule], markets: Collection[str] | None
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


def _wrong_parameters(one: PlacedOverride, rule: Rule) -> Iterator[Fault]:
    for name, value in one.override.parameters.items():
        place = one.source.place("parameters", name)
        if name not in rule.parameters:
            yield place.fault(f"{rule.id} has no parameter {name}{nearest(name, list(rule.parameters))}")
            continue
        try:
            rule.parameters[name].having(value)
        except ValueError as error:
            yield place.fault(str(error))


def _contradictions(earlier: PlacedOverride, later: PlacedOverride) -> Iterator[Fault]:
    one, other = earlier.override, later.override
    if one.override != other.override or bool(one.markets) != bool(other.markets) or not _meet(one, other):
        return
    both = _settings(one) & _settings(other)
    for setting in sorted(both):
        place = earlier.source.place()
        yield later.source.place(*setting).fault(
            f"{place.file}:{place.line} sets it for {one.override} too, for the same days and markets"
        )


def _settings(override: Override) -> set[tuple[str, ...]]:
    flags = {(name,) for name in ("off", "severity", "bound") if name in override.model_fields_set}
    return flags | {("parameters", name) for name in override.parameters}


def _meet(one: Effective, other: Effective) -> bool:
    """Whether there is a day and a market in which both hold."""
    starts = max(one.valid_from or date.min, other.valid_from or date.min)
    ends = min(one.valid_to or date.max, other.valid_to or date.max)
    return starts < ends and (not one.markets or bool(set(one.markets) & set(other.markets)))


def _unknown(
    source: YamlSource, key: str, names: Iterable[str], known: Collection[str] | None, what: str
) -> Iterator[Fault]:
    for number, name in enumerate(names):
        if known is not None and name not in known:
            yield source.place(key, number).fault(f"there is no {what} {name}{nearest(name, list(known))}")


def _circles(rules: dict[str, PlacedRule]) -> Iterator[Fault]:
    """Explanations that come back to where they began, each circle once, told at its first rule."""
    seen: set[str] = set()
    for start in sorted(rules):
        circle = _way_back(start, rules)
        if circle and not seen & set(circle):
            seen.update(circle)
            way = " -> ".join([*circle, start])
            yield rules[start].source.place("explained_by").fault(f"explanations go round in a circle: {way}")


def _way_back(start: str, rules: dict[str, PlacedRule]) -> list[str]:
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
