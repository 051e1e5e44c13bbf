"""An order is made ready once: one line, one device, one job, one saga; or it is held, and told why once."""

from datetime import timedelta
from pathlib import Path

import pytest

from canonical_model.errors import ConfigurationError
from hub.effects.drain import drain
from hub.readiness.beginning import begin_ready, make_ready
from hub.readiness.outcome import Wishes
from hub.workplace import Hub
from provisioning.facts import SagaFacts
from provisioning.standing import VOICE_WORDS, wanted
from storage.readiness_holds import held_orders
from storage.reservations import devices_of
from tests.fakes.effects import START, HandClock, Stages
from tests.fakes.lumen_valley import LumenValley, change
from tests.fakes.ready_orders import MARKET, OrderBook, begin, begun, codes, journaled, lines, serials


def test_an_order_gets_its_line_its_device_its_job_and_its_saga(
    hub: Hub, book: OrderBook, stages: Stages, clock: HandClock, operator: LumenValley
) -> None:
    order = book.order(1)
    book.seen("CXNK00BB0001", "1/1/1/1")
    first = begin(hub, book, stages, clock)
    assert [each.order_number for each in first.awaiting] == [order]
    assert [(each.onu_id, each.terminal, each.leg) for each in lines(hub)] == [(2, "RB-H01-T001", 1)]
    drain(hub, clock, stages)

    second = begin(hub, book, stages, clock)
    assert [each.order_number for each in second.begun] == [order]
    (saga,) = begun(hub)
    facts = SagaFacts.model_validate_json(saga.facts)
    (job,) = [row for row in operator.running.books.field_service["work_orders"] if row.get("client_reference")]
    assert facts.work_order_id == job["id"]
    assert facts.expected_serial == job["expected_serial"] == serials(1)[0]
    assert (facts.line.element, facts.line.port, facts.line.onu_id) == ("rb-olt-calix", "1/1/1", 2)
    assert facts.line.service_id == facts.account_number == "80001"
    assert (facts.profile.vlans.inner, facts.profile.bandwidth.down_maximum) == (1002, 500)
    assert job["notes"].splitlines()[:5] == [
        "service: fiber-500, 500/500 Mbit/s",
        "customer: Ana Holm, 555-0101",
        "line: rb-olt-calix port 1/1/1 number 2, terminal RB-H01-T001 leg 1",
        "device: GX-100, CXNK00A00001",
        "network: 1 of 1 devices on the port are up (2026-11-05 12:00 UTC)",
    ]


def test_what_is_sold_beside_the_access_goes_with_it(
    hub: Hub, book: OrderBook, stages: Stages, clock: HandClock
) -> None:
    """Each piece is billed from the activation on; the telephone once it works, fees by billing itself."""
    order = book.order(1)
    for product, quantity in (("voice", 1), ("static-ip", 2), ("autopay", 1), ("install-fee", 1), ("fiber-500", 1)):
        book.item(order, product, quantity)
    book.item(order, "mesh-rental", 1, action="delete")
    for _ in range(2):
        begin(hub, book, stages, clock)
        drain(hub, clock, stages)
    begin(hub, book, stages, clock)
    facts = SagaFacts.model_validate_json(begun(hub)[0].facts)
    assert (facts.voice_offering_id, facts.extra_offering_ids) == ("voice", ("static-ip", "static-ip"))


def test_the_router_is_told_of_a_telephone_that_was_sold(
    operator: LumenValley, tmp_path: Path, book: OrderBook, stages: Stages, clock: HandClock
) -> None:
    """The password is a reference in everything that is kept, and goes to the router alone."""
    voice = 'voice:\n  - {technology: pon, registrar: sip.lumen.example, secret: "env:SIP_{service}"}\n'
    change(operator.folder / "network.yaml", r"\nlifecycle:", f"\n{voice}lifecycle:")
    talking, silent = book.order(1), book.order(2)
    book.item(talking, "voice", 1)
    with operator.hub(tmp_path / "work") as hub:
        for _ in range(2):
            begin(hub, book, stages, clock)
            drain(hub, clock, stages)
        begin(hub, book, stages, clock)
        facts = {saga.order_number: SagaFacts.model_validate_json(saga.facts) for saga in begun(hub)}
    told = wanted("cpe", "active", facts[talking].line, facts[talking].profile)
    assert told is not None
    assert {name: told[name] for name in VOICE_WORDS} == {
        "voice_on": True,
        "voice_user": "80001",
        "voice_server": "sip.lumen.example",
        "voice_password": "env:SIP_80001",
    }
    assert facts[silent].profile.voice is None


def test_an_order_for_what_nobody_could_bill_waits_before_anybody_drives(
    hub: Hub, book: OrderBook, stages: Stages, clock: HandClock
) -> None:
    book.item(book.order(1), "moon-cable", 1)
    (held,) = begin(hub, book, stages, clock).told
    assert codes(held) == ["unmappedOffering"]
    assert held.said.endswith("the catalogue knows no moon-cable, which the order adds")
    assert journaled(hub) == []


def test_the_same_wish_stated_again_changes_nothing(
    hub: Hub, book: OrderBook, stages: Stages, clock: HandClock, operator: LumenValley
) -> None:
    """Scenario 21: a later create returns the first, however often and in whatever words it is stated."""
    order = book.order(1)
    for _ in range(3):
        begin(hub, book, stages, clock)
        make_ready(hub, order, clock(), stages)
        drain(hub, clock, stages)
        clock.move(minutes=5)
        book.seen(f"CXNK00CC000{clock.now.minute % 10}", "1/1/1/8")  # what a job would say of the port changes
    assert len(lines(hub)) == len(begun(hub)) == 1
    assert [each.command for each in journaled(hub)] == ["create_work_order"]
    assert len(operator.running.write_log.of("fsm")) == 1
    with hub.database.reading() as connection:
        assert len(devices_of(connection, order)) == 1


def test_a_job_that_is_there_already_is_told_and_a_second_one_is_sent_home(
    hub: Hub, book: OrderBook, stages: Stages, clock: HandClock, operator: LumenValley
) -> None:
    """Scenario 21: the second truck is cancelled with its reason."""
    order = book.order(1)
    rows = operator.running.books.field_service["work_orders"]
    mine, twin, rolling = rows[:3]
    for row in (mine, twin, rolling):
        row["state"] = "booked"
    book.job(mine["id"], order, expected_serial=serials(3)[2])
    book.job(twin["id"], order, created_at=START)
    book.job(rolling["id"], order, created_at=START, state="dispatched")
    outcome = begin(hub, book, stages, clock)
    (ready,) = outcome.begun
    assert ready.saga is not None
    facts = SagaFacts.model_validate_json(ready.saga.facts)
    assert (facts.work_order_id, facts.expected_serial) == (mine["id"], serials(3)[2])
    drain(hub, clock, stages)
    assert [(each.command, each.state) for each in journaled(hub)] == [
        ("update_work_order", "done"),
        ("close_work_order", "done"),
    ]
    assert (mine["state"], twin["state"], rolling["state"]) == ("booked", "void", "booked")
    assert twin["notes"] == "another job does the same work for this order"


def test_what_is_in_the_way_is_told_once_and_again_when_it_is_another(
    hub: Hub, book: OrderBook, stages: Stages, clock: HandClock
) -> None:
    """Scenario 3: sold before it is serviceable; it goes on by itself when it is built."""
    order = book.order(1, place={"serviceability": "planned"})
    first = begin(hub, book, stages, clock)
    assert [codes(each) for each in first.told] == [["notYetServiceable"]]
    again = begin(hub, book, stages, clock)
    assert (again.told, again.still_held) == ([], [order])
    book.place("P1", serviceability="not_serviceable")
    other = begin(hub, book, stages, clock)
    assert [codes(each) for each in other.told] == [["notServiceable"]]
    assert journaled(hub) == []
    assert lines(hub) == []

    book.place("P1", serviceability="serviceable")
    assert [each.order_number for each in begin(hub, book, stages, clock).awaiting] == [order]
    with hub.database.reading() as connection:
        assert held_orders(connection, MARKET) == []


def test_an_address_that_is_not_in_the_system_costs_nothing(
    hub: Hub, book: OrderBook, stages: Stages, clock: HandClock
) -> None:
    """Scenario 1: no job, no device, no place; held for a dispatcher."""
    book.order(1)
    del book.records["Premise", "P1"]
    (ready,) = begin(hub, book, stages, clock).told
    assert codes(ready) == ["addressNotFound"]
    assert (lines(hub), journaled(hub), begun(hub)) == ([], [], [])
    with hub.database.reading() as connection:
        (held,) = held_orders(connection, MARKET)
    assert held.reasons[0]["person"] == "dispatcher"


def test_the_second_of_two_like_orders_waits_for_a_person(
    hub: Hub, book: OrderBook, stages: Stages, clock: HandClock
) -> None:
    """Scenario 4."""
    first, second = book.order(1), book.order(2, premise_id="P1", account_number="80001")
    outcome = begin(hub, book, stages, clock)
    assert [each.order_number for each in outcome.awaiting] == [first]
    (held,) = outcome.told
    assert (held.order_number, codes(held), held.reasons[0].said) == (second, ["duplicateOrder"], f"order {first}")
    book.state(first, "cancelled")
    assert [each.order_number for each in begin(hub, book, stages, clock).awaiting] == [second]


def test_an_offering_that_the_catalogue_does_not_know_stops_at_the_door(
    hub: Hub, book: OrderBook, stages: Stages, clock: HandClock
) -> None:
    """Scenario 5."""
    book.order(1, offering_id="fiber-9000")
    book.order(2, offering_id=None)
    told = begin(hub, book, stages, clock).told
    assert [codes(each) for each in told] == [["unmappedOffering"], ["unmappedOffering"]]
    assert lines(hub) == []


def test_a_tier_that_changes_before_the_job_is_made_brings_another_device_and_profile(
    hub: Hub, book: OrderBook, stages: Stages, clock: HandClock, operator: LumenValley
) -> None:
    """Scenario 6: until the saga has begun, an order is planned anew each time."""
    change(operator.folder / "network.yaml", "offering: fiber-2000,", "offering: fiber-2000, models: [GX-200],")
    with operator.hub(hub.workspace) as now_told:
        order = book.order(1)
        book.stock(["CXNK00B00001"], model="GX-200")
        begin(now_told, book, stages, clock)
        book.order(1, offering_id="fiber-2000")
        begin(now_told, book, stages, clock)
        drain(now_told, clock, stages)
        (ready,) = begin(now_told, book, stages, clock).begun
        with now_told.database.reading() as connection:
            assert devices_of(connection, order) == ["CXNK00B00001"]
        assert ready.saga is not None
        facts = SagaFacts.model_validate_json(ready.saga.facts)
        assert (facts.profile.offering_id, facts.expected_serial) == ("fiber-2000", "CXNK00B00001")
        assert len(lines(now_told)) == 1


def test_the_service_of_somebody_else_is_still_on_the_line(
    hub: Hub, book: OrderBook, stages: Stages, clock: HandClock
) -> None:
    """Scenario 7."""
    done = {"state": "completed", "completed_at": START - timedelta(days=400)}
    book.order(7, premise_id="P1", **done)
    order = book.order(1)
    (held,) = begin(hub, book, stages, clock).told
    assert (held.order_number, codes(held), held.reasons[0].said) == (order, ["lineOccupied"], "account 80007")

    gone = {"state": "completed", "completed_at": START - timedelta(days=3), "order_type": "cease"}
    book.order(8, premise_id="P1", account_number="80007", **gone)
    assert [each.order_number for each in begin(hub, book, stages, clock).awaiting] == [order]


def test_a_full_terminal_gives_way_to_its_neighbour_and_a_full_hub_holds(
    hub: Hub, book: OrderBook, stages: Stages, clock: HandClock
) -> None:
    """Scenario 8."""
    book.terminal(capacity=2, used=1)
    book.terminal("RB-H01-T002", port="1/1/2", capacity=1)
    orders = [book.order(number) for number in (1, 2, 3)]
    outcome = begin(hub, book, stages, clock)
    assert [(each.terminal, each.port, each.onu_id) for each in lines(hub)] == [
        ("RB-H01-T001", "1/1/1", 1),
        ("RB-H01-T002", "1/1/2", 1),
    ]
    replanned = outcome.awaiting[1].context
    assert replanned is not None
    assert replanned.line is not None
    assert replanned.line.is_replanned
    (held,) = outcome.told
    assert (held.order_number, codes(held)) == (orders[2], ["noFreeCapacity"])


def test_a_job_without_its_facts_is_never_sent(hub: Hub, book: OrderBook, stages: Stages, clock: HandClock) -> None:
    """Scenario 22: held for the person who finds it out, and nothing is kept meanwhile."""
    book.order(1, phone=None)
    (held,) = begin(hub, book, stages, clock).told
    assert codes(held) == ["cannotDispatch"]
    assert held.missing is not None
    assert [(each.fact, each.person) for each in held.missing.missing] == [("contact", "dispatcher")]
    assert (lines(hub), journaled(hub)) == ([], [])


def test_what_the_operator_requires_may_be_brought_by_a_person(
    hub: Hub, book: OrderBook, stages: Stages, clock: HandClock, operator: LumenValley
) -> None:
    """Scenario 24: the landlord's consent is told with the order."""
    file = operator.folder / "network.yaml"
    change(
        file, "\nverification:", "\ndispatch:\n  - {markets: [riverbend], required: [serial, consent]}\nverification:"
    )
    with operator.hub(hub.workspace) as strict:
        order = book.order(1)
        assert [codes(each) for each in begin(strict, book, stages, clock).told] == [["cannotDispatch"]]
        told = make_ready(strict, order, clock(), stages, Wishes(consent="landlord, 3 November"))
        assert told.state == "awaits_job"
        assert held_after(strict) == []
        again = begin(strict, book, stages, clock)
        assert [each.order_number for each in again.awaiting] == [order], "what was agreed is not asked twice"


def held_after(hub: Hub) -> list[str]:
    with hub.database.reading() as connection:
        return [each.order_number for each in held_orders(connection, MARKET)]


def test_a_second_service_of_an_account_is_called_as_findings_call_it(
    hub: Hub, book: OrderBook, stages: Stages, clock: HandClock
) -> None:
    """And keeps its name, whatever becomes of the first."""
    first, second = book.order(1), book.order(2, account_number="80001")
    begin(hub, book, stages, clock)
    names = {each.order_number: each.service_id for each in lines(hub)}
    assert names == {first: "80001", second: f"80001/{second}"}
    book.state(first, "cancelled")
    drain(hub, clock, stages)
    (ready,) = begin(hub, book, stages, clock).begun
    assert ready.saga is not None
    assert ready.saga.service_id == f"80001/{second}"
    assert [each.service_id for each in lines(hub)] == [f"80001/{second}"]


def test_nothing_is_kept_where_another_provisions(
    hub: Hub, book: OrderBook, stages: Stages, clock: HandClock
) -> None:
    order = book.order(1)
    stages.actor = "legacy"
    outcome = begin(hub, book, stages, clock)
    assert outcome.not_ours == [order]
    assert (lines(hub), journaled(hub), begun(hub)) == ([], [], [])


def test_a_job_that_was_lost_on_the_way_is_looked_for_and_made_once(
    hub: Hub, book: OrderBook, stages: Stages, clock: HandClock, operator: LumenValley
) -> None:
    """Scenario 9: what became of the create is known before anything follows from it."""
    book.order(1)
    operator.running.set_faults("fsm:write_lost=1")
    begin(hub, book, stages, clock)
    drain(hub, clock, stages)
    assert [each.state for each in journaled(hub)] != ["done"]
    assert begin(hub, book, stages, clock).begun == []
    assert begun(hub) == []
    operator.running.set_faults("")
    for _ in range(6):
        clock.move(minutes=30)
        drain(hub, clock, stages)
    assert len(begin(hub, book, stages, clock).begun) == 1
    assert len(operator.running.write_log.of("fsm")) == 1


def test_a_device_that_works_somewhere_is_not_in_the_store_room(
    hub: Hub, book: OrderBook, stages: Stages, clock: HandClock
) -> None:
    """The books are wrong sometimes; the network is not asked twice whether a terminal is up."""
    one, two = serials(2)
    book.seen(one, "1/1/2/1")
    book.order(1)
    outcome = begin(hub, book, stages, clock)
    context = outcome.awaiting[0].context
    assert context is not None
    assert context.serial == two


def test_an_unknown_order_or_market_is_told_as_such(hub: Hub, stages: Stages) -> None:
    with pytest.raises(ConfigurationError, match="there is no order 1: is it pulled"):
        make_ready(hub, "1", START, stages)
    with pytest.raises(ConfigurationError, match="there is no market riverband"):
        begin_ready(hub, "riverband", START, stages)
