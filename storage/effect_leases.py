"""Whose turn an effect is: taken under a lease with a fence, journaled before it is sent, settled under the fence.

A fence is a number that grows with each lease. Whatever a process writes later is written only where the fence is
still its own, so that a process that slept through its lease writes nothing.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, select

from handoffs.effect_states import HOLDING_BACK, WAITING, EffectState, Move, may_move
from storage.effect_steps import Step, append_step, append_steps
from storage.effects import EFFECT_COLUMNS, Effect, effect_of
from storage.fences import written_under_fence
from storage.schema.columns import UtcInstant, is_one_of
from storage.schema.effects import EFFECT


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
        connection: of a transaction that is committed before anything is sent.
        owner: this process, for the history.
        at: now.
        lease: how long it may be held.
        except_systems: whose effects are left alone.
        only: the id of the only effect that is wanted, whether it is due or not.
        states: those that are wanted.
    """
    wanted = due_effect(tuple(states), has_one=only is not None, leaves_systems=bool(except_systems))
    given = {"at": at, "systems": list(except_systems), "only": only}
    row = connection.execute(wanted, given).one_or_none()
    if row is None:
        return None
    is_lost = row.state == "sending"
    taken: dict[str, Any] = {"lease_owner": owner, "lease_until": at + lease, "fence": row.fence + 1}
    if is_lost:
        taken |= {"state": "unknown", "told": "unknown", "changed_at": at}
    effect = effect_of(written_under_fence(connection, EFFECT, EFFECT_COLUMNS, row.id, row.fence, taken))
    if is_lost:
        said = "the process that was sending it was lost"
        append_step(connection, effect.id, Step(at, "lapsed", effect.sends, "unknown", told="unknown", said=said))
    return effect


def mark_sending(
    connection: Connection,
    effect: Effect,
    owner: str,
    at: datetime,
    lease: timedelta,
    shown_before: str | None = None,
) -> Effect:
    """Journal that an effect is about to be sent; commit before the wire is touched.

    Args:
        connection: of a transaction of its own.
        effect: as it was claimed.
        owner: this process, for the history.
        at: now.
        lease: how long it may be held from now on.
        shown_before: what the system shows now, as JSON, to know a foreign write by later.

    Raises:
        UnsafeToContinue: another process holds it by now; what this one learned is not written.
    """
    values = {
        "state": "sending",
        "told": "unknown",
        "sends": effect.sends + 1,
        "looks": 0,
        "shown_before": shown_before,
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
    append_steps(connection, [(effect.id, step) for step in told])
    return settled


@cache
def due_effect(states: tuple[EffectState, ...], *, has_one: bool, leaves_systems: bool) -> Select[Any]:
    """The next effect that is due, or the one that is wanted whether it is due or not."""
    earlier = EFFECT.alias("earlier")
    held_back = (
        select(earlier.c.id)
        .where(
            earlier.c.subject == EFFECT.c.subject,
            earlier.c.id < EFFECT.c.id,
            is_one_of(earlier.c.state, HOLDING_BACK),
        )
        .correlate(EFFECT)
        .exists()
    )
    at = bindparam("at", type_=UtcInstant())
    query = select(EFFECT.c.id, EFFECT.c.state, EFFECT.c.fence).where(
        is_one_of(EFFECT.c.state, states),
        EFFECT.c.id == bindparam("only") if has_one else EFFECT.c.due_at <= at,
        EFFECT.c.lease_until.is_(None) | (EFFECT.c.lease_until <= at),
        ~held_back,
    )
    if leaves_systems:
        query = query.where(EFFECT.c.system.not_in(bindparam("systems", expanding=True)))
    return query.order_by(EFFECT.c.due_at, EFFECT.c.id).limit(1).with_for_update(skip_locked=True, of=EFFECT)


def _written(connection: Connection, effect: Effect, state: EffectState, values: Mapping[str, Any]) -> Effect:
    """Write under the fence.

    Raises:
        UnsafeToContinue: another process holds it by now; what this one learned is not written.
    """
    if not may_move(effect.state, state):
        raise ValueError(f"an effect does not go from {effect.state} to {state}")
    return effect_of(written_under_fence(connection, EFFECT, EFFECT_COLUMNS, effect.id, effect.fence, values))
