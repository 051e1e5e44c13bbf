"""A work that legacy has had no time to act on is missed by nobody; one that waits longer than legacy takes is."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection

from handoffs.comparison import Tally
from handoffs.criteria import Measure
from handoffs.stages import HANDOFFS, Handoff
from handoffs.statistics import Share
from hub.operator_folder.comparisons_folder import shipped_comparisons
from hub.operator_folder.handoffs_file import shipped_policy
from hub.takeover.measuring.measures import Evidence, measures
from hub.takeover.shadow.run import shadow_market
from hub.takeover.signals.look import Look
from hub.workplace import Hub
from storage.shadow_comparisons import tally
from tests.fakes.effects import START
from tests.fakes.ready_orders import MARKET, OrderBook, serials

DAY = timedelta(days=1)
HANDOFF: Handoff = "order_to_provisioning"


def shadowed(hub: Hub, book: OrderBook) -> None:
    """One order that legacy has delivered, and one of each age that it has not."""
    done = book.order(1)
    book.done(done, START + DAY, serials(1)[0], "1/1/1/1")
    for number, days in ((2, 30), (3, 20), (4, 1)):
        book.order(number, ordered_at=START - days * DAY)
    book.pull(hub, START + DAY)
    shadow_market(hub, MARKET, START + DAY, recorded=[HANDOFF])


def tallied(hub: Hub, days: int | None) -> Tally:
    settled = None if days is None else START + DAY - days * DAY
    with hub.database.reading() as connection:
        return tally(connection, MARKET, HANDOFF, START - DAY, None, settled)


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_what_waits_is_counted_once_legacy_should_have_acted(hub: Hub, book: OrderBook) -> None:
    shadowed(hub, book)
    assert [tallied(hub, days).waiting for days in (None, 0, 15, 25, 40)] == [3, 3, 2, 1, 0]
    assert tallied(hub, 40).compared == 1


def decided(hub: Hub) -> Measure:
    """What the gate is told, where every version counts."""

    def tally_of(
        connection: Connection, market: str, handoff: Handoff, since: datetime, versions: str, settled: datetime
    ) -> Tally:
        del versions
        return tally(connection, market, handoff, since, None, settled)

    with hub.database.reading() as connection:
        look = Look(connection, hub.operator, hub.operator.markets[MARKET], START + DAY)
        return measures(look, HANDOFF, "shadow", START - DAY, "v", Evidence(tally_of))["decided"]


def test_the_gate_gives_legacy_the_days_that_the_policy_names(hub: Hub, book: OrderBook) -> None:
    shadowed(hub, book)
    assert shipped_policy().settle_time(MARKET, HANDOFF) == 21 * DAY
    assert decided(hub).figure == Share(1, 2), "of those that wait one is of a month ago"


def test_legacy_is_given_up_later_than_it_should_have_acted() -> None:
    """Or nothing would ever be missed: what is given up is compared with nothing."""
    for handoff in HANDOFFS:
        assert shipped_policy().settle_time("", handoff).days < shipped_comparisons()[handoff].pack.patience_days
