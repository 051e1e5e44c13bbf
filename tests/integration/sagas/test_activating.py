"""An activation against a network that lies, stalls and refuses: done once, proven, and billed or not at all."""

from datetime import timedelta

import pytest

from canonical_model.errors import UnsafeToContinue
from canonical_model.field_work import WorkOrder
from hub.effects.drain import drain
from hub.sagas.advance import advance
from hub.sagas.beginning import begin_saga
from hub.sagas.decisions import cancel, resume
from hub.sagas.desk import Desk
from provisioning.facts import SagaFacts
from storage.effects import effects
from storage.sagas import Saga, saga_with, steps_of
from tests.fakes.completions import known, report
from tests.fakes.effects import START, HandClock, Stages
from tests.fakes.lines import ONT, facts
from tests.fakes.lumen_valley import LumenValley
from tests.fakes.told_network import ToldNetwork

SERVICE = "7000001"


@pytest.fixture
def ordered(operator: LumenValley) -> SagaFacts:
    """What there is to know of an order that the CRM holds open."""
    books = operator.running.books.crm
    order = next(row for row in books["Order"] if not row["IsDeleted"])
    account = next(row for row in books["Account"] if row["Id"] == order["AccountId"])
    order.update(Status="Scheduled", StatusCode="Activated", Completed_At__c=None)
    return facts(
        order_number=order["OrderNumber"].lstrip("0"),
        account_number=account["AccountNumber"].removeprefix("LV-"),
    )


@pytest.fixture
def saga(desk: Desk, ordered: SagaFacts) -> Saga:
    """Its activation, begun."""
    return begin_saga(desk.hub, "activate", ordered, START)


def now_of(desk: Desk, saga: Saga) -> Saga:
    with desk.hub.database.reading() as connection:
        found = saga_with(connection, saga.id)
    assert found is not None
    return found


def story(desk: Desk, saga: Saga) -> list[tuple[str, str]]:
    with desk.hub.database.reading() as connection:
        return [(each.step, each.event) for each in steps_of(connection, saga.id)]


def journaled(desk: Desk) -> dict[str, str]:
    with desk.hub.database.reading() as connection:
        return {each.command: each.state for each in effects(connection)}


def led_on(desk: Desk, saga: Saga, clock: HandClock, rounds: int = 20) -> Saga:
    """Advance and drain until the saga moves no more by itself."""
    for _ in range(rounds):
        advance(desk)
        drain(desk.hub, clock, desk.may_act)
        if now_of(desk, saga).state not in ("running", "undoing"):
            break
        clock.move(seconds=61)
    return now_of(desk, saga)


def test_from_the_plug_to_the_first_bill(
    desk: Desk, network: ToldNetwork, clock: HandClock, operator: LumenValley, saga: Saga
) -> None:
    advance(desk)
    waiting = now_of(desk, saga)
    assert (waiting.state, waiting.step) == ("running", "discover")
    assert waiting.reason == "olt-1 1/1/1: no terminal without a service is seen"
    assert journaled(desk) == {}

    network.plug(ONT, "1/1/1")
    clock.move(seconds=61)
    done = led_on(desk, saga, clock)

    assert (done.state, done.step) == ("done", "release")
    assert network.settings("olt-1", SERVICE) == {
        "serial": ONT,
        "onu_id": 1,
        "enabled": True,
        "outer_vlan": 100,
        "inner_vlan": 1001,
        "down_mbps": 500,
        "up_mbps": 500,
        "up_assured_mbps": 0,
    }
    assert network.settings("aaa-1", SERVICE) == {"group": "fiber-500"}
    assert network.settings("acs-1", SERVICE) == {"wifi.ssid": "home"}
    assert journaled(desk) == {"set_customer_status": "done", "start_billing": "done"}
    starts = operator.running.write_log.of("billing")
    assert len(starts) == 1
    assert [name for name, event in story(desk, saga) if event == "intended"] == [
        "configure_access",
        "configure_aaa",
        "configure_cpe",
    ]


def test_the_same_wish_is_begun_once_and_another_one_waits(desk: Desk, ordered: SagaFacts, saga: Saga) -> None:
    assert begin_saga(desk.hub, "activate", ordered, START) == saga
    with pytest.raises(UnsafeToContinue, match="is under way"):
        begin_saga(desk.hub, "reapply", ordered, START)


def test_a_device_that_says_yes_and_does_nothing_is_never_reported_as_done(
    desk: Desk, network: ToldNetwork, clock: HandClock, saga: Saga
) -> None:
    network.plug(ONT, "1/1/1")
    network.fail("olt-1", "lies", times=1_000)
    advance(desk)
    waiting = now_of(desk, saga)
    assert (waiting.state, waiting.step) == ("running", "configure_access")
    assert waiting.reason == "olt-1 took it and does not show it: the line itself"
    held = led_on(desk, saga, clock, rounds=60)
    assert (held.state, held.person) == ("held", "network_engineer")
    assert journaled(desk) == {}


@pytest.mark.parametrize("element", ["olt-1", "aaa-1", "acs-1"])
def test_a_lost_answer_is_made_up_for_by_looking(
    desk: Desk, network: ToldNetwork, clock: HandClock, element: str, saga: Saga
) -> None:
    network.plug(ONT, "1/1/1")
    network.fail(element, "loses_answer")
    assert led_on(desk, saga, clock).state == "done"
    assert network.heard(element) == [(element, SERVICE)]


def test_an_element_that_is_away_is_waited_for(
    desk: Desk, network: ToldNetwork, clock: HandClock, saga: Saga
) -> None:
    network.plug(ONT, "1/1/1")
    network.fail("aaa-1", "away", times=3)
    assert led_on(desk, saga, clock).state == "done"
    assert ("configure_aaa", "waited") in story(desk, saga)


def test_a_refusal_is_held_and_brought_back_when_somebody_says_so(
    desk: Desk, network: ToldNetwork, clock: HandClock, saga: Saga
) -> None:
    network.plug(ONT, "1/1/1")
    network.tell("aaa-1", SERVICE, {"group": "parked", "note": "by hand"})
    network.fail("acs-1", "refuses")
    held = led_on(desk, saga, clock)
    assert (held.state, held.step, held.reason) == ("held", "configure_cpe", "acs-1: refuses the change")
    assert network.settings("aaa-1", SERVICE) == {"group": "fiber-500", "note": "by hand"}

    cancel(desk.hub, saga.id, clock(), actor="dispatcher", why="the customer has left")
    undone = led_on(desk, saga, clock)

    assert undone.state == "undone"
    assert network.settings("olt-1", SERVICE) is None
    assert network.settings("aaa-1", SERVICE) == {"group": "parked", "note": "by hand"}
    assert journaled(desk) == {}


def test_a_serial_one_character_apart_is_proposed_and_never_taken(
    desk: Desk, network: ToldNetwork, clock: HandClock, saga: Saga
) -> None:
    network.plug("CXNK00A1B2C4", "1/1/1")
    held = led_on(desk, saga, clock)
    assert (held.state, held.step, held.person) == ("held", "match", "technician")
    assert "one character apart" in held.reason
    assert network.heard() == []

    resume(desk.hub, saga.id, clock(), actor="technician", why="read it off the label", accept=True)
    assert led_on(desk, saga, clock).state == "done"
    settings = network.settings("olt-1", SERVICE)
    assert settings is not None
    assert settings["serial"] == "CXNK00A1B2C4"


def test_another_customers_terminal_is_left_alone(
    desk: Desk, network: ToldNetwork, clock: HandClock, saga: Saga
) -> None:
    """Scenario 12: no service is moved silently; nothing is told, nothing is billed."""
    network.plug("CXNK0BADC0DE", "1/1/1")
    held = led_on(desk, saga, clock)
    assert (held.state, held.reason) == ("held", f"expected {ONT}, and 1/1/1 sees CXNK0BADC0DE")
    assert network.heard() == []
    assert "start_billing" not in journaled(desk)


def test_a_terminal_that_is_never_seen_keeps_the_job_open_and_asks_when_patience_ends(
    desk: Desk, network: ToldNetwork, clock: HandClock, saga: Saga
) -> None:
    """Scenario 13: the job stays open, nothing is billed; seen after all, it goes on by itself once resumed."""
    for _ in range(14):
        advance(desk)
        clock.move(hours=1)
    held = now_of(desk, saga)
    assert (held.state, held.step, held.person) == ("held", "discover", "dispatcher")
    assert "no terminal without a service is seen" in held.reason
    assert network.heard() == []
    assert "start_billing" not in journaled(desk)

    network.plug(ONT, "1/1/1")
    resume(desk.hub, saga.id, clock(), actor="dispatcher", why="the drop was broken")
    assert led_on(desk, saga, clock).state == "done"


def test_nobody_is_asked_for_a_terminal_before_the_technician_was_to_come(
    desk: Desk, clock: HandClock, ordered: SagaFacts
) -> None:
    told = {"order_number": ordered.order_number, "work_type": "install", "state": "scheduled"}
    visit = START + timedelta(days=2)
    report(desk.hub.database, [known(WorkOrder, work_order_id="W-1", scheduled_for=visit, **told)])
    saga = begin_saga(desk.hub, "activate", ordered.model_copy(update={"work_order_id": "W-1"}), START)
    for hours, state in ((0, "running"), (47, "running"), (12, "running"), (2, "held")):
        clock.move(hours=hours)
        advance(desk)
        assert now_of(desk, saga).state == state
    assert now_of(desk, saga).reason.startswith(f"waited since {visit:%Y-%m-%d %H:%M} UTC: ")


def test_a_router_that_is_offline_gets_its_settings_when_it_comes_back(
    desk: Desk, network: ToldNetwork, clock: HandClock, saga: Saga
) -> None:
    """Scenario 16: the wish is kept and told once the router speaks; nothing is billed meanwhile."""
    network.plug(ONT, "1/1/1")
    network.fail("acs-1", "away", times=40)
    waiting = led_on(desk, saga, clock, rounds=30)
    assert (waiting.state, waiting.step) == ("running", "configure_cpe")
    assert "cannot be reached" in waiting.reason
    assert "start_billing" not in journaled(desk)
    assert led_on(desk, saga, clock, rounds=40).state == "done"
    assert network.settings("acs-1", SERVICE) == {"wifi.ssid": "home"}


def test_who_may_not_act_touches_nothing(
    desk: Desk, network: ToldNetwork, clock: HandClock, stages: Stages, saga: Saga
) -> None:
    stages.actor = "legacy"
    network.plug(ONT, "1/1/1")
    held = led_on(desk, saga, clock)
    assert (held.state, held.step, held.person) == ("held", "configure_access", "dispatcher")
    assert network.heard() == []
    assert stages.asked == [("riverbend", "order_to_provisioning", f"order/{saga.order_number}")]


@pytest.mark.parametrize("step", ["configure_access", "release"])
def test_a_line_that_was_stopped_for_days_goes_on_and_asks_nobody(
    desk: Desk, network: ToldNetwork, clock: HandClock, stages: Stages, saga: Saga, step: str
) -> None:
    network.plug(ONT, "1/1/1")
    while step == "release" and now_of(desk, saga).step != step:
        advance(desk, most=1)
        clock.move(seconds=61)
    stages.actor = "nobody"
    for hours in (0, 20, 30):
        clock.move(hours=hours)
        advance(desk)
        assert (now_of(desk, saga).state, now_of(desk, saga).step) == ("running", step), now_of(desk, saga).reason
    stages.actor = "hub"
    advance(desk)
    assert now_of(desk, saga).state == "running"
    assert led_on(desk, saga, clock).state == "done"


def test_a_strangers_terminal_on_the_port_says_nothing_before_the_day_of_the_visit(
    desk: Desk, network: ToldNetwork, clock: HandClock, ordered: SagaFacts
) -> None:
    told = {"order_number": ordered.order_number, "work_type": "install", "state": "scheduled"}
    visit = START + timedelta(days=3)
    report(desk.hub.database, [known(WorkOrder, work_order_id="W-1", scheduled_for=visit, **told)])
    saga = begin_saga(desk.hub, "activate", ordered.model_copy(update={"work_order_id": "W-1"}), START)
    network.plug("CXNK0BADC0DE", "1/1/1")
    advance(desk)
    waiting = now_of(desk, saga)
    assert (waiting.state, waiting.step) == ("running", "discover")
    assert "CXNK0BADC0DE, and not the one that is expected, is seen; the technician comes at" in waiting.reason

    clock.move(days=3, hours=-1)
    advance(desk)
    asked = now_of(desk, saga)
    assert (asked.state, asked.step) == ("held", "match")


def test_an_element_that_hiccups_before_the_visit_holds_nobody(
    desk: Desk, network: ToldNetwork, clock: HandClock, ordered: SagaFacts
) -> None:
    told = {"order_number": ordered.order_number, "work_type": "install", "state": "scheduled"}
    visit = START + timedelta(days=6)
    report(desk.hub.database, [known(WorkOrder, work_order_id="W-1", scheduled_for=visit, **told)])
    saga = begin_saga(desk.hub, "activate", ordered.model_copy(update={"work_order_id": "W-1"}), START)
    for hours in (0, 119):
        clock.move(hours=hours)
        advance(desk)
    network.fail("olt-1", "away", times=3)
    for _ in range(3):
        clock.move(minutes=5)
        advance(desk)
    assert now_of(desk, saga).state == "running"


def test_what_is_unplugged_before_the_proof_is_not_billed(
    desk: Desk, network: ToldNetwork, clock: HandClock, saga: Saga
) -> None:
    network.plug(ONT, "1/1/1")
    network.fail("acs-1", "away")
    advance(desk)
    network.unplug(ONT)
    held = led_on(desk, saga, clock, rounds=60)
    assert (held.state, held.step, held.person) == ("held", "verify", "technician")
    assert "the terminal is not seen" in held.reason
    assert journaled(desk) == {}
