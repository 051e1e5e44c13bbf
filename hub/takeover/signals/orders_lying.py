"""Orders for which nobody has made a job, days after legacy would have: each side may take them for the other's.

No work fails by this, no feed is quiet, and nothing is billed: it is seen only by what is missing. How long an order
lies until its job is made is held against the orders of the weeks before.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from canonical_model.field_work import WorkOrder
from canonical_model.orders import OrderState, OrderType
from handoffs.rollback import Signal
from handoffs.stages import Handoff
from handoffs.statistics import Share, difference
from hub.takeover.signals.acted import work_of
from hub.takeover.signals.look import Look, signal
from storage.current_records import orders_since
from storage.readiness_holds import held_orders

_MAKES_JOBS: tuple[Handoff, ...] = ("order_to_provisioning", "provisioning_to_dispatch")
_WANTS_A_JOB: tuple[OrderType, ...] = ("new", "move")
_CALLED_OFF: frozenset[OrderState] = frozenset(
    {"rejected", "cancelled", "failed", "assessingCancellation", "pendingCancellation"}
)
_SAID = frozenset[OrderState]({"held", "partial"})
"""States in which somebody has said that something is in an order's way."""

_BEFORE = timedelta(days=120)
_LEAST_BEFORE = 20
_LEAST_LYING = 3
_SOONEST = timedelta(days=2)
_LATEST = timedelta(days=21)
_CONFIDENCE = Decimal("99.9")
"""It is asked every few minutes for weeks."""


@dataclass(frozen=True, slots=True)
class _Order:
    """An order that wants a job; ``waited`` is how long it lay until there was one, or all was done, if there was."""

    number: str
    kind: OrderType
    state: OrderState
    placed_at: datetime
    waited: timedelta | None

    @property
    def lies(self) -> bool:
        return self.waited is None and self.state not in _SAID


def find(look: Look) -> Iterator[Signal]:
    """Orders that lie longer than nineteen of twenty did before, where there are more of them than by chance."""
    lying, of = _lying(look)
    found = {
        work_of(each.number): f"order {each.number} of {each.placed_at:%Y-%m-%d} has no job, and nobody says why"
        for each in lying
    }
    for handoff in _MAKES_JOBS:
        yield from signal(look, "orders_lying", handoff, found, of=of)


def _lying(look: Look) -> tuple[list[_Order], int]:
    """Those that lie, and how many orders are old enough to."""
    known = {each.order_number for each in held_orders(look.connection, look.market.id)}
    orders = [each for each in _orders(look, look.since) if each.number not in known]
    if sum(each.lies and look.now - each.placed_at > _SOONEST for each in orders) < _LEAST_LYING:
        return [], 0  # the weeks before need not be read
    then = [each for each in _orders(look, look.since - _BEFORE) if each.placed_at < look.since]
    lying: list[_Order] = []
    ours = theirs = late = 0
    for kind in _WANTS_A_JOB:
        before = [each for each in then if each.kind == kind and look.now - each.placed_at > _LATEST]
        usual = _usual(before)
        if usual is None:
            continue
        old = [each for each in orders if each.kind == kind and look.now - each.placed_at > usual]
        lying += [each for each in old if each.lies]
        ours, theirs = ours + len(old), theirs + len(before)
        late += sum(each.waited is None or each.waited > usual for each in before)
    if len(lying) < _LEAST_LYING:
        return [], ours
    is_more = difference(Share(len(lying), ours), Share(late, theirs), _CONFIDENCE).low > 0
    return (lying if is_more else []), ours


def _usual(before: Sequence[_Order]) -> timedelta | None:
    """Within how long nineteen of twenty orders had their job; None where that was no use, or too few are known."""
    waits = sorted(_LATEST if each.waited is None else each.waited for each in before)
    if len(waits) < _LEAST_BEFORE:
        return None
    usual = waits[len(waits) * 19 // 20]
    return None if usual >= _LATEST else max(usual, _SOONEST)


def _orders(look: Look, since: datetime) -> list[_Order]:
    """Orders placed since a moment that were not called off."""
    placed = {each.order_number: each for each in orders_since(look.connection, look.market.id, since, _WANTS_A_JOB)}
    made: dict[str, list[datetime | None]] = defaultdict(list)
    for job in look.among(WorkOrder, "order_number", placed):
        made[job.order_number].append(job.created_at)
    orders = []
    for number, each in placed.items():
        if each.ordered_at is None or each.state in _CALLED_OFF:
            continue
        ends = [each.ordered_at if at is None else at for at in made[number]]
        if each.state == "completed":
            ends.append(each.completed_at or each.ordered_at)
        waited = min(ends) - each.ordered_at if ends else None
        orders.append(_Order(number, each.order_type, each.state, each.ordered_at, waited))
    return orders
