"""What was given up only goes back, a place of somebody else is left alone, and a defect costs one service."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from canonical_model.errors import ConfigurationError
from hub.effects.drain import drain
from hub.sagas.advance import advance
from hub.sagas.beginning import begin_saga
from hub.sagas.decisions import cancel, resume, waive
from hub.sagas.desk import Desk
from hub.workplace import Hub
from provisioning.facts import SagaFacts
from provisioning.line import FoundDevice
from storage.effects import effects
from storage.sagas import Saga, saga_with
from tests.fakes.activations import OpenOrders, serial_of
from tests.fakes.completions import good_job, report, without
from tests.fakes.effects import START, HandClock, Stages
from tests.fakes.lines import NETWORK
from tests.fakes.lumen_valley import LumenValley
from tests.fakes.told_network import ToldElement, ToldNetwork

PORT = "1/1/1"


@pytest.fixture
def ordered(operator: LumenValley, network: ToldNetwork) -> SagaFacts:
    """An order with a job; its terminal is plugged in."""
    network.plug(serial_of(1), PORT)
    return OpenOrders(operator).facts(1, has_job=True)


def now_of(hub: Hub, saga: Saga) -> Saga:
    with hub.database.reading() as connection:
        found = saga_with(connection, saga.id)
    assert found is not None
    return found


def led_on(desk: Desk, saga: Saga, clock: HandClock, rounds: int = 40) -> Saga:
    for _ in range(rounds):
        advance(desk)
        drain(desk.hub, clock, desk.may_act)
        clock.move(seconds=61)
        if now_of(desk.hub, saga).state not in ("running", "undoing"):
            break
    return now_of(desk.hub, saga)


def told(desk: Desk) -> set[str]:
    with desk.hub.database.reading() as connection:
        return {each.command for each in effects(connection)}


def test_what_was_cancelled_and_cannot_be_brought_back_never_goes_forward_again(
    desk: Desk, network: ToldNetwork, clock: HandClock, ordered: SagaFacts
) -> None:
    """The photographs that come late are of a service that was taken away."""
    saga = begin_saga(desk.hub, "activate", ordered, START)
    report(desk.hub.database, without(good_job(ordered), "CompletionPhoto"))
    assert led_on(desk, saga, clock).step == "gate"
    network.fail("olt-1", "refuses", times=1_000)
    cancel(desk.hub, saga.id, clock(), actor="ana", why="the customer has left")
    stuck = led_on(desk, saga, clock)
    assert (stuck.state, stuck.person) == ("held", "network_engineer"), stuck.reason
    assert "could not be brought back" in stuck.reason

    report(desk.hub.database, good_job(ordered))
    for _ in range(5):
        advance(desk)
        clock.move(minutes=1)
    assert now_of(desk.hub, saga).state == "held"
    with pytest.raises(ConfigurationError, match="it only goes back"):
        waive(desk.hub, saga.id, ["GT-06"], clock(), actor="ana", why="it is there now")
    network.fail("olt-1", "refuses", times=0)
    resume(desk.hub, saga.id, clock(), actor="ana", why="the OLT is mended")
    assert led_on(desk, saga, clock).state == "undone"
    assert network.settings("olt-1", ordered.line.service_id) is None
    assert "start_billing" not in told(desk)


def test_a_place_that_carries_somebody_elses_terminal_is_left_to_a_person(
    desk: Desk, network: ToldNetwork, clock: HandClock, ordered: SagaFacts
) -> None:
    """Scenario 7: the line is occupied; nobody goes dark for the newcomer."""
    neighbour = {"serial": "CXNK0BADC0DE", "enabled": True}
    network.tell("olt-1", ordered.line.service_id, neighbour, f"olt-1 {PORT} {ordered.line.onu_id}")
    saga = begin_saga(desk.hub, "activate", ordered, START)
    held = led_on(desk, saga, clock)
    assert (held.state, held.step) == ("held", "configure_access")
    assert "carries CXNK0BADC0DE" in held.reason
    assert network.settings("olt-1", ordered.line.service_id) == neighbour


@dataclass(frozen=True)
class Broken(ToldElement):
    """A driver with a defect."""

    def discover(self) -> Sequence[FoundDevice]:
        raise ValueError("an odd serial")


def test_a_defect_costs_one_service_its_turn(
    hub: Hub, network: ToldNetwork, clock: HandClock, stages: Stages, ordered: SagaFacts
) -> None:
    saga = begin_saga(hub, "activate", ordered, START)
    with Desk(hub, NETWORK, lambda name: Broken(network, name), clock, stages) as desk:
        held = led_on(desk, saga, clock)
    assert (held.state, held.reason) == ("held", "a defect of Splice (ValueError): the log of the worker tells more")
    with Desk(hub, NETWORK, network.driver, clock, stages) as desk:
        resume(hub, saga.id, clock(), actor="ana", why="mended")
        assert led_on(desk, saga, clock, rounds=3).step == "gate"
