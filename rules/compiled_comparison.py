"""The comparison of a hand-off with its expressions checked against the row that they compare."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from canonical_model.errors import Fault
from canonical_model.yaml_source import YamlSource, nearest
from rules.comparison_pack import ComparisonPack, FieldComparison
from rules.compiled import Places
from rules.expressions import Expression, check_expression, render
from rules.types import Schema, engine_value

_CONDITIONS = ("compared", "equal", "after_normalising", "legacy_wrong", "hub_wrong", "critical")


@dataclass(frozen=True, slots=True)
class CompiledField:
    """A field of a comparison that can be executed over a relation with the hand-off's columns.

    Attributes:
        name: of the field.
        field: what the file says.
        conditions: by the names of the file.
        money: of the difference; None where it is none of money.
    """

    name: str
    field: FieldComparison
    conditions: Mapping[str, Expression]
    money: Expression | None

    def class_sql(self) -> str:
        """SQL of the class of the field; NULL where it is not compared.

        Evidence that proves both sides wrong contradicts itself, and proves nothing.
        """
        sql = {name: f"TRY({render(condition)})" for name, condition in self.conditions.items()}
        return (
            f"CASE WHEN NOT coalesce({sql['compared']}, FALSE) THEN NULL"
            f" WHEN {sql['equal']} THEN 'match'"
            f" WHEN {sql['after_normalising']} THEN 'match_after_normalising'"
            f" WHEN coalesce({sql['legacy_wrong']}, FALSE) AND NOT coalesce({sql['hub_wrong']}, FALSE)"
            " THEN 'legacy_wrong'"
            f" WHEN coalesce({sql['hub_wrong']}, FALSE) AND NOT coalesce({sql['legacy_wrong']}, FALSE)"
            " THEN 'hub_wrong'"
            " ELSE 'unknown' END"
        )

    def critical_sql(self) -> str:
        """SQL of whether a difference would harm somebody; what cannot be told would."""
        return f"coalesce(TRY({render(self.conditions['critical'])}), TRUE)"

    def money_sql(self) -> str:
        """SQL of what a difference comes to, minor units; nothing where that cannot be told."""
        return "0" if self.money is None else f"coalesce(TRY({render(self.money)}), 0)"


@dataclass(frozen=True, slots=True)
class CompiledComparison:
    """The comparison of a hand-off, ready to be executed.

    Attributes:
        pack: what the file says.
        schema: columns of the row.
        fields: in the order of the file.
    """

    pack: ComparisonPack
    schema: Schema
    fields: tuple[CompiledField, ...]


def compile_comparison(
    pack: ComparisonPack, schema: Schema, faults: list[Fault], source: YamlSource | None = None
) -> CompiledComparison | None:
    """Check the expressions, the evidence and the examples of a comparison.

    Args:
        pack: what the file says.
        schema: columns of the hand-off's row.
        faults: what is wrong is added here.
        source: where it is written.

    Returns:
        None where something is wrong.
    """
    found: list[Fault] = []
    places = Places(pack.handoff, source)
    fields = [_compiled(name, field, schema, found, places) for name, field in pack.fields.items()]
    _check_examples(pack, schema, found, places)
    faults.extend(found)
    whole = tuple(each for each in fields if each is not None)
    return None if found else CompiledComparison(pack, schema, whole)


def _compiled(
    name: str, field: FieldComparison, schema: Schema, faults: list[Fault], places: Places
) -> CompiledField | None:
    conditions: dict[str, Expression] = {}
    for key in _CONDITIONS:
        text = getattr(field, key) or f"intent_{name} IS NOT DISTINCT FROM observed_{name}"
        place = places.of("fields", name, key) if getattr(field, key) else places.of("fields", name)
        condition = check_expression(text, schema, at=place, faults=faults, expect="boolean")
        conditions |= {} if condition is None else {key: condition}
    money = None
    if field.money is not None:
        at = places.of("fields", name, "money")
        money = check_expression(field.money, schema, at=at, faults=faults, expect="money")
        if money is not None and money.type.scale != _MINOR:
            faults.append(at.fault(f"yields {money.type.name}, and minor units are expected: money({_MINOR})"))
    for column in field.evidence:
        if column not in schema:
            at = places.of("fields", name, "evidence")
            faults.append(at.fault(f"there is no column {column}{nearest(column, list(schema))}"))
    return CompiledField(name, field, conditions, money) if len(conditions) == len(_CONDITIONS) else None


_MINOR = 2
"""Digits of money in a row: minor units, whatever the currency calls them."""


def _check_examples(pack: ComparisonPack, schema: Schema, faults: list[Fault], places: Places) -> None:
    _check_columns(pack.usual, schema, faults, places, ("usual",))
    for number, example in enumerate(pack.examples):
        _check_columns(example.given, schema, faults, places, ("examples", number, "given"))
        for name in example.fields:
            if name not in pack.fields:
                at = places.of("examples", number, "fields", name)
                faults.append(at.fault(f"there is no field {name}{nearest(name, list(pack.fields))}"))


def _check_columns(
    given: Mapping[str, Any], schema: Schema, faults: list[Fault], places: Places, steps: tuple[str | int, ...]
) -> None:
    for column, value in given.items():
        at = places.of(*steps, column)
        if column not in schema:
            faults.append(at.fault(f"there is no column {column}{nearest(column, list(schema))}"))
            continue
        try:
            engine_value(value, schema[column])
        except ValueError as error:
            faults.append(at.fault(str(error)))
