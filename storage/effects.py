"""The journal of effects on other systems: written before any of them is touched, read by whoever wants to know."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, text, update

from canonical_model.errors import UnsafeToContinue
from handoffs.effect_states import EffectState, Told
from handoffs.stages import HANDOFFS, Authority, Mandate
from storage.effect_steps import Step, append_steps
from storage.rows import to_json
from storage.schema.effects import EFFECT
from storage.takeover import await_moves
from storage.work_paths import begin_with_hub


@dataclass(frozen=True, slots=True)
class PlannedEffect:
    """An effect before it is journaled.

    Attributes:
        fields: the command in our words, as JSON holds it.
        write: what is sent, in the system's words: JSON text.
        work: whose path it is on.
        authority: by which the hub may act.
    """

    idempotency_key: str
    market: str
    handoff: Mandate
    command: str
    subject: str
    system: str
    fields: Mapping[str, Any]
    write: str
    work: str
    authority: Authority


@dataclass(frozen=True, slots=True)
class Effect:
    """An effect as the journal knows it; attributes as the columns of ``storage.schema.effects``."""

    id: int
    idempotency_key: str
    request_id: str
    generation: int
    market: str
    handoff: Mandate
    command: str
    subject: str
    system: str
    fields: dict[str, Any]
    write: str
    state: EffectState
    told: Told
    reason: str
    reference: str
    sends: int
    looks: int
    shown_before: str | None
    due_at: datetime
    lease_until: datetime | None
    fence: int
    enqueued_at: datetime
    changed_at: datetime
    work: str | None = None

    @property
    def acts_on(self) -> str:
        """The work whose path it is on."""
        return self.work or self.subject


_NAMES = [each.name for each in fields(Effect)]
EFFECT_COLUMNS = [EFFECT.c[name] for name in _NAMES]


# built once: a statement costs more to put together than to run
_EFFECTS = select(*EFFECT_COLUMNS)
_WITH_KEY = _EFFECTS.where(EFFECT.c.idempotency_key == bindparam("key"))
_WITH_KEYS = _EFFECTS.where(EFFECT.c.idempotency_key.in_(bindparam("keys", expanding=True)))
_JOURNALED = insert(EFFECT).returning(*EFFECT_COLUMNS, sort_by_parameter_order=True)


def journal(connection: Connection, planned: PlannedEffect, at: datetime) -> Effect:
    """Write an effect down; one that stands there under its key already is given back as it is.

    Raises:
        UnsafeToContinue: the key stands for another command, somebody else has begun the work, or the hand-off was
            moved since it was planned.
    """
    (effect,) = journal_all(connection, [planned], at)
    return effect


def journal_all(connection: Connection, planned: Sequence[PlannedEffect], at: datetime) -> list[Effect]:
    """Write effects down in their order; those that stand there under their keys already are given back as they are.

    Raises:
        UnsafeToContinue: as ``journal``.
        ValueError: two of them have one key.
    """
    for subject in sorted({each.subject for each in planned}):
        _wait_for_turn(connection, subject)
    for handoff in HANDOFFS:  # always in this order, as who moves several hand-offs waits for them
        begins = (each for each in planned if each.handoff == handoff and not each.authority.is_begun)
        for market in sorted({each.market for each in begins}):
            await_moves(connection, market, handoff, shared=True)
    there = effects_with_keys(connection, [each.idempotency_key for each in planned])
    begun: set[tuple[str, str, str]] = set()
    news: dict[str, PlannedEffect] = {}
    for each in planned:
        if each.idempotency_key in there:
            _same(there[each.idempotency_key], each)
            continue
        if each.idempotency_key in news:
            raise ValueError(f"{each.idempotency_key} stands twice among what is journaled at once")
        if (each.market, each.handoff, each.work) not in begun:
            begin_with_hub(connection, each.market, each.handoff, each.work, each.authority, at)
            begun.add((each.market, each.handoff, each.work))
        news[each.idempotency_key] = each
    rows = [_row_of(each, at) for each in news.values()]
    journaled = [effect_of(row) for row in connection.execute(_JOURNALED, rows)] if rows else []
    there |= {each.idempotency_key: each for each in journaled}
    append_steps(connection, [(each.id, Step(at, "enqueued", 0, "queued", actor="hub")) for each in journaled])
    return [there[each.idempotency_key] for each in planned]


def _row_of(planned: PlannedEffect, at: datetime) -> dict[str, Any]:
    values = {each.name: getattr(planned, each.name) for each in fields(PlannedEffect) if each.name != "authority"}
    return {
        **values,
        "fields": to_json(dict(planned.fields)),
        "request_id": planned.idempotency_key,
        "generation": 1,
        "state": "queued",
        "told": "nothing",
        "reason": "",
        "reference": "",
        "sends": 0,
        "looks": 0,
        "due_at": at,
        "fence": 0,
        "enqueued_at": at,
        "changed_at": at,
    }


def effect_with(connection: Connection, effect_id: int, *, locked: bool = False) -> Effect | None:
    """The effect of that id, if wanted locked until the end of the transaction."""
    query = _EFFECTS.where(EFFECT.c.id == effect_id)
    row = connection.execute(query.with_for_update() if locked else query).one_or_none()
    return None if row is None else effect_of(row)


def effect_with_key(connection: Connection, idempotency_key: str) -> Effect | None:
    """The effect that stands in the journal under a key."""
    row = connection.execute(_WITH_KEY, {"key": idempotency_key}).one_or_none()
    return None if row is None else effect_of(row)


def effects_with_keys(connection: Connection, keys: Collection[str]) -> dict[str, Effect]:
    """The effects that stand in the journal under these keys, by key."""
    found = (effect_of(row) for row in connection.execute(_WITH_KEYS, {"keys": list(keys)}))
    return {each.idempotency_key: each for each in found}


def effects(
    connection: Connection,
    states: Collection[EffectState] | None = None,
    subject: str | None = None,
    most: int = 1000,
) -> list[Effect]:
    """Effects in the order in which they were journaled, in the given states or all."""
    query = _EFFECTS.order_by(EFFECT.c.id).limit(most)
    if states is not None:
        query = query.where(EFFECT.c.state.in_(states))
    if subject is not None:
        query = query.where(EFFECT.c.subject == subject)
    return [effect_of(row) for row in connection.execute(query)]


def effects_about(connection: Connection, market: str, subjects: Collection[str]) -> list[Effect]:
    """Every effect about some subjects of a market, in the order in which they were journaled."""
    query = _EFFECTS.where(EFFECT.c.market == market, EFFECT.c.subject.in_(subjects)).order_by(EFFECT.c.id)
    return [effect_of(row) for row in connection.execute(query)]


def counts_by_state(connection: Connection) -> dict[str, int]:
    """How many effects there are in each state that has any."""
    query = select(EFFECT.c.state, func.count().label("number")).group_by(EFFECT.c.state).order_by(EFFECT.c.state)
    return {row.state: row.number for row in connection.execute(query)}


def redirect(connection: Connection, effect: Effect, values: Mapping[str, Any]) -> Effect:
    """Change an effect by a person's decision; whoever holds it is overtaken."""
    statement = update(EFFECT).values(**values, fence=EFFECT.c.fence + 1, lease_owner=None, lease_until=None)
    return effect_of(connection.execute(statement.where(EFFECT.c.id == effect.id).returning(*EFFECT_COLUMNS)).one())


def _wait_for_turn(connection: Connection, subject: str) -> None:
    """Journal effects about one subject one after the other, so that their ids grow in the order of their commits."""
    if connection.dialect.name == "postgresql":
        lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:subject, 5))")
        connection.execute(lock, {"subject": subject})


def _same(known: Effect, planned: PlannedEffect) -> Effect:
    wanted = (planned.command, planned.market, planned.handoff, planned.subject, planned.system)
    held = (known.command, known.market, known.handoff, known.subject, known.system)
    if wanted != held or dict(planned.fields) != known.fields:
        raise UnsafeToContinue(
            f"idempotency key {planned.idempotency_key} stands for another command already (effect {known.id}); "
            "a different wish needs a key of its own"
        )
    return known


def effect_of(row: Row[Any]) -> Effect:
    """The effect of a row with the columns of ``EFFECT_COLUMNS``."""
    values = dict(zip(_NAMES, row, strict=True))
    return Effect(**{**values, "fields": json.loads(values["fields"])})
