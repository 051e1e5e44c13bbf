"""What is known of a piece of work before anybody acts on it: when it was ordered, of what kind, and where."""

from collections.abc import Sequence

from sqlalchemy import Connection

from canonical_model.markets import Market
from canonical_model.orders import ProductOrder
from canonical_model.places import Premise
from handoffs.cohort import WorkFacts
from storage.current_records import current_records, records_among
from storage.sagas import saga_with_key


def work_facts(connection: Connection, market: Market, work: str) -> WorkFacts:
    """What is known of ``order/<number>``, ``saga/<key>``, or of what came up otherwise.

    An order that several systems know was placed when the first of them says so.
    """
    kind, _, name = work.partition("/")
    if kind == "order":
        orders = records_among(connection, ProductOrder, market.id, "order_number", [name])
        return facts_of_order(connection, market, orders) or WorkFacts(market.id, work, technology=market.technology)
    saga = saga_with_key(connection, name) if kind == "saga" else None
    if saga is None:
        return WorkFacts(market.id, work, technology=market.technology)
    account = saga.service_id.partition("/")[0]
    orders = current_records(connection, ProductOrder, market.id, account_number=account)
    delivered = [each for each in orders if each.premise_id is not None and each.order_type in ("new", "move")]
    town = _town(connection, market, sorted(delivered, key=_placed)[-1:])
    return WorkFacts(market.id, work, saga.began_at, saga.kind, market.technology, town)


def facts_of_order(connection: Connection, market: Market, orders: Sequence[ProductOrder]) -> WorkFacts | None:
    """What is known of an order, from every record that systems have of it; None where none has any."""
    if not orders:
        return None
    first = min(orders, key=_placed)
    return WorkFacts(
        market=market.id,
        work=f"order/{first.order_number}",
        placed_at=first.ordered_at,
        order_type=first.order_type,
        technology=market.technology,
        town=_town(connection, market, orders),
    )


def _town(connection: Connection, market: Market, orders: Sequence[ProductOrder]) -> str | None:
    places = {each.premise_id for each in orders if each.premise_id is not None}
    premises = records_among(connection, Premise, market.id, "source_id", places) if places else []
    return next((each.city for each in premises if each.city), None)


def _placed(order: ProductOrder) -> tuple[bool, float, str]:
    placed = order.ordered_at
    return placed is None, 0.0 if placed is None else placed.timestamp(), order.order_number
