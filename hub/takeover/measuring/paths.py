"""How works go on the hub's path and on that of the legacy systems, in the same weeks.

A work is an order. It is of the hub where the hub has begun it in the hand-off that is asked about; all others are
legacy's, though the hub may lead another of their hand-offs.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from sqlalchemy import select

from canonical_model.billing import ChargeLine, CustomerBill
from canonical_model.care import TroubleTicket
from canonical_model.field_work import WorkOrder, WorkOrderVisit
from canonical_model.orders import ProductOrder
from canonical_model.record import Record
from handoffs.criteria import Beside, Number
from handoffs.stages import Handoff, Writer
from handoffs.statistics import Share
from hub.takeover.measuring.own_orders import own_orders, stands_with_hub
from hub.takeover.signals.look import Look
from provisioning.saga import BEGINNINGS
from storage.history import known
from storage.schema.canonical import CANONICAL_TABLES

BESIDE = timedelta(days=56)
"""So many weeks of both paths stand beside each other, at least."""

_PROVEN = ("gate", "release")
"""Steps of a saga behind its proof: what stands at them works, and waits for papers."""

_CALLED_OFF = frozenset({"rejected", "cancelled", "pendingCancellation", "assessingCancellation"})
_CALL_BACK = timedelta(days=30)
_WORK = frozenset({"install", "change", "move"})


def path_figures(
    look: Look, handoff: Handoff, since: datetime, wanted: Collection[str] | None = None
) -> Mapping[str, Beside]:
    """Figures that stand beside legacy's, by metric, of orders placed since a moment.

    Args:
        look: at the market, as a whole.
        handoff: whose paths tell the hub's works from legacy's.
        since: from when on orders and bills count.
        wanted: names of metrics; None for all.
    """
    orders = _orders(look, since)
    own = own_orders(look, handoff, since).keys() | stands_with_hub(look, handoff, since)
    works = _Works(look, since, orders, {number: "hub" if number in own else "legacy" for number in orders})
    return {name: figure(works) for name, figure in _FIGURES.items() if wanted is None or name in wanted}


@dataclass(frozen=True)
class _Works:
    """The orders of some weeks, and whose each is."""

    look: Look
    since: datetime
    orders: Mapping[str, Any]
    path: Mapping[str, Writer]

    @cached_property
    def visits(self) -> Mapping[str, str]:
        """How the first visit of each order went."""
        return _first_visits(self.look, self.path)

    @property
    def accounts(self) -> Mapping[str, Writer]:
        """Whose each account is; one with orders on both paths is neither's."""
        sides: dict[str, set[Writer]] = defaultdict(set)
        for number, writer in self.path.items():
            sides[self.orders[number].account_number].add(writer)
        return {account: next(iter(side)) for account, side in sides.items() if len(side) == 1}


def _orders(look: Look, since: datetime) -> dict[str, Any]:
    names = ("order_number", "account_number", "order_type", "state", "ordered_at", "completed_at")
    rows = _rows(look, ProductOrder, names, lambda table: table.c.ordered_at >= since)
    return {row.order_number: row for row in rows if row.order_type != "cease" and row.state not in _CALLED_OFF}


def _success(works: _Works) -> dict[str, bool]:
    """Whether an order came to its end, of those that have ended, or were open for two weeks.

    What the hub has begun ends with its own saga: where that stands still, and the CRM calls the order completed,
    somebody else has done it.
    """
    look = works.look
    given_up = {
        each.saga.order_number
        for each in look.acted.sagas
        if each.saga.state in ("undone", "undoing") or each.facts.is_given_up
    }
    stuck = {
        each.saga.order_number
        for each in look.acted.sagas
        if each.saga.kind in BEGINNINGS and each.saga.state == "held" and each.saga.step not in _PROVEN
    }
    done: dict[str, bool] = {}
    for number, order in works.orders.items():
        if order.state in ("failed", "partial") or number in given_up or number in stuck:
            done[number] = False
        elif order.state == "completed" or order.completed_at is not None:
            done[number] = True
        elif look.now - order.ordered_at > timedelta(days=14):
            done[number] = False
    return done


def _hours(works: _Works) -> dict[str, Decimal]:
    return {
        number: Decimal((order.completed_at - order.ordered_at) // timedelta(minutes=1)) / 60
        for number, order in works.orders.items()
        if order.completed_at is not None and order.completed_at >= order.ordered_at
    }


def _first_visits(look: Look, orders: Collection[str]) -> dict[str, str]:
    """How the first visit of each order went: ``done``, ``moved`` where nobody was there, or ``again``."""
    jobs = {
        row.work_order_id: row.order_number
        for row in _rows(look, WorkOrder, ("work_order_id", "order_number", "work_type"))
        if row.order_number in orders and row.work_type in _WORK
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


def _right_first_time(works: _Works) -> dict[str, bool]:
    """Whether a work was done at the first visit and nobody complained within thirty days."""
    complaints: dict[str, list[datetime]] = defaultdict(list)
    for row in _rows(works.look, TroubleTicket, ("account_number", "opened_at")):
        complaints[row.account_number].append(row.opened_at)
    told, visits = {}, works.visits
    for number, order in works.orders.items():
        if number in visits and order.completed_at is not None:
            end = order.completed_at + _CALL_BACK
            quiet = not any(order.completed_at <= at < end for at in complaints[order.account_number])
            told[number] = visits[number] == "done" and quiet
    return told


def _late_charges(works: _Works) -> Beside:
    """Charges of bills since a moment whose days are before the period of their bill, of all charges.

    Only accounts with an order since then are counted: a first, broken period comes late on every path. Those with
    orders on both paths are left out.
    """
    look = works.look
    first = look.day_of(works.since)
    periods = {
        row.bill_id: row.period_from
        for row in _rows(
            look, CustomerBill, ("bill_id", "period_from", "billed_on"), lambda table: table.c.billed_on >= first
        )
    }
    accounts = works.accounts
    counted: dict[Writer, list[bool]] = {"hub": [], "legacy": []}
    names = ("account_number", "bill_id", "covers_to", "amount_minor", "billed_on")
    for row in _rows(look, ChargeLine, names, lambda table: table.c.billed_on >= first):
        if row.amount_minor > 0 and row.bill_id in periods:
            writer = accounts.get(row.account_number)
            if writer is not None:
                counted[writer].append(row.covers_to <= periods[row.bill_id])
    ours, theirs = counted["hub"], counted["legacy"]
    return Beside(Share(sum(ours), len(ours)), Share(sum(theirs), len(theirs)))


def _shares(works: _Works, good: Mapping[str, bool]) -> Beside:
    def share(writer: Writer) -> Share:
        own = [value for number, value in good.items() if works.path[number] == writer]
        return Share(sum(own), len(own))

    return Beside(share("hub"), share("legacy"))


def _numbers(works: _Works, values: Mapping[str, Decimal]) -> Beside:
    def ninth_decile(writer: Writer) -> Number:
        own = sorted(value for number, value in values.items() if works.path[number] == writer)
        if not own:
            return Number(Decimal(0), 0)
        return Number(own[min(len(own) - 1, len(own) * 9 // 10)], len(own), tuple(own))

    return Beside(ninth_decile("hub"), ninth_decile("legacy"))


def _rows(
    look: Look, entity: type[Record], names: Iterable[str], where: Callable[[Any], Any] | None = None
) -> Iterable[Any]:
    table = CANONICAL_TABLES[entity]
    query = select(*(table.c[name] for name in names)).where(known(table, None), table.c.market == look.market.id)
    return look.connection.execute(query if where is None else query.where(where(table)))


_FIGURES: Mapping[str, Callable[[_Works], Beside]] = {
    "activation_success": lambda works: _shares(works, _success(works)),
    "activation_time": lambda works: _numbers(works, _hours(works)),
    "first_visit_completion": lambda works: _shares(
        works, {order: each == "done" for order, each in works.visits.items()}
    ),
    "reschedules": lambda works: _shares(works, {order: each == "moved" for order, each in works.visits.items()}),
    "right_first_time": lambda works: _shares(works, _right_first_time(works)),
    "late_charges": _late_charges,
}
