"""Why a raw record was rejected, in sentences for an integration engineer.

A reason names the field of the source and what kind of value stands there. It never quotes a value, because the raw
record lies beside it in quarantine; words that a value map does not know are the exception, since they are what has
to be added to the map.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from canonical_model.yaml_source import nearest
from connectors.mapping.conversion import MISSING, UNREADABLE, why_unreadable
from connectors.mapping.mapped import Rejection
from connectors.mapping.plan import BUILT_IN, POSITION, FieldPlan, RecordPlan
from connectors.mapping.raw_values import described, value_at
from connectors.mapping.record_sql import UNLISTED
from rules.types import Schema

MOST_TOLD = 5
LONGEST_WORD = 60


@dataclass(slots=True)
class Findings:
    """What is wrong with the records of a page, by row."""

    by_row: dict[int, list[tuple[str, str]]] = field(default_factory=dict)

    def add(self, row: int, name: str, problem: str) -> None:
        """Something is wrong with a field of a record; only the first problem of a field is kept."""
        found = self.by_row.setdefault(row, [])
        if all(name != known for known, _ in found):
            found.append((name, problem))

    def rejection(self, row: int) -> Rejection | None:
        """The rejection of a record, where something is wrong with it."""
        found = self.by_row.get(row)
        if not found:
            return None
        told = [f"{name} {problem}" for name, problem in found[:MOST_TOLD]]
        told += [f"and {len(found) - MOST_TOLD} more"] if len(found) > MOST_TOLD else []
        return Rejection("; ".join(told), found[0][0])


def reading_problems(
    record: Any, fields: Schema, codes: list[str | None], prefix: str = ""
) -> Iterator[tuple[str, str]]:
    """What is wrong with values of the source, field by field.

    Args:
        record: the raw record, or an element of its nested list.
        fields: the declared fields.
        codes: one entry a field: None, or what the conversion says.
        prefix: what stands before the name of the field, ``visits[2].`` for instance.
    """
    for (name, kind), code in zip(fields.items(), codes, strict=True):
        if code == MISSING:
            yield f"{prefix}{name}", "is missing"
        elif code == UNREADABLE:
            yield f"{prefix}{name}", why_unreadable(value_at(record, name), kind)


def mapping_problems(
    plan: RecordPlan, codes: list[str | None], record: Any, element: Any
) -> Iterator[tuple[str, str]]:
    """What is wrong with fields of a canonical record that could not be computed."""
    for planned, code in zip(plan.fields, codes, strict=False):
        if code is not None:
            source = _sources(plan, planned, record, element)
            yield _target(plan, planned.name), _mapping_problem(planned, code, source)
    if len(codes) > len(plan.fields) and codes[-1] is not None and plan.where is not None:
        yield f"{plan.entity.__name__}: where", f"{plan.where.text} cannot be computed"


def validation_problems(
    plan: RecordPlan, error: ValidationError, record: Any, element: Any
) -> Iterator[tuple[str, str]]:
    """What the canonical model has against a record."""
    planned = {field.name: field for field in plan.fields}
    for detail in error.errors(include_url=False):
        name = str(detail["loc"][0]) if detail["loc"] else ""
        value = detail["input"]
        problem = detail["msg"].removeprefix("Value error, ")
        source = _sources(plan, planned[name], record, element) if name in planned else ""
        if name and isinstance(value, str):
            problem = problem.replace(repr(value), described(value))
        yield _target(plan, name), f"is refused: {problem}{source}"


def _target(plan: RecordPlan, name: str) -> str:
    """A canonical field; one that is the same for all records of a mapping stands without its entity."""
    if name == "market":
        return name
    return f"{plan.entity.__name__}.{name}" if name else plan.entity.__name__


def _mapping_problem(planned: FieldPlan, code: str, source: str) -> str:
    if code == MISSING:
        return f"is missing{source}"
    if code == UNREADABLE:
        return f"cannot be computed by {planned.expression.text}{source}"
    kind, _, word = code.partition(" ")
    if f"{kind} " != UNLISTED:
        return f"is an amount with {planned.type.scale} decimals, which {word} does not have{source}"
    shown = repr(word) if len(word) <= LONGEST_WORD and word.isprintable() else described(word)
    known: list[str] = list(planned.value_map.values if planned.value_map is not None else planned.words)
    where = "the values of the map" if planned.value_map is not None else "the words allowed"
    near = nearest(word[:LONGEST_WORD], known)
    return f"({planned.expression.text}) is {shown}, which is not among {where}{near}"


def _sources(plan: RecordPlan, planned: FieldPlan, record: Any, element: Any) -> str:
    """Which fields of the source a value was made of, and what stands in them."""
    told = []
    for column in sorted(planned.expression.columns - BUILT_IN.keys() - {POSITION}):
        own = plan.own_columns.get(column)
        value = value_at(record, own) if own is not None else value_at(element, column)
        told.append(f"{column} is {described(value)}")
    return f" ({', '.join(told)})" if told else ""
