"""What is still under way on each path of a hand-off: an order ends where it began, so both sides run dry slowly."""

from dataclasses import dataclass

from sqlalchemy import Connection

from canonical_model.orders import ProductOrder
from handoffs.authority import authority_over
from handoffs.stages import LED_BY, Handoff, Writer
from hub.readiness.orders_around import UNFINISHED_STATES
from hub.takeover.authority import history_of, since_ordered
from hub.workplace import Hub
from storage.current_records import records_among
from storage.work_facts import facts_of_order
from storage.work_paths import paths_of


@dataclass(frozen=True, slots=True)
class Draining:
    """Open orders by whose path they are on, as their works are named.

    Attributes:
        waits_for: the hand-off that leads this one, where legacy has not retired from it.
    """

    hub: tuple[str, ...] = ()
    legacy: tuple[str, ...] = ()
    waits_for: Handoff | None = None

    @property
    def keeps_legacy(self) -> str:
        """Why legacy cannot retire yet, in a sentence; empty where its path is dry and stays so."""
        if self.waits_for is not None:
            leads = self.waits_for.replace("_", " ")
            return f"legacy has not retired from {leads}, and ends what it begins there"
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
    paths = _paths(connection, hub, market_id, handoff)
    leading = LED_BY.get(handoff)
    waits = leading is not None and history_of(connection, hub, market_id, leading)[-1].stage != "legacy_retired"
    return Draining(
        tuple(work for work, writer in paths.items() if writer == "hub"),
        tuple(work for work, writer in paths.items() if writer == "legacy"),
        leading if waits else None,
    )


def _paths(connection: Connection, hub: Hub, market_id: str, handoff: Handoff) -> dict[str, Writer]:
    """On whose path each open order is, or would be if it were begun now."""
    market = hub.operator.markets[market_id]
    orders: dict[str, list[ProductOrder]] = {}
    for each in records_among(connection, ProductOrder, market_id, "state", UNFINISHED_STATES):
        orders.setdefault(f"order/{each.order_number}", []).append(each)
    begun = {each.work: each.writer for each in paths_of(connection, market_id, handoff)}
    history = history_of(connection, hub, market_id, handoff)
    leads = _paths(connection, hub, market_id, LED_BY[handoff]) if handoff in LED_BY else {}
    paths: dict[str, Writer] = {}
    for work, records in sorted(orders.items()):
        writer = begun.get(work)
        if writer is None:
            facts = facts_of_order(connection, market, records)
            if facts is None:
                continue
            acts = authority_over(since_ordered(history, facts), facts).actor
            writer = "hub" if acts == "hub" and leads.get(work) != "legacy" else "legacy"
        paths[work] = writer
    return paths
