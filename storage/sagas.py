"""Sagas of provisioning as the database keeps them: begun once, read by whoever wants to know."""

import json
from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, bindparam, func, insert, select
from sqlalchemy.exc import IntegrityError

from canonical_model.errors import UnsafeToContinue
from storage.histories import append_rows
from storage.schema.sagas import SAGA, SAGA_STEP

UNDER_WAY = ("running", "held", "undoing")

SagaEvent = Literal["began", "intended", "passed", "waited", "held", "failed", "undone", "decided", "lapsed", "ended"]
"""``intended`` stands on the disk before a device is touched, with the change and what stood there before."""


@dataclass(frozen=True, slots=True)
class PlannedSaga:
    """A saga before it is begun.

    Attributes:
        key: the same for the same wish, whoever states it again (``SO-123/activate/1``).
        order_number: of the order that asked for it, where one did.
        step: the one that it begins with.
        facts: JSON text.
        work_order_id: the job whose completion it waits for, where there is one already.
    """

    key: str
    kind: str
    market: str
    service_id: str
    order_number: str | None
    element: str
    step: str
    facts: str
    work_order_id: str | None = None


@dataclass(frozen=True, slots=True)
class Saga:
    """A saga as the database knows it; attributes as the columns of ``storage.schema.sagas``."""

    id: int
    key: str
    kind: str
    market: str
    service_id: str
    order_number: str | None
    element: str
    state: str
    step: str
    reason: str
    person: str | None
    proposal: str | None
    facts: str
    tries: int
    step_began_at: datetime
    due_at: datetime
    lease_until: datetime | None
    fence: int
    began_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class SagaStep:
    """One thing that happened to a saga.

    Attributes:
        change: JSON text of what a layer is brought to, and from what.
        said: what was seen, or why; never a secret.
        actor: the process, or the person.
    """

    at: datetime
    step: str
    event: SagaEvent
    said: str = ""
    change: str | None = None
    actor: str = "hub"


SAGA_COLUMNS = [SAGA.c[each.name] for each in fields(Saga)]


def begin(connection: Connection, planned: PlannedSaga, at: datetime, actor: str = "hub") -> Saga:
    """Write a saga down; one that was begun under its key already is given back as it is.

    Raises:
        UnsafeToContinue: another saga is under way for this service, or the key stands for one of another market.
    """
    known = saga_with_key(connection, planned.key)
    if known is not None and known.market != planned.market:
        raise UnsafeToContinue(f"{planned.key} is a saga of {known.market}, and was asked for in {planned.market}")
    if known is not None:
        return known
    other = connection.execute(
        _SAGAS.where(SAGA.c.service_id == planned.service_id, SAGA.c.state.in_(UNDER_WAY))
    ).one_or_none()
    if other is not None:
        raise UnsafeToContinue(
            f"service {planned.service_id}: saga {other.key} is under way ({other.state} at {other.step}); "
            f"{planned.kind} has to wait for its end"
        )
    values = {each.name: getattr(planned, each.name) for each in fields(PlannedSaga)}
    statement = insert(SAGA).values(
        **values,
        state="running",
        reason="",
        tries=0,
        step_began_at=at,
        due_at=at,
        fence=0,
        began_at=at,
        changed_at=at,
    )
    try:
        with connection.begin_nested():
            saga = saga_of(connection.execute(statement.returning(*SAGA_COLUMNS)).one())
    except IntegrityError:  # somebody else began it, or another one, since we looked
        return begin(connection, planned, at, actor)
    append_steps(connection, saga.id, [SagaStep(at, saga.step, "began", actor=actor)])
    return saga


# built once: a statement costs more to put together than to run
_SAGAS = select(*SAGA_COLUMNS)
_WITH_ID = _SAGAS.where(SAGA.c.id == bindparam("id"))
_WITH_KEY = _SAGAS.where(SAGA.c.key == bindparam("key"))
_STEP_NAMES = ("at", "step", "event", "change", "said", "actor")


def saga_with(connection: Connection, saga_id: int) -> Saga | None:
    """The saga of that id."""
    row = connection.execute(_WITH_ID, {"id": saga_id}).one_or_none()
    return None if row is None else saga_of(row)


def saga_with_key(connection: Connection, key: str) -> Saga | None:
    """The saga of a wish."""
    row = connection.execute(_WITH_KEY, {"key": key}).one_or_none()
    return None if row is None else saga_of(row)


def sagas(
    connection: Connection,
    *,
    states: Collection[str] | None = None,
    service_id: str | None = None,
    order_number: str | None = None,
    market: str | None = None,
    step: str | None = None,
    changed_since: datetime | None = None,
    most: int = 1000,
) -> list[Saga]:
    """Sagas in the order in which they were begun; of all that is asked for, or of everything."""
    query = _SAGAS.order_by(SAGA.c.id).limit(most)
    if changed_since is not None:
        query = query.where(SAGA.c.changed_at >= changed_since)
    if states is not None:
        query = query.where(SAGA.c.state.in_(states))
    wanted = {"service_id": service_id, "order_number": order_number, "market": market, "step": step}
    for column, value in wanted.items():
        if value is not None:
            query = query.where(SAGA.c[column] == value)
    return [saga_of(row) for row in connection.execute(query)]


def last_sagas(connection: Connection, market: str, order_numbers: Collection[str]) -> list[Saga]:
    """The last saga of each service that some orders of a market have brought; 500 orders at most."""
    services = select(SAGA.c.service_id).where(SAGA.c.market == market, SAGA.c.order_number.in_(order_numbers))
    newest = select(func.max(SAGA.c.id)).where(SAGA.c.market == market, SAGA.c.service_id.in_(services))
    query = _SAGAS.where(SAGA.c.id.in_(newest.group_by(SAGA.c.service_id))).order_by(SAGA.c.id)
    return [saga_of(row) for row in connection.execute(query)]


def steps_of(connection: Connection, saga_id: int) -> list[SagaStep]:
    """Everything that happened to a saga, oldest first."""
    query = select(SAGA_STEP).where(SAGA_STEP.c.saga_id == saga_id).order_by(SAGA_STEP.c.number)
    return [
        SagaStep(row.at, row.step, row.event, row.said, row.change, row.actor) for row in connection.execute(query)
    ]


def append_steps(connection: Connection, saga_id: int, steps: Collection[SagaStep]) -> None:
    """Add steps behind the last one of their saga; the caller holds the saga's row."""
    rows = [{"saga_id": saga_id, **{name: getattr(each, name) for name in _STEP_NAMES}} for each in steps]
    append_rows(connection, SAGA_STEP, "saga_id", rows)


def saga_of(row: Row[Any]) -> Saga:
    """The saga of a row with the columns of ``SAGA_COLUMNS``."""
    return Saga(*row)


def proposal_of(saga: Saga) -> dict[str, Any]:
    """The facts that a person may accept."""
    found: dict[str, Any] = json.loads(saga.proposal) if saga.proposal else {}
    return found
