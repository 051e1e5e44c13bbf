"""How works go on the hub's path and on that of the legacy systems, in the same weeks.

A work is an order. It is of the hub where the hub has acted on it by its journals; all others are legacy's.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from canonical_model.billing import ChargeLine, CustomerBill
from canonical_model.care import TroubleTicket
from canonical_model.field_work import WorkOrder, WorkOrderVisit
from canonical_model.orders import ProductOrder
from canonical_model.record import Record
from handoffs.criteria import Beside, Number
from handoffs.stages import Actor
from handoffs.statistics import Share
from hub.takeover.signals.look import Look
from storage.history import known
from storage.schema.canonical import CANONICAL_TABLES

_CALLED_OFF = frozenset({"rejected", "cancelled", "pendingCancellation", "assessingCancellation"})
_CALL_BACK = timedelta(days=30)
_IN_VAIN = frozenset({"no_access", "return_needed"})
_WORK = frozenset({"install", "change", "move"})


def path_figures(look: Look, since: datetime) -> Mapping[str, Beside]:
    """Figures that stand beside legacy's, by metric, of orders placed since a moment.

    Args:
        look: at the market, as a whole.
        since: from when on orders and bills count.
    """
    orders = _orders(look, since)
    hub = look.acted.orders()
    path: dict[str, Actor] = {number: "hub" if number in hub else "legacy" for number in orders}
    visits = _first_visits(look, path)
    return {
        "activation_success": _shares(path, _success(look, orders)),
        "activation_time": _numbers(path, _hours(look, orders)),
        "first_visit_completion": _shares(path, {order: each == "done" for order, each in visits.items()}),
        "reschedules": _shares(path, {order: each == "moved" for order, each in visits.items()}),
        "right_first_time": _shares(path, _right_first_time(look, orders, visits)),
        "late_charges": _late_charges(
            look, since, {orders[number].account_number: actor for number, actor in path.items()}
        ),
    }


def _orders(look: Look, since: datetime) -> dict[str, Any]:
    names = ("order_number", "account_number", "order_type", "state", "ordered_at", "completed_at")
    rows = _rows(look, ProductOrder, names, lambda table: table.c.ordered_at >= since)
    return {row.order_number: row for row in rows if row.order_type != "cease" and row.state not in _CALLED_OFF}


def _success(look: Look, orders: Mapping[str, Any]) -> dict[str, bool]:
    """Whether an order came to its end, of those that have ended, or were open for two weeks."""
    given_up = {
        each.saga.order_number
        for each in look.acted.sagas
        if each.saga.state in ("undone", "undoing") or each.facts.is_given_up
    }
    done: dict[str, bool] = {}
    for number, order in orders.items():
        if order.state in ("failed", "partial") or number in given_up:
            done[number] = False
        elif order.state == "completed" or order.completed_at is not None:
            done[number] = True
        elif look.now - order.ordered_at > timedelta(days=14):
            done[number] = False
    return done


def _hours(look: Look, orders: Mapping[str, Any]) -> dict[str, Decimal]:
    del look
    return {
        number: Decimal((order.completed_at - order.ordered_at) // timedelta(minutes=1)) / 60
        for number, order in orders.items()
        if order.completed_at is not None and order.completed_at >= order.ordered_at
    }


def _first_visits(look: Look, path: Mapping[str, Actor]) -> dict[str, str]:
    """How the first visit of each order went: ``done``, ``moved`` where nobody was there, or ``again``."""
    jobs = {
        row.work_order_id: row.order_number
        for row in _rows(look, WorkOrder, ("work_order_id", "order_number", "work_type"))
        if row.order_number in path and row.work_type in _WORK
    }
    by_order: dict[str, list[Any]] = defaultdict(list)
    names = ("work_order_id", "visit_number", "scheduled_start", "arrived_at", "outcome")
    for row in _rows(look, WorkOrderVisit, names):
        if row.work_order_id in jobs and (row.arrived_at is not None or row.outcome in ("no_access", "cancelled")):
            by_order[jobs[row.work_order_id]].append(row)
    told = {}
    for order, visits in by_order.items():
        first = min(visits, key=lambda each: (each.arrived_at or each.scheduled_start or look.now, each.visit_number))
        if first.outcome == "open":
            continue
        moved = first.outcome in ("no_access", "cancelled")
        told[order] = "done" if first.outcome == "done" else "moved" if moved else "again"
    return told


def _right_first_time(look: Look, orders: Mapping[str, Any], visits: Mapping[str, str]) -> dict[str, bool]:
    """Whether a work was done at the first visit and nobody complained within thirty days."""
    complaints: dict[str, list[datetime]] = defaultdict(list)
    for row in _rows(look, TroubleTicket, ("account_number", "opened_at")):
        complaints[row.account_number].append(row.opened_at)
    told = {}
    for number, order in orders.items():
        if number in visits and order.completed_at is not None:
            end = order.completed_at + _CALL_BACK
            quiet = not any(order.completed_at <= at < end for at in complaints[order.account_number])
            told[number] = visits[number] == "done" and quiet
    return told


def _late_charges(look: Look, since: datetime, path: Mapping[str, Actor]) -> Beside:
    """Charges of bills since a moment whose days are before the period of their bill, of all charges.

    Only accounts with an order since then are counted: a first, broken period comes late on every path.
    """
    first = look.day_of(since)
    periods = {
        row.bill_id: row.period_from
        for row in _rows(
            look, CustomerBill, ("bill_id", "period_from", "billed_on"), lambda table: table.c.billed_on >= first
        )
    }
    counted: dict[Actor, list[bool]] = {"hub": [], "legacy": []}
    names = ("account_number", "bill_id", "covers_to", "amount_minor", "billed_on")
    for row in _rows(look, ChargeLine, names, lambda table: table.c.billed_on >= first):
        if row.amount_minor > 0 and row.bill_id in periods:
            actor = path.get(row.account_number)
            if actor is not None:
                counted[actor].append(row.covers_to <= periods[row.bill_id])
    return Beside(*(Share(sum(late), len(late)) for late in (counted["hub"], counted["legacy"])))


def _shares(path: Mapping[str, Actor], good: Mapping[str, bool]) -> Beside:
    def share(actor: Actor) -> Share:
        own = [value for number, value in good.items() if path[number] == actor]
        return Share(sum(own), len(own))

    return Beside(share("hub"), share("legacy"))


def _numbers(path: Mapping[str, Actor], values: Mapping[str, Decimal]) -> Beside:
    def ninth_decile(actor: Actor) -> Number:
        own = sorted(value for number, value in values.items() if path[number] == actor)
        return Number(own[min(len(own) - 1, len(own) * 9 // 10)], len(own)) if own else Number(Decimal(0), 0)

    return Beside(ninth_decile("hub"), ninth_decile("legacy"))


def _rows(
    look: Look, entity: type[Record], names: Iterable[str], where: Callable[[Any], Any] | None = None
) -> Iterable[Any]:
    table = CANONICAL_TABLES[entity]
    query = select(*(table.c[name] for name in names)).where(known(table, None), table.c.market == look.market.id)
    return look.connection.execute(query if where is None else query.where(where(table)))
