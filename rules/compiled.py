"""Rules with their expressions checked against the views they stand on."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from canonical_model.errors import Fault
from canonical_model.yaml_source import Place, YamlSource, nearest
from canonical_model.yaml_validation import Readable
from rules.expressions import Dialect, Expression, check_expression, render
from rules.gate_rule import GateRule
from rules.rule import Rule
from rules.types import ColumnType, EngineValue, Schema, engine_value

_UNUSED = "is used neither in when nor in exposure"


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A rule that can be executed over its view.

    Attributes:
        rule: what the file says, overrides included.
        when: condition that finds a row.
        exposure: amount of money of a found row, at its own scale.
    """

    rule: Rule
    when: Expression
    exposure: Expression

    @property
    def columns(self) -> frozenset[str]:
        """Columns of the view that the rule reads."""
        return self.when.columns | self.exposure.columns

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is probably not meant, in both expressions."""
        return tuple(dict.fromkeys((*self.when.warnings, *self.exposure.warnings)))

    def when_sql(self, dialect: Dialect = "duckdb") -> str:
        """The condition as SQL, parameters filled in."""
        return render(self.when, dialect, values=self._values)

    def exposure_sql(self, dialect: Dialect = "duckdb") -> str:
        """The amount as SQL, an integer at the exposure's scale, parameters filled in."""
        return render(self.exposure, dialect, values=self._values)

    @property
    def _values(self) -> dict[str, EngineValue]:
        return {name: parameter.engine_value for name, parameter in self.rule.parameters.items()}


def compile_rules(
    rules: Iterable[Rule],
    views: Mapping[str, Schema],
    faults: list[Fault],
    *,
    sources: Mapping[str, YamlSource] | None = None,
    read: Mapping[str, Readable[Rule]] | None = None,
) -> list[CompiledRule]:
    """Check the expressions and examples of rules.

    Args:
        rules: those that hold (`Rulebook.effective`), or all of them.
        views: columns of each analysis view.
        faults: what is wrong is added here.
        sources: where each rule is written, by id (`Rulebook.sources`); faults of others name the rule only.
        read: what is doubtful in each rule, by id (`Rulebook.readable`); nothing is said of what builds on it.

    Returns:
        The rules without faults.
    """
    compiled = []
    for rule in rules:
        found: list[Fault] = []
        one = _compiled(rule, views, found, Places(rule.id, (sources or {}).get(rule.id)))
        doubts = (read or {}).get(rule.id)
        faults.extend(fault for fault in found if doubts is None or not _follows(fault, doubts))
        compiled += [one] if one is not None else []
    return compiled


def _follows(fault: Fault, read: Readable[Rule]) -> bool:
    """Whether a fault only follows from another that is told already."""
    if read.is_told(fault):
        return True
    expressions = {read.source.place(key).key: getattr(read.model, key) for key in ("when", "exposure")}
    if fault.key in expressions:
        words = set(re.findall(r"\w+", expressions[fault.key].lower()))
        return bool(words & {name.lower() for name in read.names_below("parameters")})
    # where an expression is unknown, nobody can say what is used in it
    return fault.problem == _UNUSED and (read.doubts("when") or read.doubts("exposure"))


@dataclass(frozen=True, slots=True)
class Places:
    """Where the keys of a rule stand; by the rule's name where nobody knows its file."""

    rule_id: str
    source: YamlSource | None

    def of(self, *steps: str | int) -> Place:
        """The place of a key."""
        if self.source is not None:
            return self.source.place(*steps)
        return Place(f"rule {self.rule_id}", 0, ".".join(str(step) for step in steps))


def _compiled(rule: Rule, views: Mapping[str, Schema], faults: list[Fault], places: Places) -> CompiledRule | None:
    schema = views.get(rule.over)
    if schema is None:
        faults.append(places.of("over").fault(f"there is no view {rule.over}{nearest(rule.over, list(views))}"))
        return None
    parameters: dict[str, ColumnType] = {name: parameter.type for name, parameter in rule.parameters.items()}
    when = check_expression(
        rule.when, schema, at=places.of("when"), faults=faults, parameters=parameters, expect="boolean"
    )
    exposure = check_expression(
        rule.exposure, schema, at=places.of("exposure"), faults=faults, parameters=parameters, expect="money"
    )
    if when is not None and exposure is not None:
        faults.extend(doubtful_parameters(rule, schema, when.parameters | exposure.parameters, places))
    faults.extend(wrong_examples(rule, schema, places))
    return CompiledRule(rule, when, exposure) if when and exposure and not faults else None


def doubtful_parameters(
    rule: Rule | GateRule, schema: Schema, used: frozenset[str], places: Places, unused: str = _UNUSED
) -> Iterator[Fault]:
    """Parameters that hide a column, or that no expression of the rule uses."""
    for name in rule.parameters:
        place = places.of("parameters", name)
        if name in schema:
            yield place.fault(f"{rule.over} has a column {name}; name it otherwise")
        elif name not in used:
            yield place.fault(unused)


def wrong_examples(rule: Rule | GateRule, schema: Schema, places: Places) -> Iterator[Fault]:
    """Examples that give columns which the view has not, or values of another type."""
    given: list[Mapping[str, Any]] = [example.given for example in rule.examples]
    for number, columns in enumerate(given):
        for name, value in columns.items():
            place = places.of("examples", number, "given", name)
            if name not in schema:
                yield place.fault(f"{rule.over} has no column {name}{nearest(name, schema)}")
                continue
            try:
                engine_value(value, schema[name])
            except ValueError as error:
                yield place.fault(str(error))
