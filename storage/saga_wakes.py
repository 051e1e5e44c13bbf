"""When sagas are looked at: sooner than planned where what they wait for has come, or the clock went back."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, exists, func, null, or_, select, update

from handoffs.effect_states import WAITING
from storage.schema.columns import UtcInstant
from storage.schema.effects import EFFECT
from storage.schema.inbox import INBOX
from storage.schema.sagas import SAGA

_MOST_IDS = 500
"""Ids in one statement; SQLite takes 32,766 values."""
_SKEW = timedelta(minutes=1)
"""So far apart may the clocks of two machines be."""
_NOW = bindparam("now", type_=UtcInstant())
# built once: a statement costs more to put together than to run
_NEWEST_EVENT = select(func.max(INBOX.c.id)).where(INBOX.c.state == "received")
# one that is held by a process keeps the moment, too: it is due again when it is given back
_WOKEN = update(SAGA).values(due_at=_NOW).where(SAGA.c.state == "running", SAGA.c.due_at != _NOW)
_WOKEN_WITH_KEY = _WOKEN.where(SAGA.c.key == bindparam("saga_key"))
_OF_SAGA = (EFFECT.c.idempotency_key > bindparam("from")) & (EFFECT.c.idempotency_key < bindparam("to"))
_MOVES = exists().where(_OF_SAGA, or_(*(EFFECT.c.state == each for each in WAITING)))
_SAGA_OF_EFFECT = select(SAGA.c.id, _MOVES.label("moves")).where(SAGA.c.key == bindparam("saga_key"))
# one that a person was asked about as other systems took long goes on, once all of them show it
_RESUMED_RELEASE = (
    update(SAGA)
    .values(state="running", due_at=_NOW, tries=0, step_began_at=_NOW, person=None, proposal=None)
    .where(SAGA.c.key == bindparam("saga_key"), SAGA.c.state == "held", SAGA.c.step == "release")
    .where(~exists().where(_OF_SAGA, EFFECT.c.state != "done"))
)


@dataclass(frozen=True, slots=True)
class WaitingWork:
    """What there is to do.

    Attributes:
        saga_at: when the next saga is due, or the lease of a lost process ends; None where none waits.
        effect_at: likewise of effects.
        newest_event: id of the last event in the inbox that waits; 0 where none does.
    """

    saga_at: datetime | None
    effect_at: datetime | None
    newest_event: int


def waiting_work(
    connection: Connection,
    states: Collection[str],
    away: Collection[str] = (),
    *,
    sagas: bool = True,
    effects: bool = True,
) -> WaitingWork:
    """What there is to do, and from when on.

    Args:
        connection: of a transaction.
        states: of sagas that move by themselves.
        away: systems whose effects are left alone.
        sagas: whether anybody wants to know of sagas; without, none is due.
        effects: likewise of effects.
    """
    wanted = _waiting(tuple(states) if sagas else (), None if not effects else tuple(away))
    saga_at, effect_at, newest = connection.execute(wanted).one()
    return WaitingWork(saga_at, effect_at, newest or 0)


def newest_event(connection: Connection) -> int:
    """Id of the last event in the inbox that waits; 0 where none does."""
    return connection.execute(_NEWEST_EVENT).scalar_one() or 0


@lru_cache(maxsize=16)
def _waiting(states: tuple[str, ...], away: tuple[str, ...] | None) -> Select[Any]:
    """Built once for what is asked ten times a second: a statement costs more to put together than to run."""
    return select(_sagas_due(states), _effects_due(away), _NEWEST_EVENT.scalar_subquery())


def _sagas_due(states: tuple[str, ...]) -> ColumnElement[Any]:
    if not states:
        return null()
    due = select(func.min(func.coalesce(SAGA.c.lease_until, SAGA.c.due_at)))
    return due.where(or_(*(SAGA.c.state == each for each in states))).scalar_subquery()


def _effects_due(away: tuple[str, ...] | None) -> ColumnElement[Any]:
    if away is None:
        return null()
    due = select(func.min(func.coalesce(EFFECT.c.lease_until, EFFECT.c.due_at)))
    due = due.where(or_(*(EFFECT.c.state == each for each in WAITING)))
    return (due.where(EFFECT.c.system.not_in(away)) if away else due).scalar_subquery()


def is_held_by(connection: Connection, owner: str) -> bool:
    """Whether a process holds any saga or effect at this moment."""
    held = exists().where(SAGA.c.lease_owner == owner) | exists().where(EFFECT.c.lease_owner == owner)
    return bool(connection.execute(select(held)).scalar_one())


def wake_for_work_orders(connection: Connection, work_order_ids: Collection[str], at: datetime) -> int:
    """Let the sagas that wait for these jobs be looked at now; returns how many do.

    In the transaction that stores what is known of the jobs, so that who looks then sees it.
    """
    ids, woken = sorted(set(work_order_ids)), 0
    for start in range(0, len(ids), _MOST_IDS):
        woken += _woken(connection, SAGA.c.work_order_id.in_(ids[start : start + _MOST_IDS]), at)
    return woken


def wake_for_effect(connection: Connection, idempotency_key: str, at: datetime) -> int:
    """Let the saga that an effect belongs to be looked at now, where it was the last one that moved by itself.

    An effect of a saga has the key of the saga, a stroke and a name (``SO-123/activate/1/start_billing``).
    """
    saga_key = idempotency_key.rpartition("/")[0]
    # 0 is the character behind the stroke
    given = {"saga_key": saga_key, "from": f"{saga_key}/", "to": f"{saga_key}0"}
    row = connection.execute(_SAGA_OF_EFFECT, given).one_or_none()
    if row is None or row.moves:
        return 0
    # in this order: one that is being held meanwhile is waited for by the first, and seen as held by the second
    woken = connection.execute(_WOKEN_WITH_KEY, {"saga_key": saga_key, "now": at}).rowcount
    return woken or connection.execute(_RESUMED_RELEASE, {**given, "now": at}).rowcount


def wake_after_clock_went_back(connection: Connection, at: datetime) -> int:
    """Let sagas be looked at now that were given back at a moment that is yet to come; returns how many.

    What they wait for was reckoned by that clock, and would be as far away as the clock went back. A lease is never
    cut short: the process that holds it may live.
    """
    return _woken(connection, SAGA.c.lease_until.is_(None) & (SAGA.c.changed_at > at + _SKEW), at)


def _woken(connection: Connection, which: ColumnElement[bool], at: datetime) -> int:
    return connection.execute(_WOKEN.where(which), {"now": at}).rowcount
