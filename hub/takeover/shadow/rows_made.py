"""The rows of a hand-off for some orders, from whichever records they are read: live and in replay the same."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from canonical_model.orders import ProductOrder
from handoffs.shadow.rows import ShadowRow
from handoffs.stages import Handoff
from hub.readiness.market_view import MarketView
from hub.readiness.order_records import KnownRecords, OrderRecords, order_records
from hub.readiness.orders_around import OPEN_STATES
from hub.readiness.planning import OrderPlanner, PlannedOrder
from hub.takeover.shadow.billing_side import bill_window, billing_row
from hub.takeover.shadow.billing_told import told_of_orders
from hub.takeover.shadow.change_side import changed_row
from hub.takeover.shadow.histories import OrderHistory, order_histories
from hub.takeover.shadow.past_view import view_without
from hub.takeover.shadow.plan_side import is_dead, planned_row
from hub.takeover.shadow.remembered import RememberedRecords
from hub.takeover.shadow.tables import MarketTables
from reconciliation.bills_apart import BillsApart, BillWindow
from rules.compiled_comparison import CompiledComparison

BillsOf = Callable[[Sequence[BillWindow]], Mapping[str, BillsApart]]
"""Gives the bills of windows, by their names."""

PLANNED: tuple[Handoff, ...] = ("order_to_provisioning", "provisioning_to_dispatch", "dispatch_to_field")
"""Hand-offs whose intent is the plan of readiness."""

KINDS: Mapping[Handoff, tuple[str, ...]] = {
    "order_to_provisioning": ("new", "change"),
    "provisioning_to_dispatch": ("new",),
    "dispatch_to_field": ("new",),
    "field_to_billing": ("new", "change", "move", "cease"),
}
"""Types of orders that are compared."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known around some orders, read once for all hand-offs.

    Attributes:
        histories: what became of them, by number.
        plans: what readiness would do with them; only of those whose plan is wanted.
    """

    histories: Mapping[str, OrderHistory]
    plans: Mapping[str, PlannedOrder]


def due(row: ShadowRow, comparison: CompiledComparison, handoff: Handoff, now: datetime) -> ShadowRow | None:
    """The row once it can be compared: legacy has acted, or was waited for long enough; None before."""
    if row.observed is not None:
        return row
    return row.after_waiting(handoff) if (now - row.at).days >= comparison.pack.patience_days else None


def known_of(
    records: KnownRecords,
    tables: MarketTables,
    orders: Sequence[ProductOrder],
    handoffs: Iterable[Handoff],
    view_of: Callable[[Mapping[str, OrderRecords]], MarketView],
    now: datetime,
) -> Known:
    """Read what is known around orders, and plan those whose plan is wanted.

    An order that is open is looked at as it stands now, as readiness looks at it; one of the past as it stood when it
    was placed.

    Args:
        records: of the market.
        tables: of the market.
        orders: any number that memory holds.
        handoffs: that are wanted.
        view_of: gives the market as readiness sees it, for what is known around orders.
        now: this moment, or that of the snapshot.
    """
    remembered = RememberedRecords(records)
    histories = order_histories(remembered, tables.market, orders)
    if not set(handoffs) & set(PLANNED):
        return Known(histories, {})
    new = [each for each in orders if each.order_type == "new"]
    then = {each.order_number: each.ordered_at or now for each in new if each.state not in OPEN_STATES}
    around = order_records(remembered, new, then)
    view = view_without(view_of(around), around, histories)
    plans = {
        number: OrderPlanner(
            known,
            known.service_id,
            view,
            view.operation(tables.catalogue, tables.network, number),
            then.get(number, now),
        ).planned()
        for number, known in around.items()
    }
    return Known(histories, plans)


def rows_of(
    handoff: Handoff, known: Known, tables: MarketTables, bills_of: BillsOf, billed_until: date | None, now: datetime
) -> list[ShadowRow]:
    """The rows of a hand-off; orders of which the hub could not state anything yet have none.

    Args:
        handoff: which.
        known: around some orders.
        tables: of the market.
        bills_of: gives the bills of windows.
        billed_until: the first day of which no bill is known; None where none is.
        now: for orders of which nobody tells when they were placed.
    """
    if handoff != "field_to_billing":
        alive = {number: history for number, history in known.histories.items() if not is_dead(history)}
        planned = [
            planned_row(handoff, history, known.plans[number], tables, now)
            for number, history in alive.items()
            if number in known.plans
        ]
        is_told = handoff == "order_to_provisioning"
        changes = (each for each in alive.values() if is_told and each.order.order_type == "change")
        changed = (changed_row(each, tables, now) for each in changes)
        return [*planned, *(row for row in changed if row is not None)]
    told = told_of_orders(known.histories, tables, now)
    windows = [
        window
        for number, said in told.items()
        if billed_until is not None
        and (window := bill_window(known.histories[number], said, billed_until)) is not None
    ]
    bills = bills_of(windows) if windows else {}
    return [
        billing_row(history, said, tables, bills.get(history.work))
        for number, said in told.items()
        for history in (known.histories[number],)
    ]
