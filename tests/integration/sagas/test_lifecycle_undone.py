"""Whatever is given up in its middle: the network is as it was before, and nobody was told anything else."""

from collections.abc import Callable

import pytest

from canonical_model.errors import ConfigurationError
from hub.sagas.asking import cease_service, change_tier, move_service, suspend_service, swap_device
from hub.sagas.decisions import cancel
from hub.sagas.desk import Desk
from hub.sagas.wishes import Wish
from storage.sagas import Saga
from tests.fakes.effects import HandClock
from tests.fakes.led_sagas import SERVICE, Orders, led_on, service_that_was_active, told_by
from tests.fakes.lines import ONT, line
from tests.fakes.lumen_valley import LumenValley
from tests.fakes.told_network import ToldNetwork

NEW = "CXNK00D4E5F6"
ELEMENTS = ("olt-1", "aaa-1", "acs-1")
THERE = line(port="1/1/2", onu_id=9, username="olt-1 1/1/2:9")
Ask = Callable[[Desk, ToldNetwork, HandClock, str], Saga]


def change(desk: Desk, _network: ToldNetwork, clock: HandClock, _order: str) -> Saga:
    return change_tier(desk.hub, SERVICE, "fiber-1000", clock(), Wish(name="w"))


def suspend(desk: Desk, _network: ToldNetwork, clock: HandClock, _order: str) -> Saga:
    return suspend_service(desk.hub, SERVICE, "blocked", clock(), Wish(name="w"))


def swap(desk: Desk, network: ToldNetwork, clock: HandClock, _order: str) -> Saga:
    network.unplug(ONT)
    network.plug(NEW, "1/1/1")
    return swap_device(desk.hub, SERVICE, NEW, clock(), Wish(name="w"))


def move(desk: Desk, network: ToldNetwork, clock: HandClock, order: str) -> Saga:
    network.plug(NEW, "1/1/2")
    return move_service(desk.hub, SERVICE, THERE, clock(), Wish(order_number=order), serial=NEW)


def cease(desk: Desk, _network: ToldNetwork, clock: HandClock, order: str) -> Saga:
    return cease_service(desk.hub, SERVICE, clock(), Wish(order_number=order))


@pytest.mark.parametrize(
    ("ask", "element", "changes"),
    [(change, "acs-1", 0), (suspend, "olt-1", 0), (swap, "acs-1", 1), (move, "aaa-1", 1), (cease, "olt-1", 0)],
    ids=["change_tier", "suspend", "swap_device", "move", "cease"],
)
def test_what_is_given_up_leaves_the_network_as_it_was(
    desk: Desk, network: ToldNetwork, clock: HandClock, operator: LumenValley, ask: Ask, element: str, changes: int
) -> None:
    orders = Orders(operator)
    service_that_was_active(desk, network, orders.wish(subscription_id="S-1"))
    before = {each: network.places(each) for each in ELEMENTS}
    asked = ask(desk, network, clock, orders.order(2)[0])
    network.refuse_after(element, changes)
    held = led_on(desk, asked, clock, rounds=4)
    assert (held.state, held.reason) == ("held", f"{element}: refuses the change")
    assert {each: network.places(each) for each in ELEMENTS} != before
    cancel(desk.hub, held.id, clock(), actor="network engineer", why="not today")
    assert led_on(desk, held, clock).state == "undone"
    assert {each: network.places(each) for each in ELEMENTS} == before
    assert told_by(desk, held) == {}


def test_what_no_system_has_heard_of_is_withdrawn(
    desk: Desk, network: ToldNetwork, clock: HandClock, operator: LumenValley
) -> None:
    """Billing refuses the change, so that nothing of it was done: the network goes back as well."""
    service_that_was_active(desk, network, Orders(operator).wish(subscription_id="none-of-theirs"))
    asked = change_tier(desk.hub, SERVICE, "fiber-1000", clock(), Wish(name="w"))
    held = led_on(desk, asked, clock, rounds=60)
    assert (held.state, held.step, held.person) == ("held", "release", "finance")
    cancel(desk.hub, held.id, clock(), actor="finance", why="no")
    assert {each.state for each in told_by(desk, held).values()} == {"discarded"}
    assert led_on(desk, held, clock).state == "undone"
    assert network.settings("olt-1", SERVICE)["down_mbps"] == 500  # type: ignore[index]


def test_what_a_system_was_told_is_not_given_up(
    desk: Desk, network: ToldNetwork, clock: HandClock, operator: LumenValley
) -> None:
    """The order is closed in the CRM; it is billing that refuses."""
    order = Orders(operator).order(2)[0]
    service_that_was_active(desk, network, Orders(operator).wish(subscription_id="none-of-theirs"))
    asked = cease_service(desk.hub, SERVICE, clock(), Wish(order_number=order))
    held = led_on(desk, asked, clock, rounds=60)
    assert (held.state, held.step) == ("held", "release")
    with pytest.raises(ConfigurationError, match="set_customer_status in crm is done"):
        cancel(desk.hub, held.id, clock(), actor="finance", why="no")
