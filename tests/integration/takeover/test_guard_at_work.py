"""The guard of a worker looks at each work that was touched, and at whole markets in turn; harm goes back at once."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from hub.effects.drain import drain
from hub.readiness.beginning import begin_ready
from hub.takeover.at_work import WHOLE_EVERY, GuardAtWork
from hub.workplace import Hub
from storage.guard_passes import guard_passes
from storage.takeover import lease_of
from tests.fakes.effects import HandClock
from tests.fakes.lumen_valley import LumenValley
from tests.fakes.ready_orders import MARKET, OrderBook
from tests.fakes.taking_over import TakeOver

DISPATCH = "provisioning_to_dispatch"


@pytest.fixture
def hub(operator: LumenValley, tmp_path: Path) -> Iterator[Hub]:
    """Its records are said one by one, and no stream is ever pulled to its end."""
    old = "markets: {riverbend: {rollback: {stale_feed: {above: 99999}}}}"
    (operator.folder / "handoffs.yaml").write_text(old, encoding="utf-8")
    with operator.hub(tmp_path / "work") as opened:
        yield opened


def dispatched(hub: Hub, book: OrderBook, taking: TakeOver, clock: HandClock) -> str:
    """An order for which the hub has made a job."""
    taking.begin_canary("order_to_provisioning", DISPATCH)
    order = book.order(1, ordered_at=clock())
    book.pull(hub)
    begin_ready(hub, MARKET, clock(), taking.may_act)
    drain(hub, clock, taking.may_act)
    return order


def passes(hub: Hub) -> list[tuple[str, ...] | None]:
    with hub.database.reading() as connection:
        return [each.works for each in guard_passes(connection, MARKET)]


def test_a_second_truck_gives_the_hand_off_back_as_soon_as_its_order_is_touched(
    hub: Hub, book: OrderBook, taking: TakeOver, clock: HandClock
) -> None:
    order = dispatched(hub, book, taking, clock)
    guard = GuardAtWork(hub)
    guard.look(clock())
    assert taking.position(DISPATCH).stage == "canary", taking.position(DISPATCH).why
    for number in (8, 9):
        book.job(f"W-{number}", order, created_at=clock() + timedelta(seconds=number))
    book.pull(hub)
    clock.move(seconds=1)
    guard.touch([(MARKET, f"order/{order}")])
    guard.look(clock())

    given = taking.position(DISPATCH)
    assert (given.stage, given.why.startswith("guard: ")) == ("shadow", True)
    assert taking.position("order_to_provisioning").stage == "canary", "the others stay"


def test_whole_markets_are_looked_at_in_turn_and_the_lease_goes_on(
    hub: Hub, book: OrderBook, taking: TakeOver, clock: HandClock
) -> None:
    order = dispatched(hub, book, taking, clock)
    guard = GuardAtWork(hub)
    guard.look(clock())
    guard.look(clock())
    guard.touch([(MARKET, f"order/{order}"), ("mesa", "order/1")])
    guard.look(clock())
    clock.move(minutes=3)
    guard.look(clock())

    assert passes(hub) == [None, (f"order/{order}",), None]
    with hub.database.reading() as connection:
        lease = lease_of(connection, MARKET, DISPATCH)
    assert lease is not None
    assert lease.until > clock() + WHOLE_EVERY


def test_markets_that_nobody_moved_are_left_alone(hub: Hub, clock: HandClock) -> None:
    guard = GuardAtWork(hub)
    guard.touch([(MARKET, "order/1")])

    assert guard.look(clock()) is False
    assert passes(hub) == []
