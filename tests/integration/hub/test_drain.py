"""Draining the journal against live systems: done once, whatever became of the answer."""

import time
from typing import Any

import pytest

from canonical_model.errors import UnsafeToContinue
from handoffs.effect_states import WAITING
from hub.effects.drain import drain, resolve_unknown
from hub.effects.enqueue import enqueue
from hub.workplace import Hub
from storage.effect_steps import steps_of
from storage.effects import Effect
from tests.fakes.effects import START, HandClock, Stages, billing_start, change_of_job, job, now_of, status_of, story
from tests.fakes.lumen_valley import LumenValley


def test_a_job_is_made_once_and_believed_when_it_shows(
    small_operator: LumenValley, acting_hub: Hub, clock: HandClock, stages: Stages
) -> None:
    effect = enqueue(acting_hub, job(1), START, stages)
    assert (effect.state, small_operator.running.write_log.applied) == ("queued", [])
    drain(acting_hub, clock, stages)
    done = now_of(acting_hub, effect)
    assert (done.state, done.sends) == ("done", 1)
    assert [applied.subject for applied in small_operator.running.write_log.of("fsm")] == [done.reference]
    assert story(acting_hub, effect) == ["enqueued", "sending", "sent", "looked"]


def test_an_answer_that_comes_too_late_is_made_up_for_by_looking(
    small_operator: LumenValley, impatient_hub: Hub, clock: HandClock, stages: Stages
) -> None:
    effect = enqueue(impatient_hub, job(1), START, stages)
    small_operator.running.set_faults("fsm:answer_late=3")
    done = settled(impatient_hub, clock, stages, effect)
    assert (done.state, done.told, done.sends) == ("done", "unknown", 1)
    assert len(small_operator.running.write_log.of("fsm")) == 1


@pytest.mark.parametrize("fault", ["answer_lost=1", "rubbish=1"])
def test_an_answer_that_is_lost_or_rubbish_is_made_up_for_by_looking(
    small_operator: LumenValley, acting_hub: Hub, clock: HandClock, stages: Stages, fault: str
) -> None:
    effect = enqueue(acting_hub, job(1), START, stages)
    small_operator.running.set_faults(f"fsm:{fault}")
    drain(acting_hub, clock, stages)
    assert (now_of(acting_hub, effect).state, now_of(acting_hub, effect).told) == ("done", "unknown")
    assert len(small_operator.running.write_log.of("fsm")) == 1


def test_a_request_that_never_arrived_goes_out_again_only_after_two_looks(
    small_operator: LumenValley, acting_hub: Hub, clock: HandClock, stages: Stages
) -> None:
    effect = enqueue(acting_hub, job(1), START, stages)
    small_operator.running.set_faults("fsm:write_lost=1")
    drain(acting_hub, clock, stages)
    assert (now_of(acting_hub, effect).state, now_of(acting_hub, effect).sends) == ("unknown", 1)
    small_operator.running.set_faults("")
    drain(acting_hub, clock, stages)
    assert now_of(acting_hub, effect).sends == 1, "sent again although a request may still be on its way"
    clock.move(seconds=31)
    drain(acting_hub, clock, stages)
    done = now_of(acting_hub, effect)
    assert (done.state, done.sends) == ("done", 2)
    assert len(small_operator.running.write_log.of("fsm")) == 1
    assert story(acting_hub, effect) == [
        "enqueued",
        *["sending", "sent", "looked"],
        "looked",
        *["sending", "sent", "looked"],
    ]


def test_a_request_that_arrives_after_everybody_gave_up_on_it_is_not_done_twice(
    small_operator: LumenValley, impatient_hub: Hub, clock: HandClock, stages: Stages
) -> None:
    effect = enqueue(impatient_hub, job(1), START, stages)
    small_operator.running.set_faults("fsm:write_late=2")
    drain(impatient_hub, clock, stages)
    assert now_of(impatient_hub, effect).state == "unknown"
    deadline = time.monotonic() + 10
    while not small_operator.running.write_log.of("fsm") and time.monotonic() < deadline:
        time.sleep(0.02)
    done = settled(impatient_hub, clock, stages, effect)
    assert (done.state, done.sends) == ("done", 1)
    assert len(small_operator.running.write_log.of("fsm")) == 1


def test_looking_alone_sends_nothing(
    small_operator: LumenValley, acting_hub: Hub, clock: HandClock, stages: Stages
) -> None:
    effect = enqueue(acting_hub, job(1), START, stages)
    small_operator.running.set_faults("fsm:write_lost=1")
    drain(acting_hub, clock, stages)
    small_operator.running.set_faults("")
    looked = resolve_unknown(acting_hub, effect.id, clock)
    assert looked is not None
    assert (looked.state, looked.sends) == ("queued", 1)
    assert small_operator.running.write_log.applied == []


def test_a_system_that_is_away_is_tried_later_and_others_wait_for_nothing(
    small_operator: LumenValley, acting_hub: Hub, clock: HandClock, stages: Stages
) -> None:
    made = [enqueue(acting_hub, job(number), START, stages) for number in range(1, 5)]
    small_operator.running.set_faults("fsm:missing")
    outcome = drain(acting_hub, clock, stages)
    assert list(outcome.away) == ["fsm"]
    assert [now_of(acting_hub, effect).sends for effect in made] == [1, 1, 0, 0]
    assert {now_of(acting_hub, effect).state for effect in made} == {"queued"}
    small_operator.running.set_faults("")
    clock.move(seconds=31)
    drain(acting_hub, clock, stages)
    assert {now_of(acting_hub, effect).state for effect in made} == {"done"}
    assert len(small_operator.running.write_log.of("fsm")) == 4


def test_nothing_is_written_down_for_a_hand_off_that_the_hub_does_not_own(
    small_operator: LumenValley, acting_hub: Hub, clock: HandClock
) -> None:
    with pytest.raises(UnsafeToContinue, match="does not own provisioning_to_dispatch in mesa"):
        enqueue(acting_hub, job(1), START, Stages("legacy"))
    assert drain(acting_hub, clock, Stages()).settled == []


def test_an_effect_whose_hand_off_was_given_back_is_refused_before_it_is_sent(
    small_operator: LumenValley, acting_hub: Hub, clock: HandClock, stages: Stages
) -> None:
    effect = enqueue(acting_hub, job(1), START, stages)
    stages.actor = "legacy"
    outcome = drain(acting_hub, clock, stages)
    refused = now_of(acting_hub, effect)
    assert (refused.state, refused.sends) == ("refused", 0)
    assert "legacy acts" in refused.reason
    assert [each.id for each in outcome.need_a_person] == [effect.id]
    assert small_operator.running.write_log.applied == []
    assert story(acting_hub, effect) == ["enqueued", "withheld"]


def test_a_refusal_holds_back_what_comes_after_it_and_nothing_else(
    small_operator: LumenValley, acting_hub: Hub, clock: HandClock, stages: Stages
) -> None:
    wrong = enqueue(acting_hub, job(1, "order/1", work_type="invent"), START, stages)
    behind = enqueue(acting_hub, job(2, "order/1"), START, stages)
    beside = enqueue(acting_hub, job(3, "order/3"), START, stages)
    drain(acting_hub, clock, stages)
    assert (now_of(acting_hub, wrong).state, now_of(acting_hub, wrong).told) == ("refused", "refused")
    assert now_of(acting_hub, behind).state == "queued"
    assert now_of(acting_hub, beside).state == "done"


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
    small_operator.running.set_faults("billing:write_late=2")
    drain(impatient_hub, clock, stages)
    small_operator.running.set_faults("")
    # it looks twice before the late request arrives, sends again, and one of the two is refused as known
    done = settled(impatient_hub, clock, stages, effect)
    assert done.state == "done"
    time.sleep(2)
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


def settled(hub: Hub, clock: HandClock, stages: Stages, effect: Effect) -> Effect:
    """Drain until an effect moves no more by itself, however slow this machine is today."""
    for _ in range(12):
        drain(hub, clock, stages)
        if now_of(hub, effect).state not in WAITING:
            break
        clock.move(hours=3)
    return now_of(hub, effect)


def open_order(small_operator: LumenValley) -> tuple[dict[str, Any], dict[str, Any]]:
    """An order that somebody would complete, and its account."""
    books = small_operator.running.books.crm
    order = next(row for row in books["Order"] if not row["IsDeleted"])
    order.update(Status="Scheduled", StatusCode="Activated", Completed_At__c=None)
    return order, next(row for row in books["Account"] if row["Id"] == order["AccountId"])
