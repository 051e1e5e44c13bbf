"""Where the terminals of a market stand and stood, from the records of jobs, orders, premises and bills."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, func, select

from canonical_model.billing import Subscription
from canonical_model.field_work import CompletionMaterial, FieldCompletion, WorkOrder
from canonical_model.orders import ProductOrder
from storage.history import known
from storage.premises_named import first_told, premises_named
from storage.schema.canonical import CANONICAL_TABLES
from storage.terminals_standing import DoneOrder, Installation, Stay, stays

_ORDER = CANONICAL_TABLES[ProductOrder]
_ZONES = timedelta(days=1)
"""Bills have days of the market, orders have moments."""


def terminal_stays(connection: Connection, market: str, terminal_kind: str) -> list[Stay]:
    """Every stay of every terminal, as they began."""
    installations = list(_installations(connection, market, terminal_kind))
    return stays(installations, list(_done_orders(connection, market)), _older(connection, market))


def last_places(connection: Connection, market: str, terminal_kind: str) -> dict[str, Stay]:
    """Where each terminal stands, or stood last, by its serial; one whose place another has taken is left out."""
    last = {each.serial: each for each in terminal_stays(connection, market, terminal_kind)}
    return {serial: stay for serial, stay in last.items() if not stay.is_replaced}


def _done_orders(connection: Connection, market: str) -> Iterator[DoneOrder]:
    query = select(
        _ORDER.c.order_number,
        _ORDER.c.completed_at,
        _ORDER.c.account_number,
        _ORDER.c.order_type,
        _ORDER.c.premise_id,
    ).where(
        known(_ORDER, None),
        _ORDER.c.market == market,
        _ORDER.c.state == "completed",
        _ORDER.c.completed_at.is_not(None),
        _ORDER.c.order_type.in_(("new", "move", "cease")),
    )
    told: set[str] = set()
    for number, at, account, kind, premise in connection.execute(query.order_by(*first_told(_ORDER))):
        if number not in told:
            told.add(number)
            yield DoneOrder(at, account, kind, premise)


def _installations(connection: Connection, market: str, terminal_kind: str) -> Iterator[Installation]:
    """Every terminal that a job left."""
    left, job, done = (CANONICAL_TABLES[entity] for entity in (CompletionMaterial, WorkOrder, FieldCompletion))
    query = (
        select(
            left.c.work_order_id,
            left.c.serial,
            done.c.completed_at,
            _ORDER.c.order_number,
            _ORDER.c.account_number,
            _ORDER.c.premise_id,
            _ORDER.c.source_system,
        )
        .select_from(
            left.join(job, (job.c.work_order_id == left.c.work_order_id) & known(job, None))
            .join(done, (done.c.work_order_id == left.c.work_order_id) & known(done, None))
            .join(_ORDER, (_ORDER.c.order_number == job.c.order_number) & known(_ORDER, None))
        )
        .where(known(left, None), left.c.kind == terminal_kind)
        .where(left.c.market == market, job.c.market == market, done.c.market == market, _ORDER.c.market == market)
        .order_by(done.c.completed_at, left.c.serial, *first_told(_ORDER))
    )
    of_orders = select(_ORDER.c.premise_id).where(known(_ORDER, None), _ORDER.c.market == market)
    premises = premises_named(connection, market, of_orders)
    told: set[tuple[Any, ...]] = set()
    for job_id, serial, at, number, account, premise, system in connection.execute(query):
        if (job_id, serial, at, number) not in told:
            told.add((job_id, serial, at, number))
            yield Installation(at, serial, number, account, premise, premises.of(system, premise))


def _older(connection: Connection, market: str) -> frozenset[str]:
    """Accounts that billing served before the first order that is known of them was placed, and then still."""
    service = CANONICAL_TABLES[Subscription]
    placed = (
        select(_ORDER.c.account_number, func.min(func.coalesce(_ORDER.c.ordered_at, _ORDER.c.completed_at)))
        .where(known(_ORDER, None), _ORDER.c.market == market)
        .group_by(_ORDER.c.account_number)
    )
    first = {account: at.date() for account, at in connection.execute(placed) if at is not None}
    served = select(service.c.account_number, service.c.starts_on, service.c.ends_on).where(
        known(service, None), service.c.market == market
    )
    return frozenset(
        account
        for account, since, until in connection.execute(served)
        if account in first and since + _ZONES < first[account] and (until is None or until > first[account])
    )
