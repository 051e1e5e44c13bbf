"""A connector that fails in a way that nobody foresaw: it costs one effect its turn, and sends nothing twice."""

from collections.abc import Callable

import pytest
from sqlalchemy import update

from connectors.discovery import open_sink
from connectors.ports import Look, RawRecord, Receipt, Sink, SystemSettings, Write
from hub.effects.drain import drain
from hub.effects.enqueue import enqueue
from hub.workplace import Hub
from storage.schema.effects import EFFECT
from tests.fakes.effects import START, HandClock, Stages, job, now_of, settled
from tests.fakes.lumen_valley import LumenValley

DEFECT = "a defect of Splice (KeyError): the log of the worker tells more"


def test_one_that_cannot_be_opened_has_sent_nothing_and_is_tried_later(
    small_operator: LumenValley, acting_hub: Hub, clock: HandClock, stages: Stages
) -> None:
    made = [enqueue(acting_hub, job(number), START, stages) for number in range(1, 4)]
    outcome = drain(acting_hub, clock, stages, open_sink=broken_in_itself)
    assert outcome.away == {"fsm": DEFECT}
    assert [(now_of(acting_hub, each).state, now_of(acting_hub, each).sends) for each in made] == [
        ("queued", 1),
        ("queued", 1),
        ("queued", 0),
    ]
    clock.move(seconds=31)
    drain(acting_hub, clock, stages)
    assert {now_of(acting_hub, each).state for each in made} == {"done"}
    assert len(small_operator.running.write_log.of("fsm")) == 3


@pytest.mark.parametrize("has_arrived", [True, False])
def test_one_that_fails_while_it_sends_is_looked_at_before_it_goes_out_again(
    small_operator: LumenValley, acting_hub: Hub, clock: HandClock, stages: Stages, has_arrived: bool
) -> None:
    effect = enqueue(acting_hub, job(1), START, stages)
    drain(acting_hub, clock, stages, open_sink=breaking("send", after=has_arrived))
    left = now_of(acting_hub, effect)
    assert (left.state, left.told) == ("done" if has_arrived else "unknown", "unknown")
    done = settled(acting_hub, clock, stages, effect)
    assert (done.state, done.sends) == ("done", 1 if has_arrived else 2)
    assert len(small_operator.running.write_log.of("fsm")) == 1


def test_one_that_fails_while_it_looks_believes_nothing_and_is_looked_at_again(
    small_operator: LumenValley, acting_hub: Hub, clock: HandClock, stages: Stages
) -> None:
    effect = enqueue(acting_hub, job(1), START, stages)
    drain(acting_hub, clock, stages, open_sink=breaking("observe", after=False))
    assert now_of(acting_hub, effect).state not in ("done", "queued")
    done = settled(acting_hub, clock, stages, effect)
    assert (done.state, done.sends) == ("done", 1)
    assert len(small_operator.running.write_log.of("fsm")) == 1


def test_one_that_cannot_be_read_waits_for_a_person_and_keeps_nobody(
    small_operator: LumenValley, acting_hub: Hub, clock: HandClock, stages: Stages
) -> None:
    first, second, third = (enqueue(acting_hub, job(number), START, stages) for number in range(1, 4))
    with acting_hub.database.writing() as connection:
        connection.execute(update(EFFECT).values(write='{"of": "another version"}').where(EFFECT.c.id == second.id))
    drain(acting_hub, clock, stages)
    assert [now_of(acting_hub, each).state for each in (first, second, third)] == ["done", "parked", "done"]
    assert now_of(acting_hub, second).reason.startswith("what was journaled cannot be read")
    assert len(small_operator.running.write_log.of("fsm")) == 2


def broken_in_itself(_settings: SystemSettings) -> Sink:
    raise KeyError("a setting that nobody thought of")


def breaking(where: str, *, after: bool) -> Callable[[SystemSettings], Sink]:
    """Opens sinks that fail in one of their methods, after or instead of doing what they shall."""
    return lambda settings: BreakingSink(open_sink(settings), where, after=after)


class BreakingSink:
    def __init__(self, sink: Sink, where: str, *, after: bool) -> None:
        self._sink = sink
        self._where = where
        self._after = after

    def send(self, write: Write) -> Receipt:
        self._break("send", is_before=True)
        receipt = self._sink.send(write)
        self._break("send", is_before=False)
        return receipt

    def observe(self, look: Look) -> RawRecord | None:
        self._break("observe", is_before=True)
        return self._sink.observe(look)

    def close(self) -> None:
        self._sink.close()

    def _break(self, where: str, *, is_before: bool) -> None:
        if where == self._where and is_before != self._after:
            raise KeyError("an answer that nobody thought of")
