"""A service that is changed, suspended and restored on a real NETCONF server and a real AAA server."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hub.effects.drain import drain
from hub.sagas.advance import advance
from hub.sagas.asking import cease_service, change_tier, restore_service, suspend_service
from hub.sagas.beginning import begin_saga
from hub.sagas.desk import Desk
from hub.sagas.elements import open_element
from hub.sagas.wishes import Wish
from hub.workplace import Hub
from provisioning.line import Line, Settings
from storage.sagas import Saga
from tests.fakes.effects import START, HandClock, Stages
from tests.fakes.led_sagas import SERVICE, Orders, done, facts_of, now_of, story, told_by
from tests.fakes.lines import ONT
from tests.fakes.lumen_valley import LumenValley
from tests.fakes.real_elements import PORT, V_ANI, RealElements, real_elements


@pytest.fixture
def elements(operator: LumenValley, tmp_path: Path) -> Iterator[RealElements]:
    with real_elements(operator, tmp_path) as running:
        yield running


@pytest.fixture
def hub(elements: RealElements, tmp_path: Path) -> Iterator[Hub]:
    with elements.operator.hub(tmp_path / "work") as opened:
        yield opened


@pytest.fixture
def desk(hub: Hub, clock: HandClock, stages: Stages) -> Iterator[Desk]:
    with Desk(hub, hub.operator.network, lambda name: open_element(hub, name), clock, stages) as opened:
        yield opened


@pytest.fixture
def active(desk: Desk, elements: RealElements, clock: HandClock) -> Saga:
    """A service that works and is billed."""
    saga = begin_saga(desk.hub, "activate", elements.wish(desk.hub), START)
    elements.olt.plug(ONT, PORT)
    advance(desk)
    elements.olt.plug(ONT, PORT, V_ANI)
    elements.logs_in(line_of(saga).username, "s-1")
    for _ in range(20):  # a soak counts no time in which nobody looked
        clock.move(minutes=4)
        advance(desk)
        drain(desk.hub, clock, desk.may_act)
    return done(desk, saga, clock)


def line_of(saga: Saga) -> Line:
    return facts_of(saga).line


def shown(desk: Desk, element: str, line: Line) -> Settings:
    found = desk.driver_of(element).observe(line).settings
    assert found is not None
    return found


def goes_on(desk: Desk, clock: HandClock, saga: Saga, rounds: int = 1) -> Saga:
    for _ in range(rounds):
        clock.move(seconds=61)
        advance(desk)
        drain(desk.hub, clock, desk.may_act)
    return now_of(desk, saga)


def test_suspended_restored_changed_and_ended(
    desk: Desk, elements: RealElements, clock: HandClock, active: Saga
) -> None:
    """Scenarios 34, 35 and 20: what the accounting says is believed, and not the acknowledgement."""
    line = line_of(active)
    suspended = suspend_service(desk.hub, SERVICE, "walled", clock(), Wish(name="r-3", reason="not paid"))
    waiting = goes_on(desk, clock, suspended)
    assert (waiting.step, elements.group(line.username)) == ("end_session", [("walled-garden",)])
    assert elements.aaa.ordered[-1].startswith(f"Disconnect-Request user={line.username}")
    elements.logs_out(line.username, "s-1")
    elements.logs_in(line.username, "s-2")
    assert done(desk, suspended, clock).state == "done"
    assert shown(desk, "rb-olt-calix", line)["enabled"] is True

    restored = restore_service(desk.hub, SERVICE, clock(), Wish(name="p-1"))
    assert goes_on(desk, clock, restored).step == "end_session"
    elements.logs_out(line.username, "s-2")
    waiting = goes_on(desk, clock, restored)
    assert (waiting.step, waiting.reason) == ("verify", "the subscriber has no session in AAA")
    elements.logs_in(line.username, "s-3")
    done(desk, restored, clock)
    assert elements.group(line.username) == [("fiber-500",)]

    changed = change_tier(desk.hub, SERVICE, "fiber-1000", clock(), Wish(name="call-1"))
    assert goes_on(desk, clock, changed).step == "end_session"
    assert shown(desk, "rb-olt-calix", line)["down_mbps"] == 1000
    elements.logs_out(line.username, "s-3")
    elements.logs_in(line.username, "s-4")
    ended = done(desk, changed, clock)
    assert told_by(desk, ended)["change_billing"].fields["billing_code"] == "INT-FBR-1000"

    order, _ = Orders(elements.operator).order(2)
    ceased = cease_service(desk.hub, SERVICE, clock(), Wish(order_number=order))
    assert goes_on(desk, clock, ceased).step == "end_session"
    assert told_by(desk, ceased) == {}
    elements.logs_out(line.username, "s-4")
    done(desk, ceased, clock)
    assert elements.group(line.username) == []
    assert desk.driver_of("rb-olt-calix").observe(line).settings is None
    assert elements.router.tags == []


def test_equipment_that_acknowledges_and_keeps_the_subscriber_on(
    desk: Desk, elements: RealElements, clock: HandClock, active: Saga
) -> None:
    """Scenario 20: told again, then the port is shut until accounting says that it is over."""
    line = line_of(active)
    suspended = suspend_service(desk.hub, SERVICE, "walled", clock(), Wish(name="r-3"))
    waiting = goes_on(desk, clock, suspended, rounds=4)
    assert (waiting.step, waiting.reason.endswith("its port is shut")) == ("end_session", True)
    assert len(elements.aaa.ordered) == 3
    assert shown(desk, "rb-olt-calix", line)["enabled"] is False
    elements.logs_out(line.username, "s-1")
    elements.logs_in(line.username, "s-2")
    done(desk, suspended, clock)
    assert shown(desk, "rb-olt-calix", line)["enabled"] is True
    said = [words for step, event, words in story(desk, suspended) if (step, event) == ("end_session", "waited")]
    assert len(said) == 3


@contextmanager
def another_hub(folder: Path, elements: RealElements, clock: HandClock, stages: Stages) -> Iterator[Desk]:
    """At the same elements, and knows nothing of what was done to them."""
    with (
        elements.operator.hub(folder) as hub,
        Desk(hub, hub.operator.network, lambda name: open_element(hub, name), clock, stages) as opened,
    ):
        yield opened


def test_a_hub_that_comes_later_finds_the_line_as_it_would_have_set_it_up(
    desk: Desk, elements: RealElements, clock: HandClock, stages: Stages, active: Saga, tmp_path: Path
) -> None:
    line = line_of(active)
    before = shown(desk, "rb-olt-calix", line)
    wish = elements.wish(desk.hub).model_copy(update={"line": line})
    elements.router.tags.clear()  # legacy puts none on a router
    with another_hub(tmp_path / "later", elements, clock, stages) as later:
        adopted = begin_saga(later.hub, "adopt", wish, clock())
        advance(later)
        ended = now_of(later, adopted)
        assert (ended.state, ended.reason.startswith("rb-olt-calix, rb-aaa, rb-acs show it")) == ("done", True)
        changed = change_tier(later.hub, SERVICE, "fiber-1000", clock(), Wish(name="c-1", subscription_id="S-1"))
        assert goes_on(later, clock, changed).step == "end_session"
        faster = {"down_mbps": 1000, "up_mbps": 1000, "up_assured_mbps": 50}
        assert shown(later, "rb-olt-calix", line) == {**before, **faster}
        assert elements.router.tags == [f"splice-{SERVICE}"]
    with another_hub(tmp_path / "last", elements, clock, stages) as last:
        adopted = begin_saga(last.hub, "adopt", wish, clock())
        advance(last)
        ended = now_of(last, adopted)
    assert ended.state == "undone"
    assert ended.reason == (
        "access: down_mbps is 1000 instead of 500; access: up_mbps is 1000 instead of 500; access: up_assured_mbps; "
        "aaa: group is fiber-1000 instead of fiber-500"
    )
