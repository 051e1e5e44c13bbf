"""Which orders are the hub's own in one hand-off: those that it has begun there, by the paths of works.

What the hub did in one hand-off makes no other one its own: where it provisions and legacy sends the trucks, the
visits are legacy's.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta

from canonical_model.orders import ProductOrder
from handoffs.stages import Handoff
from hub.takeover.signals.acted import ActedSaga, order_of
from hub.takeover.signals.look import Look
from storage.effects import Effect
from storage.readiness_holds import held_orders
from storage.work_paths import WorkPath, paths_kept_since, paths_of

_ORDER = "order/"
_SKEW = timedelta(days=1)
"""An order may begin a little before it was placed, by the clock of whoever took it."""


def own_orders(look: Look, handoff: Handoff, since: datetime) -> Mapping[str, datetime]:
    """When the hub began each order that is its own in a hand-off, by number.

    Args:
        look: at the market.
        handoff: whose paths count.
        since: from when on orders are asked about; those that began earlier are left out.
    """
    begun = _begun(look, handoff, since)
    own = {number: each.began_at for number, each in begun.items() if each.writer == "hub"}
    before = _before_paths(look, handoff)
    return own | {number: at for number, at in before.items() if number not in begun and at >= since - _SKEW}


def own_accounts(look: Look, handoff: Handoff, orders: Collection[str]) -> set[str]:
    """Whom the hub has acted for in a hand-off: the accounts of its orders, and those that its journals name there.

    Args:
        look: at the market.
        handoff: which.
        orders: numbers of those that are the hub's own in it.
    """
    told = {
        str(each.fields["account_number"]) for each in _effects(look, handoff) if each.fields.get("account_number")
    }
    led = {each.facts.account_number for each in _sagas(look, handoff)}
    return told | led | {each.account_number for each in look.among(ProductOrder, "order_number", orders)}


def stands_with_hub(look: Look, handoff: Handoff, since: datetime) -> set[str]:
    """Orders of the hub that nobody has begun yet, for something is in their way; as ``own_orders``."""
    if handoff != "order_to_provisioning":
        return set()
    held = {each.order_number for each in held_orders(look.connection, look.market.id)}
    return held - _begun(look, handoff, since).keys()


def _begun(look: Look, handoff: Handoff, since: datetime) -> dict[str, WorkPath]:
    """The paths of orders since a moment, by number."""
    paths = paths_of(look.connection, look.market.id, handoff, since=since - _SKEW)
    return {each.work.removeprefix(_ORDER): each for each in paths if each.work.startswith(_ORDER)}


def _before_paths(look: Look, handoff: Handoff) -> dict[str, datetime]:
    """What the hub began in a hand-off by its journals, before paths were kept."""
    kept_since = paths_kept_since(look.connection, look.market.id)
    first: dict[str, datetime] = {}
    acts = [(order_of(each), each.enqueued_at) for each in _effects(look, handoff)]
    acts += [(each.saga.order_number, each.saga.began_at) for each in _sagas(look, handoff)]
    for number, at in acts:
        if number is not None and (kept_since is None or at < kept_since):
            first[number] = min(at, first.get(number, at))
    return first


def _effects(look: Look, handoff: Handoff) -> Iterator[Effect]:
    return (each for each in look.acted.effects if each.handoff == handoff)


def _sagas(look: Look, handoff: Handoff) -> Iterator[ActedSaga]:
    """Sagas that provision; one that bills what legacy has provisioned is told by what it tells."""
    provisions = handoff == "order_to_provisioning"
    return (each for each in look.acted.sagas if provisions and each.saga.kind != "take_on")
