"""Each kind of system in its own way: request ids in billing, conditions in field service, records in the CRM."""

from collections.abc import Callable
from typing import Any

import pytest

from connectors.discovery import open_sink
from connectors.ports import Receipt, Sink, Write
from hub.effects.drain import drain
from hub.effects.enqueue import enqueue
from hub.effects.sinks import OpenSink
from hub.workplace import Hub
from storage.effect_steps import steps_of
from tests.fakes.effects import (
    START,
    HandClock,
    Stages,
    billing_start,
    change_of_job,
    now_of,
    settled,
    status_of,
)
from tests.fakes.lumen_valley import LumenValley
from tests.waiting import wait_until


def test_a_change_is_made_to_what_was_just_read(
    small_operator: LumenValley, acting_hub: Hub, clock: HandClock, stages: Stages
) -> None:
    row = small_operator.running.books.field_service["work_orders"][0]
    effect = enqueue(acting_hub, change_of_job(row["id"], 1, expected_serial="CXNK00000001"), START, stages)
    drain(acting_hub, clock, stages)
    assert now_of(acting_hub, effect).state == "done"
    assert row["expected_serial"] == "CXNK00000001"


@pytest.mark.parametrize("fault", ["", "billing:answer_lost=1", "billing:rubbish=1"])
def test_billing_begins_once_whatever_becomes_of_the_answer(
    small_operator: LumenValley, acting_hub: Hub, clock: HandClock, stages: Stages, fault: str
) -> None:
    """Scenario 39: a time-out after the commit is looked for by our key; never a second subscription."""
    before = len(small_operator.running.books.billing["subscriptions"])
    effect = enqueue(acting_hub, billing_start(7), START, stages)
    small_operator.running.set_faults(fault)
    drain(acting_hub, clock, stages)
    done = now_of(acting_hub, effect)
    assert (done.state, done.told) == ("done", "unknown" if fault else "acknowledged")
    rows = small_operator.running.books.billing["subscriptions"][before:]
    assert [(row["subscriptionId"], row["accountNumber"], row["startDate"]) for row in rows] == [
        (done.reference, "0000000007", "2026-11-03")
    ]


def test_a_request_id_that_was_used_before_is_known_by_what_became_of_it(
    small_operator: LumenValley, impatient_hub: Hub, clock: HandClock, stages: Stages
) -> None:
    effect = enqueue(impatient_hub, billing_start(7), START, stages)
    small_operator.running.set_faults("billing:write_late=600")
    while now_of(impatient_hub, effect).sends < 2:  # it looks twice in vain before it sends again
        drain(impatient_hub, clock, stages)
        clock.move(hours=3)
    small_operator.running.set_faults("")  # both arrive now, and one of the two is refused as known
    wait_until(lambda: small_operator.running.write_log.of("billing"), "a late write arrives")
    done = settled(impatient_hub, clock, stages, effect)
    assert (done.state, done.sends) == ("done", 2)
    assert len(small_operator.running.write_log.of("billing")) == 1


def test_a_refusal_of_billing_is_told_in_its_words(
    small_operator: LumenValley, acting_hub: Hub, clock: HandClock, stages: Stages
) -> None:
    effect = enqueue(acting_hub, billing_start(7, billing_code="INT-FBR-9999"), START, stages)
    drain(acting_hub, clock, stages)
    refused = now_of(acting_hub, effect)
    assert (refused.state, refused.sends) == ("refused", 1)
    with acting_hub.database.reading() as connection:
        assert "UNKNOWN_PLAN" in steps_of(connection, effect.id)[2].said


@pytest.mark.parametrize("fault", ["", "crm:answer_lost=1", "crm:rubbish=1", "crm:expire_session=1"])
def test_order_and_account_are_changed_together(
    small_operator: LumenValley, acting_hub: Hub, clock: HandClock, stages: Stages, fault: str
) -> None:
    order, account = open_order(small_operator)
    command = status_of(account["AccountNumber"].removeprefix("LV-"), order["OrderNumber"], completed_at=START)
    effect = enqueue(acting_hub, command, START, stages)
    small_operator.running.set_faults(fault)
    drain(acting_hub, clock, stages)
    done = now_of(acting_hub, effect)
    assert (done.state, done.sends) == ("done", 1), done.reason
    assert (order["Status"], order["StatusCode"], order["Completed_At__c"]) == ("Complete", "Completed", START)
    assert account["Service_Status__c"] == "active"
    changes = [(applied.operation, applied.subject) for applied in small_operator.running.write_log.of("crm")]
    assert changes == [("PATCH Order", order["Order_Key__c"]), ("PATCH Account", account["Account_Key__c"])]


def test_neither_is_changed_where_one_is_not_there_and_none_is_made(
    small_operator: LumenValley, acting_hub: Hub, clock: HandClock, stages: Stages
) -> None:
    order, _ = open_order(small_operator)
    before = (dict(order), len(small_operator.running.books.crm["Account"]))
    effect = enqueue(acting_hub, status_of("9999999", order["OrderNumber"]), START, stages)
    drain(acting_hub, clock, stages)
    refused = now_of(acting_hub, effect)
    assert (refused.state, refused.told) == ("refused", "refused")
    assert (dict(order), len(small_operator.running.books.crm["Account"])) == before
    assert small_operator.running.write_log.applied == []


def open_order(small_operator: LumenValley) -> tuple[dict[str, Any], dict[str, Any]]:
    """An order that somebody would complete, and its account."""
    books = small_operator.running.books.crm
    order = next(row for row in books["Order"] if not row["IsDeleted"])
    order.update(Status="Scheduled", StatusCode="Activated", Completed_At__c=None)
    return order, next(row for row in books["Account"] if row["Id"] == order["AccountId"])


def test_what_somebody_else_wrote_meanwhile_is_never_overwritten(
    small_operator: LumenValley, acting_hub: Hub, clock: HandClock, stages: Stages
) -> None:
    order, account = open_order(small_operator)
    command = status_of(account["AccountNumber"].removeprefix("LV-"), order["OrderNumber"])
    effect = enqueue(acting_hub, command, START, stages)
    small_operator.running.set_faults("crm:answer_lost=1")
    drain(acting_hub, clock, stages, open_sink=between(lambda: order.update(Status="Void")))
    small_operator.running.set_faults("")
    parked = settled(acting_hub, clock, stages, effect)
    assert (parked.state, parked.sends, order["Status"]) == ("parked", 1, "Void")
    assert "what somebody else has written since" in parked.reason


def test_what_shows_as_before_did_not_arrive_and_goes_out_again(
    small_operator: LumenValley, acting_hub: Hub, clock: HandClock, stages: Stages
) -> None:
    order, account = open_order(small_operator)
    command = status_of(account["AccountNumber"].removeprefix("LV-"), order["OrderNumber"])
    effect = enqueue(acting_hub, command, START, stages)
    small_operator.running.set_faults("crm:write_lost=1")
    drain(acting_hub, clock, stages)
    small_operator.running.set_faults("")
    done = settled(acting_hub, clock, stages, effect)
    assert (done.state, done.sends, order["Status"]) == ("done", 2, "Complete")


def between(meddle: Callable[[], None]) -> OpenSink:
    """Sinks that let somebody in between a write and the look after it."""

    class Meddled:
        def __init__(self, sink: Sink) -> None:
            self._sink = sink
            self.observe, self.close = sink.observe, sink.close

        def send(self, write: Write) -> Receipt:
            try:
                return self._sink.send(write)
            finally:
                meddle()

    return lambda settings: Meddled(open_sink(settings))
