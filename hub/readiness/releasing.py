"""Give free what is kept for orders that will not come: called off, gone, undone, or never begun (RL-B08)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from canonical_model.orders import ProductOrder
from hub.readiness.calling_off import call_off
from hub.readiness.keeping import give_free
from hub.readiness.order_records import DEAD_STATES, OPEN_STATES
from hub.takeover.authority import MayAct
from hub.workplace import Hub
from storage.current_records import records_among
from storage.line_use import orders_with_sagas
from storage.reservations import Reservation, held_lines

KEEP_FOR = timedelta(days=14)
"""How long a place is kept for an order whose saga does not begin."""


@dataclass(frozen=True, slots=True)
class Released:
    """What was given free, and why."""

    line: Reservation
    why: str


def release_dead(
    hub: Hub, market: str, now: datetime, may_act: MayAct, keep_for: timedelta = KEEP_FOR
) -> list[Released]:
    """Give free every line, with its device, that is kept for an order that will not come.

    The job of an order that was cancelled is called off first, where nobody has set out for it.

    What a saga works at, or has brought to life, is left alone.

    Args:
        hub: the operator's hub.
        market: whose lines.
        now: when this happens.
        may_act: who may act.
        keep_for: how long a place is kept for an order whose saga does not begin.

    Raises:
        RetryableError: the database is out of reach.
    """
    with hub.database.reading() as connection:
        lines = held_lines(connection, market)
        numbers = {each.order_number for each in lines}
        orders = {
            each.order_number: each
            for each in records_among(connection, ProductOrder, market, "order_number", numbers)
        }
        standing = orders_with_sagas(connection, market)
    found = []
    for line in lines:
        why = _why(line, orders.get(line.order_number), standing.get(line.order_number), now - keep_for)
        if why is None:
            continue
        order = orders.get(line.order_number)
        is_cancelled = order is not None and order.state in DEAD_STATES
        if is_cancelled and not call_off(hub, market, line.order_number, now, may_act, why):
            continue
        with hub.database.journaling() as connection:
            if orders_with_sagas(connection, market).get(line.order_number):
                continue  # another process has begun it since we looked
            if give_free(connection, market, line.order_number, now, why):
                found.append(Released(line, why))
    return found


def _why(line: Reservation, order: ProductOrder | None, is_wanted: bool | None, lapsed: datetime) -> str | None:
    """Why a line is kept in vain; None where it is not.

    Args:
        line: that is kept.
        order: for which.
        is_wanted: whether a saga is under way or done; None where none was begun.
        lapsed: what is kept since then or longer, and was not begun, has lapsed.
    """
    if is_wanted:
        return None
    if order is None:
        return "the order is gone"
    if order.state in DEAD_STATES:
        return f"the order is {order.state}"
    if is_wanted is False:
        return None if order.state in OPEN_STATES else f"its saga was undone, and the order is {order.state}"
    return "kept for too long and never begun" if line.reserved_at <= lapsed else None
