"""Whose turn a saga is: taken under a lease with a fence, its intents on the disk before a device is touched.

A fence is a number that grows with each lease. Whatever a process writes later is written only where the fence is
still its own, so that a process that slept through its lease writes nothing.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, case, select, update

from canonical_model.errors import UnsafeToContinue
from storage.fences import written_under_fence
from storage.sagas import SAGA_COLUMNS, Saga, SagaStep, append_steps, saga_of
from storage.schema.columns import UtcInstant, is_one_of
from storage.schema.sagas import SAGA

_DUE_AGAIN = case(
    (
        SAGA.c.due_at != bindparam("its_was_due_at", type_=UtcInstant()),
        bindparam("its_now", type_=UtcInstant()),
    ),
    else_=bindparam("its_due_at", type_=UtcInstant()),
)


def claim(
    connection: Connection,
    owner: str,
    at: datetime,
    lease: timedelta,
    *,
    states: Collection[str],
    market: str | None = None,
    only: int | None = None,
    except_elements: Collection[str] = (),
    but_at_steps: Collection[str] = (),
) -> Saga | None:
    """Take the next saga that is due under a lease; None where there is none.

    Args:
        connection: of a transaction of its own, committed before anything is done.
        owner: this process, for the history.
        at: now.
        lease: how long it may be held.
        states: those that move by themselves.
        market: whose sagas are wanted; None for all.
        only: the id of the only saga that is wanted, whether it is due or not.
        except_elements: whose sagas are left alone.
        but_at_steps: steps at which they are taken all the same, since they ask no element.
    """
    wanted = _due(tuple(states), only is not None, market is not None, bool(except_elements))
    given = {
        "at": at,
        "only": only,
        "market": market,
        "elements": list(except_elements),
        "steps": list(but_at_steps),
    }
    row = connection.execute(wanted, given).one_or_none()
    if row is None:
        return None
    taken = {"lease_owner": owner, "lease_until": at + lease, "fence": row.fence + 1}
    saga = saga_of(written_under_fence(connection, SAGA, SAGA_COLUMNS, row.id, row.fence, taken))
    if row.lease_owner is not None:
        said = f"{row.lease_owner} held it and was lost"
        append_steps(connection, saga.id, [SagaStep(at, saga.step, "lapsed", said, actor=owner)])
    return saga


def journal(
    connection: Connection,
    saga: Saga,
    values: Mapping[str, Any],
    steps: Collection[SagaStep],
    at: datetime,
    lease: timedelta,
) -> None:
    """Write down what is about to be done; commit before a device is touched.

    Args:
        connection: of a transaction of its own.
        saga: as it was claimed.
        values: columns that change.
        steps: what happened since, oldest first, and what is intended.
        at: now.
        lease: how long it may be held from now on.

    Raises:
        UnsafeToContinue: another process holds it by now; nothing is written.
    """
    _written(connection, saga, {**values, "lease_until": at + lease, "changed_at": at})
    append_steps(connection, saga.id, steps)


def settle(
    connection: Connection, saga: Saga, values: Mapping[str, Any], steps: Collection[SagaStep], at: datetime
) -> Saga:
    """Write down what became of a saga, with the steps that led there, and give the lease back.

    One that was woken while it was held is due at once: what woke it may have come after the look.

    Args:
        connection: of a transaction.
        saga: as it was claimed.
        values: columns that change, ``due_at`` among them.
        steps: what happened, oldest first.
        at: now.

    Raises:
        UnsafeToContinue: another process holds it by now; what this one learned is not written.
    """
    given_back = {"lease_owner": None, "lease_until": None, "changed_at": at, "was_due_at": saga.due_at, "now": at}
    settled = written_under_fence(
        connection, SAGA, SAGA_COLUMNS, saga.id, saga.fence, {**values, **given_back}, {"due_at": _DUE_AGAIN}
    )
    append_steps(connection, saga.id, steps)
    return saga_of(settled)


def redirect(connection: Connection, saga: Saga, values: Mapping[str, Any], step: SagaStep) -> Saga:
    """Change a saga by a person's decision; whoever holds it is overtaken."""
    statement = (
        update(SAGA)
        .values(**values, fence=SAGA.c.fence + 1, lease_owner=None, lease_until=None, changed_at=step.at)
        .where(SAGA.c.id == saga.id, SAGA.c.fence == saga.fence)
    )
    row = connection.execute(statement.returning(*SAGA_COLUMNS)).one_or_none()
    if row is None:
        raise UnsafeToContinue(f"saga {saga.id} has changed since it was shown: look at it again")
    append_steps(connection, saga.id, [step])
    return saga_of(row)


def hasten(connection: Connection, ids: Collection[int], at: datetime) -> None:
    """Make running sagas due now that wait for later; one that somebody holds is left alone."""
    waiting = (SAGA.c.state == "running", SAGA.c.due_at > at, SAGA.c.lease_owner.is_(None))
    connection.execute(update(SAGA).values(due_at=at).where(SAGA.c.id.in_(ids), *waiting))


@cache
def _due(states: tuple[str, ...], has_one: bool, has_market: bool, leaves_elements: bool) -> Select[Any]:
    """The next saga that is due, or the one that is wanted whether it is due or not."""
    at = bindparam("at", type_=UtcInstant())
    query = select(SAGA.c.id, SAGA.c.fence, SAGA.c.lease_owner).where(
        is_one_of(SAGA.c.state, states),
        SAGA.c.id == bindparam("only") if has_one else SAGA.c.due_at <= at,
        SAGA.c.lease_until.is_(None) | (SAGA.c.lease_until <= at),
    )
    if leaves_elements:
        is_left = SAGA.c.element.in_(bindparam("elements", expanding=True))
        query = query.where(~is_left | SAGA.c.step.in_(bindparam("steps", expanding=True)))
    if has_market:
        query = query.where(SAGA.c.market == bindparam("market"))
    return query.order_by(SAGA.c.due_at, SAGA.c.id).limit(1).with_for_update(skip_locked=True, of=SAGA)


def _written(connection: Connection, saga: Saga, values: Mapping[str, Any]) -> Saga:
    return saga_of(written_under_fence(connection, SAGA, SAGA_COLUMNS, saga.id, saga.fence, values))
