"""Killed at any moment and started again: every effect at its system exactly once, in order, and none lost."""

import random
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from multiprocessing.connection import Connection as Pipe
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest

from hub.effects.enqueue import enqueue
from hub.workplace import Hub
from storage.effect_steps import steps_of
from storage.effects import Effect, effect_with, effects
from tests.fakes.effects import Stages, billing_start, job
from tests.fakes.lumen_valley import LumenValley, change, lumen_valley
from tests.forked import PROCESSES
from tests.integration.conftest import DIALECTS, MakeDatabase
from tests.integration.hub.drain_process import drain_and_tell

LEASE_S = 600


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[LumenValley]:
    with lumen_valley(tmp_path / "operator", subscribers=20, months=2) as running:
        yield running


@dataclass(frozen=True)
class Drainer:
    """A process that is about to drain; it begins when it is told to."""

    process: ForkServerProcess
    pipe: Pipe

    def begin(self) -> None:
        self.pipe.send("go")

    def ended(self, within_s: float = 600) -> int | None:
        self.process.join(within_s)
        return self.process.exitcode


@contextmanager
def drainer(operator: LumenValley, workspace: Path, ahead_s: float = 0, when: str = "never") -> Iterator[Drainer]:
    mine, theirs = PROCESSES.Pipe()
    arguments = (operator.folder, workspace, operator.environment, ahead_s, when, theirs)
    process = PROCESSES.Process(target=drain_and_tell, args=arguments)
    process.start()
    theirs.close()
    try:
        assert mine.poll(300)
        assert mine.recv() == "ready"
        yield Drainer(process, mine)
    finally:
        process.kill()
        process.join()
        mine.close()


def drained(operator: LumenValley, workspace: Path, ahead_s: float = 0, when: str = "never") -> int | None:
    with drainer(operator, workspace, ahead_s, when) as process:
        process.begin()
        return process.ended()


def journal(operator: LumenValley, workspace: Path, count: int, subjects: int) -> None:
    with operator.hub(workspace) as hub:
        now = datetime.now(UTC)
        for number in range(count):
            made = billing_start if number % 2 else job
            command = made(number)
            subject = f"order/{number % subjects}"
            enqueue(hub, replace(command, subject=subject), now, Stages())


def all_of(hub: Hub) -> list[Effect]:
    with hub.database.reading() as connection:
        return effects(connection)


@pytest.mark.parametrize(
    ("when", "sends", "told"), [("before_send", 2, "acknowledged"), ("after_send", 1, "unknown")]
)
def test_killed_between_journal_and_wire_or_between_wire_and_receipt(
    operator: LumenValley, tmp_path: Path, when: str, sends: int, told: str
) -> None:
    workspace = tmp_path / "work"
    with operator.hub(workspace) as hub:
        effect = enqueue(hub, job(1), datetime.now(UTC), Stages())
        assert drained(operator, workspace, when=when) == -signal.SIGKILL
        (left,) = all_of(hub)
        assert (left.state, left.sends) == ("sending", 1)
        done_before = len(operator.running.write_log.of("fsm"))
        assert done_before == (1 if when == "after_send" else 0)

        assert drained(operator, workspace) == 0, "the lease is not over yet"
        assert all_of(hub) == [left]
        for ahead in (LEASE_S, LEASE_S + 40):
            assert drained(operator, workspace, ahead) == 0
        with hub.database.reading() as connection:
            done = effect_with(connection, effect.id)
            assert "lapsed" in [step.step for step in steps_of(connection, effect.id)]
    assert done is not None
    assert (done.state, done.sends, done.told) == ("done", sends, told)
    assert len(operator.running.write_log.of("fsm")) == 1


def test_killed_at_random_moments_every_effect_happens_once_and_in_order(
    operator: LumenValley, tmp_path: Path
) -> None:
    chance = random.Random(5)
    workspace, count, subjects, applied = tmp_path / "work", 60, 7, operator.running.write_log.applied
    journal(operator, workspace, count, subjects)
    for kill in range(5):
        seen = len(applied)
        with drainer(operator, workspace, kill * LEASE_S) as process:
            process.begin()
            while len(applied) < seen + chance.randint(1, 4):
                assert process.ended(0.001) is None, "it was over before it could be killed"
            process.ended(chance.uniform(0, 0.03))
    for again in range(5, 8):
        drained(operator, workspace, again * LEASE_S)
    with operator.hub(workspace) as hub:
        assert Counter(effect.state for effect in all_of(hub)) == {"done": count}
        once_and_in_order(operator, all_of(hub))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_two_processes_at_once_do_each_effect_once_and_in_order(
    operator: LumenValley, tmp_path: Path, make_database: MakeDatabase, dialect: str
) -> None:
    change(operator.folder / "operator.yaml", r"\nlimits:", f"\ndatabase: {make_database(dialect)}\nlimits:")
    workspace, count, subjects = tmp_path / "work", 200, 23
    journal(operator, workspace, count, subjects)
    with drainer(operator, workspace) as one, drainer(operator, workspace) as other:
        for process in (one, other):
            process.begin()
        assert [process.ended() for process in (one, other)] == [0, 0]
    drained(operator, workspace, ahead_s=40)  # one that found its subject held by the other has ended early
    with operator.hub(workspace) as hub:
        done = all_of(hub)
        with hub.database.reading() as connection:
            owners = Counter(
                step.actor for effect in done for step in steps_of(connection, effect.id) if step.step == "sent"
            )
    assert Counter(effect.state for effect in done) == {"done": count}
    assert {effect.sends for effect in done} == {1}
    assert len(owners) >= 2, f"one of them did it all: {owners}"
    once_and_in_order(operator, done)


def once_and_in_order(operator: LumenValley, done: list[Effect]) -> None:
    applied = [applied.key for applied in operator.running.write_log.applied]
    assert Counter(applied) == Counter(effect.request_id for effect in done)
    place = {key: number for number, key in enumerate(applied)}
    for subject in {effect.subject for effect in done}:
        places = [place[effect.request_id] for effect in done if effect.subject == subject]
        assert places == sorted(places), f"{subject} went out of order"
