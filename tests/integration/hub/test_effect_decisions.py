"""What a person decides about an effect: looked at first, planned anew where it was refused, never without a why."""

import json

import pytest
from sqlalchemy import select

from canonical_model.errors import ConfigurationError
from connectors.discovery import open_sink
from connectors.ports import Look, RawRecord, Receipt, Sink, SystemSettings, Write
from hub.effects.decisions import discard, retry
from hub.effects.drain import drain
from hub.effects.enqueue import enqueue
from hub.workplace import Hub
from storage.effects import Effect
from storage.schema.audit import AUDIT
from tests.fakes.effects import START, HandClock, Stages, billing_start, job, now_of, story
from tests.fakes.lumen_valley import LumenValley, change


def audit(hub: Hub) -> list[tuple[str, str, str, str]]:
    with hub.database.reading() as connection:
        rows = connection.execute(select(AUDIT).order_by(AUDIT.c.id)).all()
    return [(row.actor, row.action, row.subject, json.loads(row.detail)["why"]) for row in rows]


def refused(hub: Hub, clock: HandClock, stages: Stages) -> Effect:
    effect = enqueue(hub, billing_start(7, billing_code="INT-FBR-9999"), START, stages)
    drain(hub, clock, stages)
    assert now_of(hub, effect).state == "refused"
    return now_of(hub, effect)


def test_a_refused_effect_goes_out_planned_anew_under_a_new_request_id(
    small_operator: LumenValley, acting_hub: Hub, clock: HandClock, stages: Stages
) -> None:
    effect = refused(acting_hub, clock, stages)
    file = small_operator.folder / "commands" / "billing-start.yaml"
    change(file, r"planCode: billing_code\n    startDate", "planCode: \"'INT-FBR-0500'\"\n    startDate")
    with small_operator.hub(acting_hub.workspace) as mended:
        again = retry(mended, effect.id, clock.now, actor="ada", why="the plan has another code now")
        assert (again.state, again.request_id, again.sends) == ("queued", f"{effect.idempotency_key}.2", 0)
        drain(mended, clock, stages)
        assert now_of(mended, effect).state == "done"
    (applied,) = small_operator.running.write_log.of("billing")
    assert applied.key == f"{effect.idempotency_key}.2"
    assert audit(acting_hub) == [
        ("ada", "effect.retried", f"effect/{effect.id}", "the plan has another code now"),
    ]


def test_what_is_given_up_is_never_sent_and_lets_the_next_pass(
    small_operator: LumenValley, acting_hub: Hub, clock: HandClock, stages: Stages
) -> None:
    effect = refused(acting_hub, clock, stages)
    behind = enqueue(acting_hub, job(1, effect.subject), START, stages)
    drain(acting_hub, clock, stages)
    assert now_of(acting_hub, behind).state == "queued"
    discard(acting_hub, effect.id, clock.now, actor="ada", why="the customer has left")
    drain(acting_hub, clock, stages)
    assert (now_of(acting_hub, effect).state, now_of(acting_hub, behind).state) == ("discarded", "done")
    assert story(acting_hub, effect)[-1] == "discarded"
    assert small_operator.running.write_log.of("billing") == []


def test_one_that_may_have_happened_is_looked_at_before_it_goes_out_again(
    small_operator: LumenValley, acting_hub: Hub, clock: HandClock, stages: Stages
) -> None:
    effect = enqueue(acting_hub, job(1), START, stages)
    small_operator.running.set_faults("fsm:answer_lost=1")
    drain(acting_hub, clock, stages, open_sink=blind)
    for _ in range(15):
        clock.move(hours=4)
        drain(acting_hub, clock, stages, open_sink=blind)
    assert (now_of(acting_hub, effect).state, now_of(acting_hub, effect).sends) == ("parked", 1)
    small_operator.running.set_faults("")
    looked = retry(acting_hub, effect.id, clock.now, actor="ada", why="the network is mended")
    assert looked.state == "unknown"
    drain(acting_hub, clock, stages)
    assert (now_of(acting_hub, effect).state, len(small_operator.running.write_log.of("fsm"))) == ("done", 1)


def test_a_look_that_was_written_wrong_can_be_mended_for_what_is_under_way(
    small_operator: LumenValley, acting_hub: Hub, clock: HandClock, stages: Stages
) -> None:
    file = small_operator.folder / "commands" / "fsm-create-work-order.yaml"
    sound = file.read_text(encoding="utf-8")
    change(file, "rows: data", "rows: items")
    with small_operator.hub(acting_hub.workspace) as wrong:
        effect = enqueue(wrong, job(1), START, stages)
        for _ in range(14):
            drain(wrong, clock, stages)
            clock.move(hours=4)
        assert (now_of(wrong, effect).state, now_of(wrong, effect).told) == ("parked", "acknowledged")
    file.write_text(sound, encoding="utf-8")
    with small_operator.hub(acting_hub.workspace) as mended:
        retry(mended, effect.id, clock.now, actor="ada", why="the list is called data")
        drain(mended, clock, stages)
        assert (now_of(mended, effect).state, now_of(mended, effect).sends) == ("done", 1)
    assert len(small_operator.running.write_log.of("fsm")) == 1


def blind(settings: SystemSettings) -> Sink:
    """A sink that sends and cannot look."""
    return BlindSink(open_sink(settings))


class BlindSink:
    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def send(self, write: Write) -> Receipt:
        return self._sink.send(write)

    def observe(self, look: Look) -> RawRecord | None:
        raise ConfigurationError(f"{look.target}: may not be read by this user; give it the right")

    def close(self) -> None:
        self._sink.close()


def test_who_decides_while_it_is_being_sent_overtakes_the_drain(
    small_operator: LumenValley, acting_hub: Hub, clock: HandClock, stages: Stages
) -> None:
    effect = enqueue(acting_hub, job(1), START, stages)

    def meddled(settings: SystemSettings) -> Sink:
        with pytest.raises(ConfigurationError, match="effect 1 is sending; only"):
            discard(acting_hub, effect.id, clock.now, actor="ada", why="too late")
        return open_sink(settings)

    drain(acting_hub, clock, stages, open_sink=meddled)
    assert now_of(acting_hub, effect).state == "done"


@pytest.mark.parametrize("decide", [retry, discard])
def test_a_decision_needs_an_effect_in_a_fitting_state_and_a_reason(
    acting_hub: Hub, clock: HandClock, stages: Stages, decide: object
) -> None:
    assert callable(decide)
    with pytest.raises(ConfigurationError, match="there is no effect 99"):
        decide(acting_hub, 99, clock.now, actor="ada", why="because")
    effect = refused(acting_hub, clock, stages)
    with pytest.raises(ConfigurationError, match="a decision needs a reason"):
        decide(acting_hub, effect.id, clock.now, actor="ada", why=" ")
    done = enqueue(acting_hub, job(1), START, stages)
    drain(acting_hub, clock, stages)
    with pytest.raises(ConfigurationError, match=f"effect {done.id} is done"):
        decide(acting_hub, done.id, clock.now, actor="ada", why="because")
    assert audit(acting_hub) == []
