"""An order that moves a service gets a line, a device and a job at its new place, under the number that it has."""

import pytest

from canonical_model.orders import ProductOrder
from canonical_model.places import Premise
from hub.effects.drain import drain
from hub.readiness.beginning import ReadyOutcome, make_ready
from hub.sagas.beginning import begin_saga
from hub.workplace import Hub
from provisioning.facts import SagaFacts
from storage.saga_leases import redirect
from storage.sagas import Saga, SagaStep
from tests.fakes.effects import START, HandClock, Stages
from tests.fakes.lines import ONT, facts, line
from tests.fakes.lumen_valley import LumenValley
from tests.fakes.ready_orders import ELEMENT, MARKET, OrderBook, begin, begun, codes, lines, serials

ACCOUNT, ORDER = "80001", "90050"


@pytest.fixture
def service(hub: Hub, book: OrderBook) -> Saga:
    """It works at P1, as the hub has brought it there."""
    order = book.order(1, state="completed", completed_at=START)
    there = line(service_id=ACCOUNT, element=ELEMENT, port="1/1/4", onu_id=7, serial=ONT)
    saga = begin_saga(hub, "activate", facts(order_number=order, account_number=ACCOUNT, line=there), START)
    with hub.database.journaling() as connection:
        return redirect(connection, saga, {"state": "done", "step": "release"}, SagaStep(START, "release", "ended"))


def moves(book: OrderBook, **given: object) -> str:
    """The customer goes to another premise."""
    place = {"city": "Riverbend", "hub": "RB-H01", "terminal": "RB-H01-T001", "serviceability": "serviceable"}
    book.say(Premise, "crm", "P50", address="50 Mill Road", **place)
    known = {"account_number": ACCOUNT, "order_type": "move", "state": "inProgress", "premise_id": "P50"} | given
    book.say(ProductOrder, "crm", ORDER, order_number=ORDER, **known)
    return ORDER


def rounds(hub: Hub, book: OrderBook, stages: Stages, clock: HandClock) -> ReadyOutcome:
    """The job is made, and shown."""
    begin(hub, book, stages, clock)
    drain(hub, clock, stages)
    return begin(hub, book, stages, clock)


def test_a_move_is_made_ready(
    hub: Hub, book: OrderBook, stages: Stages, clock: HandClock, operator: LumenValley, service: Saga
) -> None:
    order = moves(book)
    (ready,) = rounds(hub, book, stages, clock).begun
    assert (ready.order_number, ready.saga and ready.saga.kind) == (order, "move")
    *_, saga = begun(hub)
    wanted = SagaFacts.model_validate_json(saga.facts)
    assert (wanted.line.service_id, wanted.line.element, wanted.line.port) == (ACCOUNT, ELEMENT, "1/1/1")
    assert wanted.previous_line == SagaFacts.model_validate_json(service.facts).line
    assert wanted.expected_serial == serials(1)[0]
    assert wanted.profile.offering_id == "fiber-500"
    (kept,) = lines(hub)
    assert (kept.order_number, kept.service_id, kept.onu_id) == (order, ACCOUNT, wanted.line.onu_id)
    (job,) = [row for row in operator.running.books.field_service["work_orders"] if row.get("client_reference")]
    assert (job["id"], job["type"]) == (wanted.work_order_id, "move")
    again = begin(hub, book, stages, clock)
    assert (again.begun, again.told) == ([], [])
    assert make_ready(hub, order, clock(), stages).saga == saga


def test_another_tier_is_no_part_of_a_move(
    hub: Hub, book: OrderBook, stages: Stages, clock: HandClock, service: Saga
) -> None:
    moves(book, offering_id="fiber-1000")
    (held,) = begin(hub, book, stages, clock).told
    assert codes(held) == ["serviceNotReady"]
    assert "order the tier apart" in held.said
    assert lines(hub) == []


def test_a_move_to_where_no_place_is_left_is_held(
    hub: Hub, book: OrderBook, stages: Stages, clock: HandClock, service: Saga
) -> None:
    book.terminal(used=4)
    moves(book)
    (held,) = begin(hub, book, stages, clock).told
    assert codes(held) == ["noFreeCapacity"]


def test_a_service_of_somebody_elses_is_moved_by_them(
    hub: Hub, book: OrderBook, stages: Stages, clock: HandClock
) -> None:
    book.order(1, state="completed", completed_at=START)
    order = moves(book)
    outcome = begin(hub, book, stages, clock)
    assert (outcome.begun, outcome.not_ours) == ([], [order])
    assert lines(hub) == []


def test_a_move_is_stopped_with_its_line(
    hub: Hub, book: OrderBook, stages: Stages, clock: HandClock, service: Saga
) -> None:
    order = moves(book)
    stages.actor = "nobody"
    assert begin(hub, book, stages, clock).stopped == [order]
    assert service.market == MARKET
