"""Who is told of what: staff of what needs them, once; customers of what is true, and not before."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from canonical_model.customers import Customer
from canonical_model.orders import ProductOrder
from hub.effects.decisions import discard
from hub.effects.drain import drain
from hub.readiness.giving_up import give_up_called_off
from hub.sagas.advance import advance
from hub.sagas.asking import cease_service, suspend_service
from hub.sagas.beginning import begin_saga
from hub.sagas.decisions import cancel, resume
from hub.sagas.desk import Desk
from hub.sagas.wishes import Wish
from hub.sync import sync_stream
from hub.workplace import Hub
from provisioning.profile import Voice
from storage.current_records import current_records
from tests.fakes.completions import known, report
from tests.fakes.effects import HandClock, Stages
from tests.fakes.led_sagas import (
    SERVICE,
    Orders,
    active_service,
    done,
    led_on,
    now_of,
    service_that_was_active,
    told_by,
)
from tests.fakes.lines import NETWORK, ONT, profile
from tests.fakes.lumen_valley import LumenValley, lumen_valley
from tests.fakes.post_office import PostOffice, post_office
from tests.fakes.told_network import ToldNetwork

DISPATCHER, ENGINEER, TECHNICIAN = "desk@lumen.example", "noc@lumen.example", "crew-4@lumen.example"
PEOPLE = {"riverbend": {"dispatcher": DISPATCHER, "network_engineer": ENGINEER, "technician": TECHNICIAN}}


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[LumenValley]:
    with lumen_valley(tmp_path / "operator", subscribers=20, months=2) as running:
        yield running


@pytest.fixture
def mail(operator: LumenValley) -> Iterator[PostOffice]:
    with post_office(operator.folder) as running:
        yield running


@pytest.fixture
def hub(operator: LumenValley, mail: PostOffice, tmp_path: Path) -> Iterator[Hub]:
    with operator.hub(tmp_path / "work") as opened:
        yield opened


@pytest.fixture
def desk(hub: Hub, network: ToldNetwork, clock: HandClock, stages: Stages) -> Iterator[Desk]:
    told = NETWORK.model_copy(update={"people": PEOPLE})
    with Desk(hub, told, network.driver, clock, stages) as opened:
        yield opened


@pytest.fixture
def orders(operator: LumenValley) -> Orders:
    return Orders(operator)


def job(operator: LumenValley) -> dict[str, Any]:
    """A job of field service that is open."""
    row: dict[str, Any] = operator.running.books.field_service["work_orders"][-1]
    row.update(state="on_site", notes="")
    return row


def address_of(hub: Hub, orders: Orders, clock: HandClock) -> str:
    """Where the customer of the first order gets mail, as the CRM says."""
    sync_stream(hub, "crm", "accounts", clock())
    account = orders.wish().account_number
    with hub.database.reading() as connection:
        found = current_records(connection, Customer, account_number=account)
    assert found
    assert found[0].email
    return found[0].email


def drained(desk: Desk, clock: HandClock) -> None:
    for _ in range(3):
        drain(desk.hub, clock, desk.may_act)
        clock.move(seconds=61)


def test_welcome_is_said_when_every_system_shows_it(
    desk: Desk, network: ToldNetwork, clock: HandClock, orders: Orders, mail: PostOffice, stages: Stages
) -> None:
    customer = address_of(desk.hub, orders, clock)
    saga = begin_saga(desk.hub, "activate", orders.wish(), clock())
    network.plug(ONT, "1/1/1")
    advance(desk)
    assert now_of(desk, saga).step == "release"
    assert "notice" not in told_by(desk, saga)
    done(desk, saga, clock)
    drained(desk, clock)
    assert mail.to(customer) == [("Welcome", "Your service fiber-500 works since 2026-11-05.")]


def test_a_hold_is_told_once_to_whoever_is_asked_and_to_the_job(
    desk: Desk, network: ToldNetwork, clock: HandClock, operator: LumenValley, orders: Orders, mail: PostOffice
) -> None:
    customer, work_order = address_of(desk.hub, orders, clock), job(operator)
    saga = begin_saga(desk.hub, "activate", orders.wish(work_order_id=work_order["id"]), clock())
    network.plug("CXNK00A1B2C4", "1/1/1")
    assert led_on(desk, saga, clock).state == "held"
    drained(desk, clock)
    said = "activate of service 7000001 is held at match: expected CXNK00A1B2C3, and 1/1/1 sees CXNK00A1B2C4"
    assert work_order["notes"].startswith(said)
    assert work_order["notes"].endswith("(asks the technician)")
    assert [body.startswith(said) for _, body in mail.to(TECHNICIAN)] == [True]
    assert [body.startswith(said) for _, body in mail.to(DISPATCHER)] == [True]

    resume(desk.hub, saga.id, clock(), actor="technician", why="looked again")
    assert led_on(desk, saga, clock).state == "held"
    drained(desk, clock)
    assert len(mail.to(TECHNICIAN)) == len(mail.to(DISPATCHER)) == 1
    assert (mail.to(ENGINEER), mail.to(customer), work_order["state"]) == ([], [], "on_site")
    assert operator.running.write_log.of("billing") == []


def test_what_was_given_up_is_told_to_the_customer_and_the_job_stays_open(
    desk: Desk, network: ToldNetwork, clock: HandClock, operator: LumenValley, orders: Orders, mail: PostOffice
) -> None:
    """Failure leaves the work order open and informs the customer only of the truth."""
    customer, work_order = address_of(desk.hub, orders, clock), job(operator)
    saga = begin_saga(desk.hub, "activate", orders.wish(work_order_id=work_order["id"]), clock())
    network.plug(ONT, "1/1/1")
    network.fail("acs-1", "refuses")
    assert led_on(desk, saga, clock).state == "held"
    assert [title for title, _ in mail.to(customer)] == []
    cancel(desk.hub, saga.id, clock(), actor="dispatcher", why="no router left")
    assert led_on(desk, saga, clock).state == "undone"
    drained(desk, clock)
    ((title, body),) = mail.to(customer)
    assert (title, "Nothing is charged" in body) == ("Your installation is delayed", True)
    assert [title for title, _ in mail.to(ENGINEER)] == ["Service 7000001 is held"]
    assert [title for title, _ in mail.to(DISPATCHER)] == [
        "Service 7000001 is held",
        "Service 7000001 was brought back",
    ]
    assert "was brought back" in work_order["notes"]
    assert work_order["state"] == "on_site"
    assert operator.running.write_log.of("billing") == []


def test_who_has_called_his_order_off_is_promised_no_other_appointment(
    desk: Desk, clock: HandClock, orders: Orders, mail: PostOffice
) -> None:
    customer, wish = address_of(desk.hub, orders, clock), orders.wish()
    saga = begin_saga(desk.hub, "activate", wish, clock())
    order = {"order_number": wish.order_number, "account_number": wish.account_number, "order_type": "new"}
    report(desk.hub.database, [known(ProductOrder, state="cancelled", **order)])
    assert [each.id for each in give_up_called_off(desk.hub, "riverbend", clock())] == [saga.id]
    assert led_on(desk, saga, clock).state == "undone"
    drained(desk, clock)
    assert [title for title, _ in mail.to(DISPATCHER)] == ["Service 7000001 was brought back"]
    assert mail.to(customer) == []


def test_what_a_person_has_given_up_is_not_told_as_done(
    desk: Desk, network: ToldNetwork, clock: HandClock, orders: Orders, mail: PostOffice
) -> None:
    """Billing refuses to stop, so that "nothing is charged from that day on" would be a lie."""
    customer = address_of(desk.hub, orders, clock)
    service_that_was_active(desk, network, orders.wish(subscription_id="none-of-theirs"))
    order = orders.order(2)[0]
    held = led_on(desk, cease_service(desk.hub, SERVICE, clock(), Wish(order_number=order)), clock, rounds=60)
    assert (held.state, held.step) == ("held", "release")
    refused = told_by(desk, held)["stop_billing"]
    discard(desk.hub, refused.id, clock(), actor="ana", why="it is stopped by hand")
    resume(desk.hub, held.id, clock(), actor="ana", why="go on")
    assert led_on(desk, held, clock).state == "done"
    drained(desk, clock)
    assert [title for title, _ in mail.to(customer)] == []


def test_nobody_who_could_be_told_stops_nothing(
    desk: Desk, network: ToldNetwork, clock: HandClock, orders: Orders, mail: PostOffice
) -> None:
    """No customer was pulled yet, so that no address is known: the service is told to every system all the same."""
    active_service(desk, network, clock, orders.wish())
    suspended = done(desk, suspend_service(desk.hub, SERVICE, "walled", clock(), Wish(name="r-1")), clock)
    assert list(told_by(desk, suspended)) == ["set_service_status"]
    assert mail.messages == []


def test_what_is_missing_is_told_to_staff_and_to_the_customer(
    desk: Desk, network: ToldNetwork, clock: HandClock, orders: Orders, mail: PostOffice
) -> None:
    """Scenario 14: what does not work yet is neither billed nor passed over in silence."""
    customer = address_of(desk.hub, orders, clock)
    voice = Voice(sip_user="7000001", sip_server="sip.lumen.example", secret_reference="env:SIP")
    active_service(desk, network, clock, orders.wish(profile=profile(voice=voice), voice_offering_id="voice"))
    drained(desk, clock)
    ((_, body),) = mail.to(customer)
    assert body.endswith("Your telephone does not work yet and is not charged; we are at it.")
    told = ("Service 7000001 works in part",)
    assert [title for title, _ in mail.to(TECHNICIAN)] == [title for title, _ in mail.to(DISPATCHER)] == [*told]


def test_nobody_is_told_of_a_line_that_is_not_adopted(
    desk: Desk, clock: HandClock, orders: Orders, mail: PostOffice
) -> None:
    """There are thousands of them, and nothing is broken; who asks is told of all."""
    wish = orders.wish()
    there = wish.model_copy(update={"line": wish.line.model_copy(update={"serial": ONT})})
    adopted = begin_saga(desk.hub, "adopt", there, clock())
    advance(desk)
    assert now_of(desk, adopted).state == "undone"
    drained(desk, clock)
    assert mail.messages == []
