"""Draining the journal against live systems: done once, whatever became of the answer."""

import pytest

from canonical_model.errors import UnsafeToContinue
from hub.effects.drain import drain, resolve_unknown
from hub.effects.enqueue import enqueue
from hub.workplace import Hub
from tests.fakes.effects import (
    START,
    HandClock,
    Stages,
    job,
    now_of,
    settled,
    story,
)
from tests.fakes.lumen_valley import LumenValley
from tests.waiting import wait_until


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
    small_operator.running.set_faults("fsm:answer_late=600")
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


def test_a_rubbish_answer_to_what_never_happened_is_never_done(
    small_operator: LumenValley, acting_hub: Hub, clock: HandClock, stages: Stages
) -> None:
    effect = enqueue(acting_hub, job(1), START, stages)
    small_operator.running.set_faults("fsm:http_503=1,fsm:rubbish=1")
    drain(acting_hub, clock, stages)
    left = now_of(acting_hub, effect)
    assert (left.state, left.told, left.sends) == ("unknown", "unknown", 1)
    small_operator.running.set_faults("")
    done = settled(acting_hub, clock, stages, effect)
    assert (done.state, done.sends, len(small_operator.running.write_log.of("fsm"))) == ("done", 2, 1)


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
    small_operator.running.set_faults("fsm:write_late=600")
    drain(impatient_hub, clock, stages)
    assert now_of(impatient_hub, effect).state == "unknown"
    small_operator.running.set_faults("")
    wait_until(lambda: small_operator.running.write_log.of("fsm"), "the late request has arrived")
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
