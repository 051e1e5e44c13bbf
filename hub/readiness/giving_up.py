"""Give up what waits for a technician of an order that was called off, so that nobody drives for it."""

from datetime import datetime

from canonical_model.errors import UnsafeToContinue
from canonical_model.orders import ProductOrder
from hub.readiness.orders_around import DEAD_STATES
from hub.sagas.decisions import give_up
from hub.workplace import Hub
from provisioning.saga import SagaKind, StepName
from storage.current_records import records_among
from storage.sagas import Saga, sagas

_WAITING: frozenset[tuple[SagaKind, StepName]] = frozenset(
    {
        ("activate", "discover"),
        ("activate", "match"),
        ("take_on", "verify"),
        ("move", "discover"),
        ("move", "match"),
    }
)
"""Where a saga has seen nothing of a new line, and has told nobody of it: only a technician's visit leads on."""
_MOST = 20_000


def give_up_called_off(hub: Hub, market: str, now: datetime) -> list[Saga]:
    """Give up every saga of a market that waits for the visit of an order which was called off.

    What has come further is left alone: a gate asks a person about its job (GT-18).

    Args:
        hub: the operator's hub.
        market: whose orders.
        now: when this happens.

    Returns:
        Those that were given up; their job is called off, and their place given free, once they are undone.

    Raises:
        RetryableError: the database is out of reach.
    """
    with hub.database.reading() as connection:
        there = sagas(connection, states=("running", "held"), market=market, most=_MOST)
        waiting = [each for each in there if (each.kind, each.step) in _WAITING and each.order_number is not None]
        numbers = {each.order_number for each in waiting if each.order_number is not None}
        states = {
            order.order_number: order.state
            for order in records_among(connection, ProductOrder, market, "order_number", numbers)
        }
    dead = [each for each in waiting if states.get(each.order_number or "") in DEAD_STATES]
    return [given for each in dead if (given := _given_up(hub, each, now, states[each.order_number or ""]))]


def _given_up(hub: Hub, saga: Saga, now: datetime, state: str) -> Saga | None:
    try:
        return give_up(hub, saga, now, actor="hub", why=f"its order is {state}")
    except UnsafeToContinue:
        return None  # somebody has led it on meanwhile: it is looked at again in the next round
