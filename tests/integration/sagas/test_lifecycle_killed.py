"""Whatever is done to a service, broken off wherever it touches disk or wire: another process ends it, once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from hub.effects.drain import drain
from hub.sagas.advance import advance
from hub.sagas.asking import (
    cease_service,
    change_tier,
    move_service,
    reapply_service,
    restore_service,
    suspend_service,
    swap_device,
)
from hub.sagas.asking_settings import customize_service
from hub.sagas.desk import Desk
from hub.sagas.wishes import Wish
from hub.workplace import Hub
from storage.sagas import Saga
from tests.fakes.doomed import DoomedDatabase, DoomedDriver, Fate, Killed
from tests.fakes.effects import HandClock, Stages
from tests.fakes.led_sagas import Orders, done, now_of, service_that_was_active, told_by
from tests.fakes.lines import NETWORK, line
from tests.fakes.lumen_valley import LumenValley, lumen_valley
from tests.fakes.told_network import ToldNetwork

MOST_POINTS = 150


@dataclass(frozen=True)
class World:
    """Everything that a case needs to ask for its saga."""

    desk: Desk
    network: ToldNetwork
    clock: HandClock
    orders: Orders
    number: int

    @property
    def service(self) -> str:
        return f"{7_000_000 + self.number}"

    @property
    def other_device(self) -> str:
        return f"CXNK{0xD0000000 + self.number:08X}"

    def wish(self, *, order: bool = False) -> Wish:
        if order:
            return Wish(order_number=self.orders.order(self.number + 200)[0])
        return Wish(name=f"wish-{self.number}")


@dataclass(frozen=True)
class Case:
    """One kind of saga.

    Attributes:
        ask: brings it about, after whatever has to come before it.
        heard: elements on which its changes take effect, each once.
        told: commands, in the order in which they go out.
    """

    ask: Callable[[World], Saga]
    heard: tuple[str, ...]
    told: tuple[str, ...]


def suspend(world: World) -> Saga:
    return suspend_service(world.desk.hub, world.service, "blocked", world.clock(), world.wish())


def restore(world: World) -> Saga:
    done(world.desk, suspend(world), world.clock)
    return restore_service(world.desk.hub, world.service, world.clock(), world.wish())


def swap(world: World) -> Saga:
    asked = swap_device(world.desk.hub, world.service, world.other_device, world.clock(), world.wish())
    world.network.plug(world.other_device, "1/1/1")
    return asked


def move(world: World) -> Saga:
    there = line(world.number, port="1/1/2", username=f"olt-1 1/1/2:{world.number}")
    order = world.wish(order=True)
    world.network.plug(world.other_device, "1/1/2")
    return move_service(
        world.desk.hub, world.service, there, world.clock(), order, serial=world.other_device
    )  # fmt: skip


def reset(world: World) -> Saga:
    serial = f"CXNK{world.number:08X}"
    world.network.tell("acs-1", world.service, {"wifi.ssid": "factory"}, serial)
    return reapply_service(world.desk.hub, world.service, world.clock(), world.wish())


def own_name(world: World) -> Saga:
    return customize_service(world.desk.hub, world.service, {"wifi_name": "Nest"}, world.clock(), world.wish())


CASES = {
    "change_tier": Case(
        lambda w: change_tier(w.desk.hub, w.service, "fiber-1000", w.clock(), w.wish()),
        ("aaa-1", "acs-1", "olt-1"),
        ("change_billing",),
    ),
    "suspend": Case(suspend, ("aaa-1", "olt-1"), ("set_service_status",)),
    "restore": Case(restore, ("aaa-1", "olt-1"), ("set_service_status",)),
    "swap_device": Case(swap, ("acs-1", "acs-1", "olt-1"), ("return_device",)),
    "move": Case(
        move, ("aaa-1", "aaa-1", "acs-1", "acs-1", "olt-1", "olt-1"), ("set_customer_status", "return_device")
    ),
    "cease": Case(
        lambda w: cease_service(w.desk.hub, w.service, w.clock(), w.wish(order=True)),
        ("aaa-1", "acs-1", "olt-1"),
        ("set_customer_status", "set_service_status", "stop_billing", "create_work_order"),
    ),
    "reapply": Case(reset, ("acs-1",), ()),
    "customize": Case(own_name, ("acs-1",), ()),
}


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LumenValley]:
    with lumen_valley(tmp_path_factory.mktemp("told") / "operator", subscribers=400, months=2) as running:
        yield running


@pytest.fixture
def hub(operator: LumenValley, tmp_path: Path) -> Iterator[Hub]:
    with operator.hub(tmp_path / "work") as opened:
        yield opened


def billed_service(world: World, operator: LumenValley) -> None:
    """A service that works, and its subscription."""
    wish = world.orders.wish(world.number, f"CXNK{world.number:08X}", subscription_id=f"SK{world.number}")
    row: dict[str, Any] = {"startDate": "2026-11-01", "endDate": None, "status": "ACTIVE", "suspensions": []}
    books = operator.running.books.billing["subscriptions"]
    books[:] = [each for each in books if each["subscriptionId"] != wish.subscription_id]
    books.append(
        {
            "subscriptionId": wish.subscription_id,
            "accountNumber": wish.account_number.zfill(10),
            "marketCode": "RB",
            "planCode": "INT-FBR-0500",
            "modified": "2026-11-01T00:00:00Z",
            **row,
        }
    )
    service_that_was_active(world.desk, world.network, wish)


@pytest.mark.parametrize("kind", CASES)
def test_killed_anywhere_it_is_done_once(
    operator: LumenValley, hub: Hub, network: ToldNetwork, clock: HandClock, stages: Stages, kind: str
) -> None:
    case, orders = CASES[kind], Orders(operator)
    points, survived = 0, False
    for number in range(1, MOST_POINTS):
        with Desk(hub, NETWORK, network.driver, clock, stages) as desk:
            world = World(desk, network, clock, orders, number)
            billed_service(world, operator)
            saga = case.ask(world)
        before = len(network.heard_of(world.service))
        fate = Fate(strikes_at=number)
        doomed = replace(hub, database=DoomedDatabase(hub.database, fate))  # type: ignore[arg-type]
        desk = Desk(doomed, NETWORK, lambda name, fate=fate: DoomedDriver(network.driver(name), fate), clock, stages)  # type: ignore[misc]
        try:
            advance(desk, only=saga.id)
            survived = True
        except Killed:
            points += 1
        with Desk(hub, NETWORK, network.driver, clock, stages) as other:
            for _ in range(6):
                clock.move(minutes=6)
                advance(other)
                drain(hub, clock, stages)
                if now_of(other, saga).state == "done":
                    break
            after = now_of(other, saga)
            told = list(told_by(other, saga).values())
        where = f"killed at point {number}: {after.reason}"
        assert after.state == "done", where
        assert sorted(network.heard_of(world.service)[before:]) == sorted(case.heard), where
        assert [(each.command, each.state) for each in told] == [(name, "done") for name in case.told], where
        network.unplug(f"CXNK{number:08X}")
        network.unplug(world.other_device)
        if survived:
            break
    assert survived
    assert points > 10
