"""A command becomes a write: every expression of its file is computed once, and the outcome is frozen."""

import json
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import duckdb
from pydantic import TypeAdapter

from canonical_model.errors import ConfigurationError
from connectors.commands.plan import CommandFile, LookPlan, ValuePlan
from connectors.mapping.session import open_session
from connectors.ports import Expected, Look, Part, Write
from handoffs.commands import BUILT_IN, COMMANDS, Command
from rules.expressions import render_attempt
from rules.row_statement import RowStatement
from rules.types import ColumnType, EngineValue, engine_value, major_units

Computed = Mapping[int, Any]
"""JSON value by the identity of its plan."""

_OPENED = threading.local()
_MOST_KEPT = 200


def plan_write(file: CommandFile, command: Command, request_id: str) -> Write:
    """Compute a write.

    Args:
        file: how the system takes the command.
        command: without problems (`handoffs.commands.problems_of`).
        request_id: what the system will know it by.

    Raises:
        ConfigurationError: an expression fails on the command's values, a word is not listed, a key is missing.
    """
    computed = dict(zip(map(id, file.values), _computed(file, command, request_id), strict=True))
    return Write(
        command=command.name,
        request_id=request_id,
        repeats=file.repeats,
        parts=tuple(
            Part(part.target, _texts(part.key, computed), _given(part.fields, computed), part.options)
            for part in file.parts
        ),
        looks=tuple(_look(look, computed) for look in file.looks),
        unsure=file.unsure,
    )


def frozen(write: Write) -> str:
    """A write as the journal keeps it."""
    return json.dumps(_adapter().dump_python(write, mode="json"), sort_keys=True, separators=(",", ":"))


def thawed(text: str) -> Write:
    """The write that ``frozen`` gave."""
    return _adapter().validate_json(text)


@cache
def _adapter() -> TypeAdapter[Write]:
    return TypeAdapter(Write)


def _look(look: LookPlan, computed: Computed) -> Look:
    expected = _given(look.expect, computed)
    if not expected:
        raise ConfigurationError(str(look.expect[0].at.fault("says nothing, so that any record would look done")))
    types = {plan.name: _type_of(plan).name for plan in look.expect}
    return Look(
        look.target,
        _texts(look.key, computed),
        _needed(look.fields, computed),
        tuple(Expected(name, types[name], value) for name, value in expected.items()),
        look.options,
        look.progress_field,
        look.progress,
        look.reference_field,
        look.system,
        look.stream,
        look.needs_news,
    )


def _type_of(plan: ValuePlan) -> ColumnType:
    return plan.expression.type if plan.words is None else ColumnType("text")


def _given(plans: Sequence[ValuePlan], computed: Computed) -> dict[str, Any]:
    """The values that are not missing; a field that a command says nothing about is left alone."""
    return {plan.name: computed[id(plan)] for plan in plans if computed[id(plan)] is not None}


def _texts(plans: Sequence[ValuePlan], computed: Computed) -> dict[str, str]:
    return {name: str(value) for name, value in _needed(plans, computed).items()}


def _needed(plans: Sequence[ValuePlan], computed: Computed) -> dict[str, Any]:
    """Values of which none may be missing: without one another record would be meant, or all of them."""
    for plan in plans:
        if computed[id(plan)] is None or computed[id(plan)] == "":
            raise ConfigurationError(str(plan.at.fault("is missing; without it another record would be meant")))
    return {plan.name: computed[id(plan)] for plan in plans}


def _computed(file: CommandFile, command: Command, request_id: str) -> list[Any]:
    schema = {**COMMANDS[command.name], **BUILT_IN}
    values = command.columns(request_id)
    given = [engine_value(values[name], kind.or_missing()) for name, kind in schema.items()]
    try:
        row = _asked(file, schema, given)
    except duckdb.Error as error:
        raise ConfigurationError(f"{file.file}: cannot be computed: {type(error).__name__}") from error
    return [_value(plan, attempt) for plan, attempt in zip(file.values, row, strict=True)]


def _asked(file: CommandFile, schema: Mapping[str, ColumnType], given: Sequence[EngineValue]) -> Sequence[Any]:
    """What the expressions of a file yield; its statement is planned once in a thread."""
    if not hasattr(_OPENED, "session"):
        # opening one takes longer than all that is computed in it
        _OPENED.session, _OPENED.statements = open_session(), OrderedDict()
    kept: OrderedDict[int, tuple[CommandFile, RowStatement]] = _OPENED.statements
    if id(file) not in kept:
        attempts = ", ".join(render_attempt(plan.expression) for plan in file.values)
        kept[id(file)] = file, RowStatement(_OPENED.session, attempts, schema)  # with the file: no other gets its id
        if len(kept) > _MOST_KEPT:
            kept.popitem(last=False)[1][1].close()
    return kept[id(file)][1].ask(given)


def _value(plan: ValuePlan, attempt: Mapping[str, Any] | None) -> Any:
    if attempt is None:
        raise ConfigurationError(str(plan.at.fault("fails on what the command holds")))
    value = _plain(attempt["value"], plan.expression.type)
    if plan.words is None:
        return value
    word = str(value).lower() if isinstance(value, bool) else str(value)
    if value is not None and word in plan.words:
        return plan.words[word]
    if not plan.is_open and value is not None:
        raise ConfigurationError(str(plan.at.fault("yields a word that is not listed under values")))
    return plan.otherwise


def _plain(value: Any, kind: ColumnType) -> Any:
    """A value of the engine as JSON holds it: money as decimal text, moments in UTC."""
    if value is None:
        return None
    if kind.kind == "money":
        return f"{major_units(value, kind.scale):f}"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else value
