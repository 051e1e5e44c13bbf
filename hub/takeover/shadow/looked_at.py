"""Which works a pass of shadow looks at: only those of which something may be otherwise than at the pass before."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from canonical_model.orders import ProductOrder
from handoffs.shadow.explanation import Explanation
from handoffs.stages import Handoff
from hub.readiness.orders_around import OPEN_STATES
from hub.takeover.shadow.billing_side import FIRST_BILLS
from hub.takeover.shadow.histories import work_of
from hub.takeover.shadow.rows_made import KINDS
from storage.changed_orders import changed_orders
from storage.current_records import orders_since, records_among
from storage.shadow_comparisons import comparisons_of
from storage.shadow_explanations import explanations_of
from storage.shadow_intents import ShadowPass, stored_intents

_BILLS_SETTLE = timedelta(days=62)
"""How long after its window a bill may still become known: the period that holds its end, and the run after it."""


def works_to_look_at(
    connection: Connection,
    market: str,
    handoff: Handoff,
    before: ShadowPass | None,
    patience_days: int,
    bills_of: str,
    now: datetime,
) -> set[str]:
    """The works that a pass looks at.

    Args:
        connection: of a reading transaction.
        market: of the orders.
        handoff: of the pass.
        before: the pass before; None where this is the first one.
        patience_days: how long is waited for legacy; the first pass looks back so far.
        bills_of: version of the bills that are known, and of what proves them wrong.
        now: this moment.
    """
    if before is None:
        recent = orders_since(connection, market, now - timedelta(days=patience_days), KINDS[handoff])
        opened = records_among(connection, ProductOrder, market, "state", OPEN_STATES, order_type=KINDS[handoff])
        return {work_of(each.order_number) for each in (*recent, *opened)}
    works = {work_of(number) for number in changed_orders(connection, market, before.read_until)}
    works |= {each.work for each in stored_intents(connection, market, handoff, states=["waiting"])}
    works |= _explained_otherwise(connection, market, handoff, before.passed_at, now)
    if handoff == "field_to_billing" and bills_of != before.bills_of:
        young = now - FIRST_BILLS - _BILLS_SETTLE
        works |= {each.work for each in stored_intents(connection, market, handoff) if each.counts_from >= young}
    return works


def _explained_otherwise(
    connection: Connection, market: str, handoff: Handoff, since: datetime, now: datetime
) -> set[str]:
    """Works whose difference may be explained by now, or is not any more."""
    known = explanations_of(connection, market, handoff)
    if not any(_turned(each, since, now) for each in known):
        return set()
    found = comparisons_of(connection, market, handoff, kinds=["explained", "hub_wrong", "unknown"])
    return {each.work for each in found}


def _turned(explanation: Explanation, since: datetime, now: datetime) -> bool:
    return since <= explanation.at <= now or since <= explanation.expires_at <= now
