"""Shadow of a market: the hub states what it would do, waits for legacy to act, and compares."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from handoffs.stages import AUTHORITY, HANDOFFS, Handoff
from hub.operator_folder.comparisons_folder import Comparisons
from hub.snapshots import market_of
from hub.takeover.authority import history_of
from hub.takeover.shadow.handoff_pass import HandoffOutcome, HandoffPass
from hub.takeover.shadow.standing_bills import standing_bills
from hub.takeover.shadow.tables import market_tables
from hub.takeover.shadow.versions import compared_under
from hub.workplace import Hub


@dataclass(frozen=True, slots=True)
class ShadowOutcome:
    """What a pass made of a market, by hand-off; only those that state intents."""

    market: str
    handoffs: Mapping[Handoff, HandoffOutcome]


def shadow_market(
    hub: Hub,
    market_id: str,
    now: datetime,
    *,
    recorded: Collection[Handoff] | None = None,
    comparisons: Comparisons | None = None,
) -> ShadowOutcome:
    """State what the hub would do with a market's orders, and compare what can be compared; again changes nothing.

    Looked at are orders of which anything became known since the last pass, those that still wait, those whose
    explanation came, ended or was withdrawn, and those of which other bills are known by now.

    Args:
        hub: the operator's hub.
        market_id: whose orders.
        now: when this happens.
        recorded: hand-offs that state intents; None for those whose stage does.
        comparisons: how hand-offs are compared; None for the operator's.

    Raises:
        ConfigurationError: there is no such market.
        UnsafeToContinue: a snapshot is not what it was.
        RetryableError: the database is out of reach; what was written stays, and the next pass goes on.
    """
    market = market_of(hub.operator, market_id)
    stating = set(recorded_handoffs(hub, market_id) if recorded is None else recorded)
    known = comparisons or hub.operator.comparisons
    tables = market_tables(market, hub.operator)
    outcomes = {}
    for handoff in HANDOFFS:
        if handoff in stating:
            bills = standing_bills(hub, market_id) if handoff == "field_to_billing" else None
            versions = compared_under(hub.operator, market_id, handoff, known)
            outcomes[handoff] = HandoffPass(hub, tables, known[handoff], handoff, bills, versions, now).passed()
    return ShadowOutcome(market_id, outcomes)


def recorded_handoffs(hub: Hub, market_id: str) -> list[Handoff]:
    """The hand-offs of a market whose stage records intents.

    Raises:
        RetryableError: the database is out of reach.
    """
    with hub.database.reading() as connection:
        stages = {each: history_of(connection, hub, market_id, each)[-1].stage for each in HANDOFFS}
    return [each for each in HANDOFFS if AUTHORITY[stages[each], False].records_intent]
