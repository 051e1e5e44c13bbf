"""Gates with their expressions checked against the row they judge."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from canonical_model.errors import Fault
from canonical_model.yaml_source import YamlSource, nearest
from rules.compiled import Places, doubtful_parameters, wrong_examples
from rules.expressions import Expression, check_expression, render
from rules.gate_book import GateBook
from rules.gate_rule import GateRule
from rules.types import ColumnType, Schema

_UNUSED = "is used neither in when nor in say nor in values"


@dataclass(frozen=True, slots=True)
class CompiledGate:
    """A gate that can be executed over its row.

    Attributes:
        gate: what the file says, overrides included.
        when: condition under which it closes.
        values: expression of each name in braces of its sentence.
    """

    gate: GateRule
    when: Expression
    values: Mapping[str, Expression]

    def having(self, gate: GateRule) -> "CompiledGate":
        """The same expressions with what an override has changed: values, never types."""
        return replace(self, gate=gate)

    def sql(self) -> list[str]:
        """SQL of the condition and of each value; an expression that fails on a row is missing there."""
        given = {name: parameter.engine_value for name, parameter in self.gate.parameters.items()}
        shown = [(each.type.kind, render(each, values=given)) for each in self.values.values()]
        found = [f"EPOCH_US({sql})" if kind == "timestamp" else sql for kind, sql in shown]
        return [f"TRY({sql})" for sql in (render(self.when, values=given), *found)]


@dataclass(frozen=True, slots=True)
class CompiledGates:
    """Every gate of an operator, ready to be executed.

    Attributes:
        book: what the files say.
        compiled: by id.
    """

    book: GateBook = field(default_factory=GateBook)
    compiled: Mapping[str, CompiledGate] = field(default_factory=dict, repr=False)

    def effective(self, market: str, day: date, crew: str | None = None) -> tuple[CompiledGate, ...]:
        """The gates that hold for a crew in a market on a day, by id, overrides applied."""
        return tuple(self.compiled[gate.id].having(gate) for gate in self.book.effective(market, day, crew))


def compile_gates(
    gates: Iterable[GateRule],
    views: Mapping[str, Schema],
    faults: list[Fault],
    *,
    sources: Mapping[str, YamlSource] | None = None,
) -> dict[str, CompiledGate]:
    """Check the expressions, sentences and examples of gates.

    Args:
        gates: all of them, without overrides.
        views: columns of each row that can be judged.
        faults: what is wrong is added here.
        sources: where each gate is written, by id.

    Returns:
        The gates without faults, by id.
    """
    compiled = {}
    for gate in gates:
        found: list[Fault] = []
        one = _compiled(gate, views, found, Places(gate.id, (sources or {}).get(gate.id)))
        faults.extend(found)
        if one is not None and not found:
            compiled[gate.id] = one
    return compiled


def _compiled(
    gate: GateRule, views: Mapping[str, Schema], faults: list[Fault], places: Places
) -> CompiledGate | None:
    schema = views.get(gate.over)
    if schema is None:
        faults.append(places.of("over").fault(f"there is no view {gate.over}{nearest(gate.over, list(views))}"))
        return None
    types: dict[str, ColumnType] = {name: parameter.type for name, parameter in gate.parameters.items()}
    when = check_expression(
        gate.when, schema, at=places.of("when"), faults=faults, parameters=types, expect="boolean"
    )
    values: dict[str, Expression] = {}
    for name in gate.named:
        text, place = gate.values.get(name), places.of("values", name)
        if text is None and name not in types and name not in schema:
            known = nearest(name, [*gate.values, *types, *schema])
            faults.append(places.of("say").fault(f"{{{name}}} is no column, parameter or value{known}"))
            continue
        place = places.of("say") if text is None else place
        value = check_expression(text or name, schema, at=place, faults=faults, parameters=types)
        values |= {} if value is None else {name: value}
    for name in gate.values:
        if name in schema or name in types:
            faults.append(places.of("values", name).fault("a column or a parameter has this name; name it otherwise"))
        elif name not in gate.named:
            faults.append(places.of("values", name).fault("does not stand in say"))
    if when is not None and len(values) == len(gate.named):
        used = when.parameters.union(*(value.parameters for value in values.values()))
        faults.extend(doubtful_parameters(gate, schema, used, places, _UNUSED))
    faults.extend(wrong_examples(gate, schema, places))
    for number, example in enumerate(gate.examples):
        try:
            gate.with_parameters(example.parameters)
        except ValueError as error:
            faults.append(places.of("examples", number, "parameters").fault(str(error)))
    return None if when is None else CompiledGate(gate, when, values)
