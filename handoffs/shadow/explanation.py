"""A person's word that a difference is known and meant: with an owner, an end, and about no more than it says."""

from dataclasses import dataclass
from datetime import datetime

from canonical_model.errors import Fault
from canonical_model.yaml_source import Place
from handoffs.shadow.rows import schema_of
from handoffs.stages import Handoff
from rules.expressions import Expression, check_expression, render
from rules.types import Kind


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a field of a hand-off may differ in a market for a while.

    Attributes:
        number: of the store; 0 before it is kept.
        condition: over the row, in the rule language; it explains only rows of which it is true.
        owner: who answers for it.
        expires_at: from then on it explains nothing.
        by, at: who said so, and when.
    """

    market: str
    handoff: Handoff
    field: str
    owner: str
    reason: str
    expires_at: datetime
    by: str
    at: datetime
    condition: str = "TRUE"
    number: int = 0

    def counts(self, now: datetime) -> bool:
        """Whether it explains anything now."""
        return self.at <= now < self.expires_at


def problems_of(explanation: Explanation, fields: frozenset[str]) -> list[str]:
    """What keeps an explanation from being taken, a sentence each.

    Args:
        explanation: that is given.
        fields: of the hand-off's comparison.
    """
    problems = []
    if not explanation.owner.strip():
        problems.append("an explanation needs an owner")
    if not explanation.reason.strip():
        problems.append("an explanation needs a reason")
    if explanation.expires_at <= explanation.at:
        problems.append("an explanation needs an end that lies in the future")
    if explanation.field not in fields:
        known = ", ".join(sorted(fields))
        problems.append(f"{explanation.handoff} compares no field {explanation.field}: it compares {known}")
    faults: list[Fault] = []
    condition_of(explanation, faults)
    return problems + [fault.problem for fault in faults]


def condition_of(explanation: Explanation, faults: list[Fault]) -> Expression | None:
    """The condition, checked against the columns of the hand-off's row."""
    place = Place(f"explanation of {explanation.field}", 0, "condition")
    schema = schema_of(explanation.handoff)
    return check_expression(explanation.condition, schema, at=place, faults=faults, expect="boolean")


def condition_sql(explanation: Explanation) -> str:
    """SQL of the condition; an explanation that cannot be read any more explains nothing."""
    condition = condition_of(explanation, [])
    return "FALSE" if condition is None else f"coalesce(TRY({render(condition)}), FALSE)"


def of_values(handoff: Handoff, field: str, intent: str | None, observed: str | None) -> str:
    """A condition that is true of one pair of values, as differences show them.

    Args:
        handoff: whose field it is.
        field: that differs.
        intent: what the hub said; None where it said nothing.
        observed: what legacy did, likewise.
    """
    return f"{_is(handoff, f'intent_{field}', intent)} AND {_is(handoff, f'observed_{field}', observed)}"


_LITERALS: dict[Kind, str] = {
    "text": "{column} = '{value}'",
    "integer": "CAST({column} AS TEXT) = '{value}'",
    "boolean": "CAST('{value}' AS BOOLEAN) = {column}",
    "date": "CAST({column} AS TEXT) = '{value}'",
    "timestamp": "{column} = PARSE_TIMESTAMP('{value}')",
    "money": "{column} = MONEY('{value}', 2)",
}


def _is(handoff: Handoff, column: str, value: str | None) -> str:
    kind = schema_of(handoff).get(column)
    if value is None or kind is None:
        return f"{column} IS NULL"
    return _LITERALS[kind.kind].format(column=column, value=value.replace("'", "''"))
