"""Orders of which anything became known since a moment: of the order itself, its jobs, or its account's billing."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Select, Table, or_, select

from canonical_model.billing import Subscription
from canonical_model.field_work import CompletionMaterial, CompletionTest, FieldCompletion, WorkOrder, WorkOrderVisit
from canonical_model.orders import ProductOrder, ProductOrderItem
from canonical_model.record import Record
from storage.schema.canonical import CANONICAL_TABLES
from storage.schema.columns import STILL_KNOWN

_OF_ORDER: tuple[type[Record], ...] = (ProductOrder, ProductOrderItem, WorkOrder)
_OF_JOB: tuple[type[Record], ...] = (WorkOrderVisit, FieldCompletion, CompletionMaterial, CompletionTest)


def changed_orders(connection: Connection, market: str, since: datetime) -> set[str]:
    """Numbers of the orders of which something was brought, changed or withdrawn since a moment.

    What elements show is left out: they show everything anew in every sweep.

    Args:
        connection: of a transaction.
        market: of the orders.
        since: the moment.
    """
    found: set[str] = set()
    for entity in _OF_ORDER:
        table = CANONICAL_TABLES[entity]
        found |= _numbers(connection, select(table.c.order_number).where(*_changed(table, market, since)))
    jobs, orders = CANONICAL_TABLES[WorkOrder], CANONICAL_TABLES[ProductOrder]
    for entity in _OF_JOB:
        done = CANONICAL_TABLES[entity]
        own = select(done.c.work_order_id).where(*_changed(done, market, since))
        found |= _numbers(
            connection,
            select(jobs.c.order_number).where(jobs.c.market == market, jobs.c.work_order_id.in_(own)),
        )
    held = CANONICAL_TABLES[Subscription]
    accounts = select(held.c.account_number).where(*_changed(held, market, since))
    query = select(orders.c.order_number).where(orders.c.market == market, orders.c.account_number.in_(accounts))
    return found | _numbers(connection, query)


def _changed(table: Table, market: str, since: datetime) -> tuple[ColumnElement[bool], ...]:
    ended = (table.c.known_to > since) & (table.c.known_to < STILL_KNOWN)
    return (table.c.market == market, or_(table.c.known_from > since, ended))


def _numbers(connection: Connection, query: Select[tuple[str]]) -> set[str]:
    return set(connection.execute(query.distinct()).scalars())
