"""How an order stands before anything is done for it: begun already, closed, another's, or stopped."""

from collections.abc import Collection, Sequence

from canonical_model.orders import OrderType, ProductOrder
from handoffs.stages import Authority
from hub.readiness.orders_around import OPEN_STATES
from hub.readiness.outcome import Readiness
from hub.workplace import Hub
from provisioning.saga import SagaKind
from storage.sagas import Saga, sagas


def begun_before(hub: Hub, order: ProductOrder, kinds: Collection[SagaKind]) -> list[Saga]:
    """Sagas of some kinds that were begun for an order, oldest first.

    Raises:
        RetryableError: the database is out of reach.
    """
    with hub.database.reading() as connection:
        found = sagas(connection, order_number=order.order_number, market=order.market)
    return [each for each in found if each.kind in kinds]


def stands_already(
    order: ProductOrder, types: Collection[OrderType], before: Sequence[Saga], *, again: bool
) -> Readiness | None:
    """How an order stands that is not begun now; None where it may be.

    Args:
        order: that is looked at.
        types: of orders that may be begun.
        before: what was begun for it, oldest first.
        again: a saga that was undone is tried again.
    """
    if before and not (again and before[-1].state == "undone"):
        return Readiness(order.order_number, "begun", said=f"saga {before[-1].key}", saga=before[-1])
    if order.order_type not in types or order.state not in OPEN_STATES:
        return Readiness(order.order_number, "closed", said=f"a {order.order_type} order that is {order.state}")
    return None


def not_led(order: ProductOrder, provisions: Authority, *others: Authority) -> Readiness | None:
    """How an order stands that the hub does not lead; None where it does.

    Args:
        order: that is looked at.
        provisions: who provisions it.
        others: who acts further on, which only matters where nobody may.
    """
    if provisions.actor == "legacy":
        return Readiness(order.order_number, "not_ours", said=provisions.reason, authority=provisions)
    stopped = next((each for each in (provisions, *others) if each.actor == "nobody"), None)
    return None if stopped is None else Readiness(order.order_number, "stopped", said=stopped.reason)
