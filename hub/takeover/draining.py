"""What is still under way on each path of a hand-off: an order ends where it began, so both sides run dry slowly."""

from dataclasses import dataclass

from sqlalchemy import Connection

from canonical_model.orders import OrderState, ProductOrder
from handoffs.authority import authority_over
from handoffs.stages import Handoff
from hub.takeover.authority import history_of, since_ordered
from hub.workplace import Hub
from storage.current_records import records_among
from storage.work_facts import facts_of_order
from storage.work_paths import paths_of

_OPEN: tuple[OrderState, ...] = ("pending", "held", "inProgress", "assessingCancellation", "pendingCancellation")


@dataclass(frozen=True, slots=True)
class Draining:
    """Open orders by whose path they are on, as their works are named."""

    hub: tuple[str, ...] = ()
    legacy: tuple[str, ...] = ()

    @property
    def keeps_legacy(self) -> str:
        """Why legacy cannot retire yet, in a sentence; empty where its path is dry."""
        if not self.legacy:
            return ""
        more = f" and {len(self.legacy) - 3} more" if len(self.legacy) > 3 else ""
        listed = f"{', '.join(self.legacy[:3])}{more}"
        return f"{len(self.legacy)} open orders are still on legacy's path ({listed}): it retires when they are done"


NOTHING_OPEN = Draining()


def draining_in(connection: Connection, hub: Hub, market_id: str, handoff: Handoff) -> Draining:
    """What is open of a hand-off in a market, and on whose path.

    Args:
        connection: of a transaction.
        hub: the operator's hub.
        market_id: where.
        handoff: of what.
    """
    market = hub.operator.markets[market_id]
    orders: dict[str, list[ProductOrder]] = {}
    for each in records_among(connection, ProductOrder, market_id, "state", _OPEN):
        orders.setdefault(f"order/{each.order_number}", []).append(each)
    begun = {each.work: each.writer for each in paths_of(connection, market_id, handoff)}
    history = history_of(connection, hub, market_id, handoff)
    sides: dict[str, list[str]] = {"hub": [], "legacy": []}
    for work, records in sorted(orders.items()):
        writer = begun.get(work)
        if writer is None:
            facts = facts_of_order(connection, market, records)
            if facts is None:
                continue
            acts = authority_over(since_ordered(history, facts), facts).actor
            writer = "hub" if acts == "hub" else "legacy"
        sides[writer].append(work)
    return Draining(tuple(sides["hub"]), tuple(sides["legacy"]))
