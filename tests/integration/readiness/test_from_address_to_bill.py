"""From the question at the counter to the first bill: everything pulled from the systems, and told to them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from hub.effects.drain import drain
from hub.readiness.beginning import begin_ready
from hub.readiness.qualifying import qualify_address
from hub.sagas.advance import advance
from hub.sagas.desk import Desk
from hub.sync import sync_stream, sync_system
from hub.workplace import Hub
from provisioning.facts import SagaFacts
from simulated_estate.bookkeeping.stock import delivered
from simulated_estate.books import Row
from simulated_estate.markets import RIVERBEND
from simulated_estate.newcomers import ORDER, completion_of, walk_in
from simulated_estate.spelling import crm_order
from storage.sagas import Saga, saga_with, sagas
from tests.fakes.effects import START, HandClock, Stages
from tests.fakes.lumen_valley import LumenValley, change
from tests.fakes.told_network import ToldNetwork

SERIAL = "CXNK0FACADE1"


@pytest.fixture
def order(operator: LumenValley) -> str:
    """A new customer's order, and a device that came in for it."""
    books = operator.running.books
    books.field_service["stock_movements"] += delivered([SERIAL], RIVERBEND, START.replace(day=1), "GX-100")
    return walk_in(books)


@pytest.fixture
def pulled(operator: LumenValley, hub: Hub, order: str, clock: HandClock) -> Callable[[], None]:
    """Brings what the systems believe."""
    del order

    def pull() -> None:
        for system in ("crm", "fsm", *(each.name for each in RIVERBEND.elements)):
            sync_system(hub, system, clock())

    return pull


def told(operator: LumenValley) -> list[Row]:
    return [row for row in operator.running.books.field_service["work_orders"] if row.get("client_reference")]


def now_of(hub: Hub, saga: Saga) -> Saga:
    with hub.database.reading() as connection:
        found = saga_with(connection, saga.id)
    assert found is not None
    return found


def test_from_the_address_to_the_first_bill(
    hub: Hub,
    operator: LumenValley,
    order: str,
    pulled: Callable[[], None],
    stages: Stages,
    clock: HandClock,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    pulled()
    answer = qualify_address(hub, "riverbend", "4711 Lakeview Ln", clock(), "fiber-500")
    assert (answer.result, answer.reasons) == ("qualified", ())

    assert [each.order_number for each in begin_ready(hub, "riverbend", clock(), stages).awaiting] == [order]
    drain(hub, clock, stages)
    (ready,) = begin_ready(hub, "riverbend", clock(), stages).begun
    (job,) = told(operator)
    assert ready.saga is not None
    facts = SagaFacts.model_validate_json(ready.saga.facts)
    nearest = answer.rooms[0].terminal
    assert (facts.line.element, facts.line.port) == (nearest.element, nearest.port)
    assert (facts.expected_serial, facts.work_order_id) == (SERIAL, job["id"])

    network = ToldNetwork(tmp_path_factory.mktemp("network") / "told.sqlite", access=facts.line.element, aaa="rb-aaa")
    network.plug(SERIAL, facts.line.port)
    with Desk(hub, hub.operator.network, network.driver, clock, stages) as desk:
        for _ in range(10):
            advance(desk)
            clock.move(minutes=4)  # a soak counts no time in which nobody looks
        assert (now_of(hub, ready.saga).step, operator.running.write_log.of("billing")) == ("gate", [])
        operator.running.books.field_service["completions"].append(completion_of(job, SERIAL, clock()))
        clock.move(minutes=1)
        sync_stream(hub, "fsm", "completions", clock())
        for _ in range(6):
            advance(desk)
            drain(hub, clock, stages)
            clock.move(seconds=61)
    done = now_of(hub, ready.saga)
    assert (done.state, done.step) == ("done", "release"), done.reason
    settings = network.settings(facts.line.element, facts.line.service_id)
    assert settings is not None
    assert (settings["serial"], settings["onu_id"], settings["down_mbps"]) == (SERIAL, facts.line.onu_id, 500)
    assert len(operator.running.write_log.of("billing")) == 1
    assert job["state"] == "done"


def test_a_telephone_that_is_sold_at_the_counter_is_billed_from_the_day_on_which_it_works(
    operator: LumenValley,
    pulled: Callable[[], None],
    stages: Stages,
    clock: HandClock,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Scenario 14 from the counter on: access and address are billed at once, the telephone two days later."""
    books = operator.running.books
    order = walk_in(books, number=2, beside=("voice", "static-ip"))
    first = next(row for row in books.crm["Order"] if row["OrderNumber"] == crm_order(f"{ORDER}"))
    first.update(Status="Cancelled", StatusCode="Cancelled")
    voice = 'voice:\n  - {technology: pon, registrar: sip.lumen.example, secret: "env:SIP_{service}"}\n'
    change(operator.folder / "network.yaml", r"\nlifecycle:", f"\n{voice}lifecycle:")
    with operator.hub(tmp_path / "work") as hub:  # under its new network.yaml
        pulled()
        begin_ready(hub, "riverbend", clock(), stages)
        drain(hub, clock, stages)
        (ready,) = begin_ready(hub, "riverbend", clock(), stages).begun
        assert ready.order_number == order
        assert ready.saga is not None
        facts = SagaFacts.model_validate_json(ready.saga.facts)
        file = tmp_path_factory.mktemp("network") / "told.sqlite"
        network = ToldNetwork(file, access=facts.line.element, aaa="rb-aaa")
        network.plug(SERIAL, facts.line.port)
        (job,) = told(operator)
        with Desk(hub, hub.operator.network, network.driver, clock, stages) as desk:
            for _ in range(10):
                advance(desk)
                clock.move(minutes=4)
            books.field_service["completions"].append(completion_of(job, SERIAL, clock()))
            clock.move(minutes=1)
            sync_stream(hub, "fsm", "completions", clock())
            for _ in range(8):
                advance(desk)
                drain(hub, clock, stages)
                clock.move(seconds=61)
            assert now_of(hub, ready.saga).state == "done"
            assert begun_in_billing(operator) == [("INT-FBR-0500", "2026-11-05"), ("ADD-IPV4", "2026-11-05")]
            clock.move(days=2)
            router = network.settings("rb-acs", facts.line.service_id) or {}
            assert router["voice_user"] == facts.line.service_id
            network.tell("rb-acs", facts.line.service_id, {**router, "voice_up": True}, SERIAL)
            for _ in range(8):
                advance(desk)
                drain(hub, clock, stages)
                clock.move(seconds=61)
        assert begun_in_billing(operator)[2:] == [("ADD-VOICE", "2026-11-07")]


def begun_in_billing(operator: LumenValley) -> list[tuple[str, str]]:
    """Code and first day of what the hub has begun."""
    rows = operator.running.books.billing["subscriptions"]
    return [(row["planCode"], row["startDate"]) for row in rows if row["subscriptionId"].startswith("SH")]


def test_an_order_that_the_crm_deletes_before_it_is_begun_leaves_nothing_behind(
    hub: Hub, operator: LumenValley, order: str, pulled: Callable[[], None], stages: Stages, clock: HandClock
) -> None:
    """Scenario 10: a row that is hard-deleted; what was kept for it is given free."""
    pulled()
    begin_ready(hub, "riverbend", clock(), stages)
    row = next(row for row in operator.running.books.crm["Order"] if row["OrderNumber"] == order.zfill(8))
    row.update(IsDeleted=True, SystemModstamp=clock())
    clock.move(hours=1)
    sync_stream(hub, "crm", "orders", clock())
    outcome = begin_ready(hub, "riverbend", clock(), stages)
    assert [(each.line.order_number, each.why) for each in outcome.released] == [(order, "the order is gone")]
    with hub.database.reading() as connection:
        assert sagas(connection) == []


def test_an_order_that_arrives_late_is_made_ready_when_it_does(
    hub: Hub, operator: LumenValley, order: str, pulled: Callable[[], None], stages: Stages, clock: HandClock
) -> None:
    """Scenario 10: its row has a stamp of before the last pull, and comes within the overlap."""
    crm = operator.running.books.crm["Order"]
    row = crm.pop(next(place for place, each in enumerate(crm) if each["OrderNumber"] == order.zfill(8)))
    pulled()
    assert begin_ready(hub, "riverbend", clock(), stages).awaiting == []
    crm.append(row | {"SystemModstamp": clock()})
    clock.move(minutes=2)
    sync_stream(hub, "crm", "orders", clock())
    (ready,) = begin_ready(hub, "riverbend", clock(), stages).awaiting
    assert ready.order_number == order
