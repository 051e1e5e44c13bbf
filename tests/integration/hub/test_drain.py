"""Draining the journal against live systems: done once, whatever became of the answer."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from canonical_model.errors import UnsafeToContinue
from hub.effects.drain import drain, resolve_unknown
from hub.effects.enqueue import enqueue
from hub.workplace import Hub
from storage.effect_steps import steps_of
from storage.effects import Effect, effect_with
from tests.fakes.effects import START, HandClock, Stages, billing_start, change_of_job, impatient, job, status_of
from tests.fakes.lumen_valley import LumenValley, lumen_valley


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[LumenValley]:
    with lumen_valley(tmp_path / "operator", subscribers=20, months=2) as running:
        yield running


@pytest.fixture
def hub(operator: LumenValley, tmp_path: Path) -> Iterator[Hub]:
    with operator.hub(tmp_path / "work") as opened:
        yield opened


@pytest.fixture
def impatient_hub(operator: LumenValley, tmp_path: Path) -> Iterator[Hub]:
    """Waits a second for an answer."""
    with impatient(operator).hub(tmp_path / "work") as opened:
        yield opened


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def stages() -> Stages:
    return Stages()


def now_of(hub: Hub, effect: Effect) -> Effect:
    with hub.database.reading() as connection:
        found = effect_with(connection, effect.id)
    assert found is not None
    return found


def story(hub: Hub, effect: Effect) -> list[str]:
    with hub.database.reading() as connection:
        return [step.step for step in steps_of(connection, effect.id)]


def test_a_job_is_made_once_and_believed_when_it_shows(
    operator: LumenValley, hub: Hub, clock: HandClock, stages: Stages
) -> None:
    effect = enqueue(hub, job(1), START, stages)
    assert (effect.state, operator.running.write_log.applied) == ("queued", [])
    drain(hub, clock, stages)
    done = now_of(hub, effect)
    assert (done.state, done.sends) == ("done", 1)
    assert [applied.subject for applied in operator.running.write_log.of("fsm")] == [done.reference]
    assert story(hub, effect) == ["enqueued", "sending", "sent", "looked"]


def test_an_answer_that_comes_too_late_is_made_up_for_by_looking(
    operator: LumenValley, impatient_hub: Hub, clock: HandClock, stages: Stages
) -> None:
    effect = enqueue(impatient_hub, job(1), START, stages)
    operator.running.set_faults("fsm:answer_late=3")
    drain(impatient_hub, clock, stages)
    done = now_of(impatient_hub, effect)
    assert (done.state, done.told, done.sends) == ("done", "unknown", 1)
    assert len(operator.running.write_log.of("fsm")) == 1


@pytest.mark.parametrize("fault", ["answer_lost=1", "rubbish=1"])
def test_an_answer_that_is_lost_or_rubbish_is_made_up_for_by_looking(
    operator: LumenValley, hub: Hub, clock: HandClock, stages: Stages, fault: str
) -> None:
    effect = enqueue(hub, job(1), START, stages)
    operator.running.set_faults(f"fsm:{fault}")
    drain(hub, clock, stages)
    assert (now_of(hub, effect).state, now_of(hub, effect).told) == ("done", "unknown")
    assert len(operator.running.write_log.of("fsm")) == 1


def test_a_request_that_never_arrived_goes_out_again_only_after_two_looks(
    operator: LumenValley, hub: Hub, clock: HandClock, stages: Stages
) -> None:
    effect = enqueue(hub, job(1), START, stages)
    operator.running.set_faults("fsm:write_lost=1")
    drain(hub, clock, stages)
    assert (now_of(hub, effect).state, now_of(hub, effect).sends) == ("unknown", 1)
    operator.running.set_faults("")
    drain(hub, clock, stages)
    assert now_of(hub, effect).sends == 1, "sent again although a request may still be on its way"
    clock.move(seconds=31)
    drain(hub, clock, stages)
    done = now_of(hub, effect)
    assert (done.state, done.sends) == ("done", 2)
    assert len(operator.running.write_log.of("fsm")) == 1
    assert story(hub, effect) == [
        "enqueued",
        *["sending", "sent", "looked"],
        "looked",
        *["sending", "sent", "looked"],
    ]


def test_a_request_that_arrives_after_everybody_gave_up_on_it_is_not_done_twice(
    operator: LumenValley, impatient_hub: Hub, clock: HandClock, stages: Stages
) -> None:
    hub = impatient_hub
    effect = enqueue(hub, job(1), START, stages)
    operator.running.set_faults("fsm:write_late=2")
    drain(hub, clock, stages)
    assert now_of(hub, effect).state == "unknown"
    deadline = time.monotonic() + 10
    while not operator.running.write_log.of("fsm") and time.monotonic() < deadline:
        time.sleep(0.02)
    clock.move(seconds=31)
    drain(hub, clock, stages)
    assert (now_of(hub, effect).state, now_of(hub, effect).sends) == ("done", 1)
    assert len(operator.running.write_log.of("fsm")) == 1


def test_looking_alone_sends_nothing(operator: LumenValley, hub: Hub, clock: HandClock, stages: Stages) -> None:
    effect = enqueue(hub, job(1), START, stages)
    operator.running.set_faults("fsm:write_lost=1")
    drain(hub, clock, stages)
    operator.running.set_faults("")
    looked = resolve_unknown(hub, effect.id, clock)
    assert looked is not None
    assert (looked.state, looked.sends) == ("queued", 1)
    assert operator.running.write_log.applied == []


def test_a_system_that_is_away_is_tried_later_and_others_wait_for_nothing(
    operator: LumenValley, hub: Hub, clock: HandClock, stages: Stages
) -> None:
    made = [enqueue(hub, job(number), START, stages) for number in range(1, 5)]
    operator.running.set_faults("fsm:missing")
    outcome = drain(hub, clock, stages)
    assert list(outcome.away) == ["fsm"]
    assert [now_of(hub, effect).sends for effect in made] == [1, 1, 0, 0]
    assert {now_of(hub, effect).state for effect in made} == {"queued"}
    operator.running.set_faults("")
    clock.move(seconds=31)
    drain(hub, clock, stages)
    assert {now_of(hub, effect).state for effect in made} == {"done"}
    assert len(operator.running.write_log.of("fsm")) == 4


def test_nothing_is_written_down_for_a_hand_off_that_the_hub_does_not_own(
    operator: LumenValley, hub: Hub, clock: HandClock
) -> None:
    with pytest.raises(UnsafeToContinue, match="does not own provisioning_to_dispatch in mesa"):
        enqueue(hub, job(1), START, Stages("legacy"))
    assert drain(hub, clock, Stages()).settled == []


def test_an_effect_whose_hand_off_was_given_back_is_refused_before_it_is_sent(
    operator: LumenValley, hub: Hub, clock: HandClock, stages: Stages
) -> None:
    effect = enqueue(hub, job(1), START, stages)
    stages.actor = "legacy"
    outcome = drain(hub, clock, stages)
    refused = now_of(hub, effect)
    assert (refused.state, refused.sends) == ("refused", 0)
    assert "legacy acts" in refused.reason
    assert [each.id for each in outcome.need_a_person] == [effect.id]
    assert operator.running.write_log.applied == []
    assert story(hub, effect) == ["enqueued", "withheld"]


def test_a_refusal_holds_back_what_comes_after_it_and_nothing_else(
    operator: LumenValley, hub: Hub, clock: HandClock, stages: Stages
) -> None:
    wrong = enqueue(hub, job(1, "order/1", work_type="invent"), START, stages)
    behind = enqueue(hub, job(2, "order/1"), START, stages)
    beside = enqueue(hub, job(3, "order/3"), START, stages)
    drain(hub, clock, stages)
    assert (now_of(hub, wrong).state, now_of(hub, wrong).told) == ("refused", "refused")
    assert now_of(hub, behind).state == "queued"
    assert now_of(hub, beside).state == "done"


def test_a_change_is_made_to_what_was_just_read(
    operator: LumenValley, hub: Hub, clock: HandClock, stages: Stages
) -> None:
    row = operator.running.books.field_service["work_orders"][0]
    effect = enqueue(hub, change_of_job(row["id"], 1, expected_serial="CXNK00000001"), START, stages)
    drain(hub, clock, stages)
    assert now_of(hub, effect).state == "done"
    assert row["expected_serial"] == "CXNK00000001"


@pytest.mark.parametrize("fault", ["", "billing:answer_lost=1", "billing:rubbish=1"])
def test_billing_begins_once_whatever_becomes_of_the_answer(
    operator: LumenValley, hub: Hub, clock: HandClock, stages: Stages, fault: str
) -> None:
    before = len(operator.running.books.billing["subscriptions"])
    effect = enqueue(hub, billing_start(7), START, stages)
    operator.running.set_faults(fault)
    drain(hub, clock, stages)
    done = now_of(hub, effect)
    assert (done.state, done.told) == ("done", "unknown" if fault else "acknowledged")
    rows = operator.running.books.billing["subscriptions"][before:]
    assert [(row["subscriptionId"], row["accountNumber"], row["startDate"]) for row in rows] == [
        (done.reference, "0000000007", "2026-11-03")
    ]


def test_a_request_id_that_was_used_before_is_known_by_what_became_of_it(
    operator: LumenValley, impatient_hub: Hub, clock: HandClock, stages: Stages
) -> None:
    hub = impatient_hub
    effect = enqueue(hub, billing_start(7), START, stages)
    operator.running.set_faults("billing:write_late=2")
    drain(hub, clock, stages)
    operator.running.set_faults("")
    clock.move(seconds=31)
    drain(hub, clock, stages)  # looks twice before the late request arrives, and sends again
    time.sleep(2)
    clock.move(seconds=31)
    drain(hub, clock, stages)
    done = now_of(hub, effect)
    assert done.state == "done"
    assert len(operator.running.write_log.of("billing")) == 1


def test_a_refusal_of_billing_is_told_in_its_words(
    operator: LumenValley, hub: Hub, clock: HandClock, stages: Stages
) -> None:
    effect = enqueue(hub, billing_start(7, billing_code="INT-FBR-9999"), START, stages)
    drain(hub, clock, stages)
    refused = now_of(hub, effect)
    assert (refused.state, refused.sends) == ("refused", 1)
    with hub.database.reading() as connection:
        assert "UNKNOWN_PLAN" in steps_of(connection, effect.id)[2].said


@pytest.mark.parametrize("fault", ["", "crm:answer_lost=1", "crm:rubbish=1", "crm:expire_session=1"])
def test_order_and_account_are_changed_together(
    operator: LumenValley, hub: Hub, clock: HandClock, stages: Stages, fault: str
) -> None:
    order, account = open_order(operator)
    command = status_of(account["AccountNumber"].removeprefix("LV-"), order["OrderNumber"], completed_at=START)
    effect = enqueue(hub, command, START, stages)
    operator.running.set_faults(fault)
    drain(hub, clock, stages)
    done = now_of(hub, effect)
    assert (done.state, done.sends) == ("done", 1), done.reason
    assert (order["Status"], order["StatusCode"], order["Completed_At__c"]) == ("Complete", "Completed", START)
    assert account["Service_Status__c"] == "active"
    changes = [(applied.operation, applied.subject) for applied in operator.running.write_log.of("crm")]
    assert changes == [("PATCH Order", order["Order_Key__c"]), ("PATCH Account", account["Account_Key__c"])]


def test_neither_is_changed_where_one_is_not_there_and_none_is_made(
    operator: LumenValley, hub: Hub, clock: HandClock, stages: Stages
) -> None:
    order, _ = open_order(operator)
    before = (dict(order), len(operator.running.books.crm["Account"]))
    effect = enqueue(hub, status_of("9999999", order["OrderNumber"]), START, stages)
    drain(hub, clock, stages)
    refused = now_of(hub, effect)
    assert (refused.state, refused.told) == ("refused", "refused")
    assert (dict(order), len(operator.running.books.crm["Account"])) == before
    assert operator.running.write_log.applied == []


def open_order(operator: LumenValley) -> tuple[dict[str, Any], dict[str, Any]]:
    """An order that somebody would complete, and its account."""
    books = operator.running.books.crm
    order = next(row for row in books["Order"] if not row["IsDeleted"])
    order.update(Status="Scheduled", StatusCode="Activated", Completed_At__c=None)
    return order, next(row for row in books["Account"] if row["Id"] == order["AccountId"])
