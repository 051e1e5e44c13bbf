"""What other orders mean for an order of a new service: whose service it is, and who is in its way; pure."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from canonical_model.orders import OrderState, ProductOrder
from provisioning.unavailability import Unavailability

OPEN_STATES: tuple[OrderState, ...] = ("pending", "inProgress")
"""States of an order that is to be fulfilled now. One that is ``acknowledged`` may still be a quote."""

UNFINISHED_STATES: tuple[OrderState, ...] = (*OPEN_STATES, "held", "assessingCancellation", "pendingCancellation")
"""States of an order that somebody may still be carrying out."""

DEAD_STATES: tuple[OrderState, ...] = ("cancelled", "rejected", "failed")


def placed(order: ProductOrder) -> tuple[bool, object, str]:
    """Sorts orders by when they were placed, those of an unknown moment last."""
    return (order.ordered_at is None, order.ordered_at or "", order.order_number)


def order_as_of(order: ProductOrder, moment: datetime) -> ProductOrder:
    """An order as it stood at a moment: what was completed since was under way then."""
    if order.state != "completed" or order.completed_at is None or order.completed_at <= moment:
        return order
    return order.model_copy(update={"state": "inProgress", "completed_at": None})


def service_of(order: ProductOrder, of_account: Iterable[ProductOrder]) -> str:
    """The service that an order brings, as findings name it.

    Args:
        order: of a new service.
        of_account: every order of its account.
    """
    before = any(
        each.order_type == "new" and each.state in (*OPEN_STATES, "completed") and placed(each) < placed(order)
        for each in of_account
    )
    return f"{order.account_number}/{order.order_number}" if before else order.account_number


def duplicates(order: ProductOrder, at_premise: Iterable[ProductOrder]) -> list[Unavailability]:
    """The same premise was to get a new service before, and still is."""
    earlier = [
        each
        for each in at_premise
        if each.order_type == "new" and each.state in OPEN_STATES and placed(each) < placed(order)
    ]
    return [Unavailability("duplicateOrder", f"order {each.order_number}") for each in earlier[:1]]


def occupants(
    order: ProductOrder,
    at_premise: Iterable[ProductOrder],
    of_account: Callable[[str], Sequence[ProductOrder]],
) -> list[Unavailability]:
    """Another account had a service delivered here, and has neither ceased it nor moved since.

    Args:
        order: of a new service.
        at_premise: every order at its premise.
        of_account: gives every order of an account.
    """
    others = {each.account_number for each in at_premise if each.account_number != order.account_number}
    last: dict[str, ProductOrder] = {}
    for account in others:
        done = [each for each in of_account(account) if each.state == "completed" and each.order_type != "change"]
        if done:
            last[account] = max(done, key=_completed)
    there = sorted(
        account
        for account, each in last.items()
        if each.order_type in ("new", "move") and each.premise_id == order.premise_id
    )
    return [Unavailability("lineOccupied", f"account {account}") for account in there]


def _completed(order: ProductOrder) -> float:
    moment = order.completed_at or order.ordered_at
    return 0.0 if moment is None else moment.timestamp()
