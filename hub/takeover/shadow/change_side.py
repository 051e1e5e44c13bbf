"""Order to provisioning, of a change of tier: what the hub would tell the network beside what the network shows."""

from datetime import datetime

from handoffs.shadow.rows import ShadowRow
from hub.takeover.shadow.histories import OrderHistory
from hub.takeover.shadow.plan_side import Values, network_evidence
from hub.takeover.shadow.sold_as import profile_sold
from hub.takeover.shadow.tables import MarketTables


def changed_row(history: OrderHistory, tables: MarketTables, now: datetime) -> ShadowRow | None:
    """What the hub would tell the network of a change of tier beside what the network shows of it.

    The line stays where it is, so that nothing is said of it. An order that names no offering is about what is sold
    beside the access and has no row, nor has one of a service whose device no element shows.

    Args:
        history: of the order.
        tables: of its market.
        now: from which an order of an unknown moment counts.
    """
    if history.order.offering_id is None or history.device is None:
        return None
    intent = _intended(history, tables)
    observed = _shown(history, tables, intent)
    evidence = network_evidence(history, tables)
    return ShadowRow(history.work, history.order.ordered_at or now, intent, observed, evidence)


def _intended(history: OrderHistory, tables: MarketTables) -> Values:
    profile = profile_sold(history, tables)
    if profile is None:
        return {"serviceable": False, "reasons": f"no profile of {history.order.offering_id} is known"}
    return {
        "serviceable": True,
        "offering": profile.offering_id,
        "technology": tables.market.technology,
        "down_mbps": profile.bandwidth.down_maximum,
        "up_mbps": profile.bandwidth.up_maximum,
        "aaa_profile": profile.aaa_group,
    }


def _shown(history: OrderHistory, tables: MarketTables, intent: Values) -> Values | None:
    """What the network shows once the order is said to be done, or once it shows what was ordered."""
    device = history.device
    offering = None if device is None or device.profile is None else tables.by_profile.get(device.profile)
    if history.order.state != "completed" and (offering is None or offering != intent.get("offering")):
        return None
    if device is None or history.is_changed_since:
        return {"serviceable": True}
    return {
        "serviceable": True,
        "offering": offering,
        "technology": tables.market.technology,
        "aaa_profile": device.profile,
    }
