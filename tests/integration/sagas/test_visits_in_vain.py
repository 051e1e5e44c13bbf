"""Nobody was at home: the job stays open, nothing is billed, and the next visit goes on with the same service."""

import threading
from datetime import timedelta

import pytest

from canonical_model.field_work import WorkOrderVisit
from hub.effects.drain import drain
from hub.running_clock import running_clock
from hub.sagas.advance import advance
from hub.sagas.beginning import begin_saga
from hub.sagas.bench import Bench
from hub.sagas.desk import Desk
from hub.sagas.working import work
from hub.workplace import Hub
from provisioning.facts import SagaFacts
from storage.effects import effects
from storage.sagas import Saga, saga_with
from tests.fakes.completions import DONE, good_job, known, report, without
from tests.fakes.effects import START, HandClock, Stages
from tests.fakes.lines import NETWORK, ONT, facts
from tests.fakes.lumen_valley import LumenValley
from tests.fakes.told_network import ToldNetwork
from tests.waiting import wait_until


@pytest.fixture
def ordered(operator: LumenValley) -> SagaFacts:
    """An order that the CRM holds open, with a job."""
    books = operator.running.books
    order = next(row for row in books.crm["Order"] if not row["IsDeleted"])
    account = next(row for row in books.crm["Account"] if row["Id"] == order["AccountId"])
    order.update(Status="Scheduled", StatusCode="Activated", Completed_At__c=None)
    job = books.field_service["work_orders"][0]
    job["state"] = "on_site"
    return facts(
        order_number=order["OrderNumber"].lstrip("0"),
        account_number=account["AccountNumber"].removeprefix("LV-"),
        work_order_id=job["id"],
    )


def led_on(desk: Desk, saga: Saga, clock: HandClock) -> Saga:
    """Advance and drain until the saga moves no more by itself."""
    found = saga
    for _ in range(20):
        advance(desk)
        drain(desk.hub, clock, desk.may_act)
        clock.move(seconds=61)
        with desk.hub.database.reading() as connection:
            found = saga_with(connection, saga.id) or saga
        if found.state not in ("running", "undoing"):
            break
    return found


def commands(desk: Desk) -> set[str]:
    with desk.hub.database.reading() as connection:
        return {each.command for each in effects(connection)}


def test_nobody_at_home_starts_no_bill_and_the_next_visit_goes_on(
    desk: Desk, clock: HandClock, network: ToldNetwork, ordered: SagaFacts
) -> None:
    """Scenario 23: what was reported of the first visit closes nothing; the second one does, once."""
    network.plug(ONT, "1/1/1")
    saga = begin_saga(desk.hub, "activate", ordered, START)
    done = good_job(ordered)
    visit = {"work_order_id": ordered.work_order_id, "dispatched_at": DONE - timedelta(hours=2)}
    in_vain = known(WorkOrderVisit, **visit, visit_number=1, outcome="no_access", cause="nobody at home")
    report(desk.hub.database, [*without(done, "WorkOrderVisit"), in_vain])

    refused = led_on(desk, saga, clock)
    assert (refused.state, refused.step, refused.person) == ("held", "gate", "technician")
    assert "no access" in refused.reason
    assert commands(desk) & {"start_billing", "set_customer_status", "close_work_order"} == set()

    arrived = visit | {"visit_number": 2, "arrived_at": DONE - timedelta(hours=1), "outcome": "done"}
    report(desk.hub.database, [known(WorkOrderVisit, 2, **arrived)])
    assert led_on(desk, saga, clock).state == "done"
    assert {"start_billing", "set_customer_status", "close_work_order"} <= commands(desk)


def test_a_worker_goes_on_by_itself_when_a_pull_brings_what_was_missing(
    hub: Hub, network: ToldNetwork, stages: Stages, ordered: SagaFacts
) -> None:
    """Nobody rings for it: a process that pulls has stored it, and the saga is held by a gate."""
    network.plug(ONT, "1/1/1")
    saga = begin_saga(hub, "activate", ordered, START)
    report(hub.database, without(good_job(ordered), "CompletionPhoto"))

    def state() -> str:
        with hub.database.reading() as connection:
            found = saga_with(connection, saga.id)
        return "" if found is None else found.state

    until = threading.Event()
    bench = Bench(hub, NETWORK, network.driver, running_clock(START), stages)
    worker = threading.Thread(target=work, args=(bench, until))
    worker.start()
    try:
        wait_until(lambda: state() == "held", "a gate holds it")
        report(hub.database, good_job(ordered))
        wait_until(lambda: state() == "done", "it goes on by itself")
    finally:
        until.set()
        worker.join(60)
