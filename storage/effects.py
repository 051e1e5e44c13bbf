"""The journal of effects: written before another system is touched, drained by one process at a time for each.

A process takes an effect under a lease with a fence, a number that grows each time. Whatever it writes later is
written only where the fence is still its own, so that a process that slept through its lease writes nothing.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, func, insert, select, text, update

from canonical_model.errors import UnsafeToContinue
from handoffs.effect_states import HOLDING_BACK, WAITING, EffectState, Move, Told, may_move
from handoffs.stages import Handoff
from storage.effect_steps import Step, append_step
from storage.rows import to_json
from storage.schema.effects import EFFECT


@dataclass(frozen=True, slots=True)
class PlannedEffect:
    """An effect before it is journaled.

    Attributes:
        fields: the command in our words, as JSON holds it.
        write: what is sent, in the system's words: JSON text.
    """

    idempotency_key: str
    market: str
    handoff: str
    command: str
    subject: str
    system: str
    fields: Mapping[str, Any]
    write: str


@dataclass(frozen=True, slots=True)
class Effect:
    """An effect as the journal knows it; attributes as the columns of ``storage.schema.effects``."""

    id: int
    idempotency_key: str
    request_id: str
    generation: int
    market: str
    handoff: Handoff
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
    due_at: datetime
    lease_until: datetime | None
    fence: int
    enqueued_at: datetime
    changed_at: datetime


_COLUMNS = [EFFECT.c[each.name] for each in fields(Effect)]


def journal(connection: Connection, planned: PlannedEffect, at: datetime) -> Effect:
    """Write an effect down; one that stands there under its key already is given back as it is.

    Raises:
        UnsafeToContinue: the key stands for another command.
    """
    _wait_for_turn(connection, planned.subject)
    known = connection.execute(_effects().where(EFFECT.c.idempotency_key == planned.idempotency_key)).one_or_none()
    if known is not None:
        return _same(_effect(known), planned)
    values = {each.name: getattr(planned, each.name) for each in fields(PlannedEffect)}
    statement = insert(EFFECT).values(
        **{**values, "fields": to_json(dict(planned.fields))},
        request_id=planned.idempotency_key,
        generation=1,
        state="queued",
        told="nothing",
        reason="",
        reference="",
        sends=0,
        looks=0,
        due_at=at,
        fence=0,
        enqueued_at=at,
        changed_at=at,
    )
    effect = _effect(connection.execute(statement.returning(*_COLUMNS)).one())
    append_step(connection, effect.id, Step(at, "enqueued", 0, "queued", actor="hub"))
    return effect


def claim(
    connection: Connection,
    owner: str,
    at: datetime,
    lease: timedelta,
    *,
    except_systems: Collection[str] = (),
    only: int | None = None,
    states: Collection[EffectState] = WAITING,
) -> Effect | None:
    """Take the next effect that is due under a lease; None where there is none.

    Effects about one subject come in the order in which they were journaled, a later one only when the one before
    is done or discarded. One whose process was lost while it was sending comes as ``unknown``.

    Args:
        connection: of a transaction of its own, committed before anything is sent.
        owner: this process, for the history.
        at: now.
        lease: how long it may be held.
        except_systems: whose effects are left alone.
        only: the id of the only effect that is wanted, whether it is due or not.
        states: those that are wanted.
    """
    candidate = _due(at, states, except_systems, only)
    row = connection.execute(candidate.limit(1).with_for_update(skip_locked=True, of=EFFECT)).one_or_none()
    if row is None:
        return None
    taken: dict[str, Any] = {"lease_owner": owner, "lease_until": at + lease, "fence": EFFECT.c.fence + 1}
    is_lost = row.state == "sending"
    if is_lost:
        taken |= {"state": "unknown", "told": "unknown", "changed_at": at}
    statement = update(EFFECT).values(taken).where(EFFECT.c.id == row.id).returning(*_COLUMNS)
    effect = _effect(connection.execute(statement).one())
    if is_lost:
        said = "the process that was sending it was lost"
        append_step(connection, effect.id, Step(at, "lapsed", effect.sends, "unknown", told="unknown", said=said))
    return effect


def mark_sending(connection: Connection, effect: Effect, owner: str, at: datetime, lease: timedelta) -> Effect:
    """Journal that an effect is about to be sent; commit before the wire is touched.

    Raises:
        UnsafeToContinue: another process holds it by now; what this one learned is not written.
    """
    values = {
        "state": "sending",
        "told": "unknown",
        "sends": EFFECT.c.sends + 1,
        "looks": 0,
        "lease_until": at + lease,
        "changed_at": at,
    }
    sending = _written(connection, effect, "sending", values)
    append_step(connection, effect.id, Step(at, "sending", sending.sends, "sending", actor=owner))
    return sending


def settle(
    connection: Connection, effect: Effect, move: Move, at: datetime, steps: Iterable[Step], *, looks: int
) -> Effect:
    """Write down what became of an effect, with the steps that led there, and give the lease back.

    Args:
        connection: of a transaction.
        effect: as it was claimed, or marked as being sent.
        move: what becomes of it.
        at: now.
        steps: what happened, oldest first; the last one that has a reference tells it.
        looks: since the last sending.

    Raises:
        UnsafeToContinue: another process holds it by now; what this one learned is not written.
    """
    told = list(steps)
    references = [step.reference for step in told if step.reference]
    values = {
        "state": move.state,
        "told": move.told,
        "reason": move.reason,
        "looks": looks,
        "due_at": at + move.wait,
        "lease_owner": None,
        "lease_until": None,
        "changed_at": at,
        **({"reference": references[-1]} if references else {}),
    }
    settled = _written(connection, effect, move.state, values)
    for step in told:
        append_step(connection, effect.id, step)
    return settled


def effect_with(connection: Connection, effect_id: int, *, locked: bool = False) -> Effect | None:
    """The effect of that id, if wanted locked until the end of the transaction."""
    query = _effects().where(EFFECT.c.id == effect_id)
    row = connection.execute(query.with_for_update() if locked else query).one_or_none()
    return None if row is None else _effect(row)


def effects(
    connection: Connection,
    states: Collection[EffectState] | None = None,
    subject: str | None = None,
    most: int = 1000,
) -> list[Effect]:
    """Effects in the order in which they were journaled, in the given states or all."""
    query = _effects().order_by(EFFECT.c.id).limit(most)
    if states is not None:
        query = query.where(EFFECT.c.state.in_(states))
    if subject is not None:
        query = query.where(EFFECT.c.subject == subject)
    return [_effect(row) for row in connection.execute(query)]


def counts_by_state(connection: Connection) -> dict[str, int]:
    """How many effects there are in each state that has any."""
    query = select(EFFECT.c.state, func.count().label("number")).group_by(EFFECT.c.state).order_by(EFFECT.c.state)
    return {row.state: row.number for row in connection.execute(query)}


def redirect(connection: Connection, effect: Effect, values: Mapping[str, Any]) -> Effect:
    """Change an effect by a person's decision; whoever holds it is overtaken."""
    statement = update(EFFECT).values(**values, fence=EFFECT.c.fence + 1, lease_owner=None, lease_until=None)
    return _effect(connection.execute(statement.where(EFFECT.c.id == effect.id).returning(*_COLUMNS)).one())


def _due(
    at: datetime, states: Collection[EffectState], except_systems: Collection[str], only: int | None
) -> Select[Any]:
    earlier = EFFECT.alias("earlier")
    held_back = (
        select(earlier.c.id)
        .where(
            earlier.c.subject == EFFECT.c.subject,
            earlier.c.id < EFFECT.c.id,
            earlier.c.state.in_(HOLDING_BACK),
        )
        .correlate(EFFECT)
        .exists()
    )
    return (
        select(EFFECT.c.id, EFFECT.c.state)
        .where(
            EFFECT.c.state.in_(states),
            EFFECT.c.due_at <= at if only is None else EFFECT.c.id == only,
            EFFECT.c.lease_until.is_(None) | (EFFECT.c.lease_until <= at),
            EFFECT.c.system.not_in(except_systems),
            ~held_back,
        )
        .order_by(EFFECT.c.due_at, EFFECT.c.id)
    )


def _written(connection: Connection, effect: Effect, state: EffectState, values: Mapping[str, Any]) -> Effect:
    """Write under the fence.

    Raises:
        UnsafeToContinue: another process holds it by now; what this one learned is not written.
    """
    if not may_move(effect.state, state):
        raise ValueError(f"an effect does not go from {effect.state} to {state}")
    statement = update(EFFECT).values(**values).where(EFFECT.c.id == effect.id, EFFECT.c.fence == effect.fence)
    row = connection.execute(statement.returning(*_COLUMNS)).one_or_none()
    if row is None:
        raise UnsafeToContinue(
            f"effect {effect.id}: another process has taken it over; it will find out what happened"
        )
    return _effect(row)


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


def _effects() -> Select[Any]:
    return select(*_COLUMNS)


def _effect(row: Row[Any]) -> Effect:
    values = dict(row._mapping)  # noqa: SLF001 - the public name of a row's columns
    return Effect(**{**values, "fields": json.loads(values["fields"])})
