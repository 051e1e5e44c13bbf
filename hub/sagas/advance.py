"""Take up every saga that is due and lead it as far as it goes.

Looks and decisions are kept in memory until something has to be on the disk: before a device is touched, before other
systems are told, and when the saga is given back. What a killed process has not written it has only looked at, so
that looking again loses nothing.
"""

import logging
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import Connection

from canonical_model.errors import ConfigurationError, RetryableError, UnsafeToContinue, defect_of
from hub.sagas.acting import configure, retire, standing_changes, undo
from hub.sagas.aftermath import aftermath
from hub.sagas.comparing import compare
from hub.sagas.desk import Desk
from hub.sagas.finding import discover, match
from hub.sagas.gating import gate
from hub.sagas.looking_again import look_again
from hub.sagas.proving import prove, prove_voice, soak
from hub.sagas.releasing import release
from hub.sagas.sessions import end_session
from hub.this_process import this_process
from provisioning.change import Change
from provisioning.facts import SagaFacts, facts_in
from provisioning.saga import (
    BEGINNINGS,
    SEQUENCES,
    STATES,
    STEPS,
    GivesUp,
    Holds,
    Outcome,
    Passed,
    SagaKind,
    SagaMove,
    SagaState,
    StepName,
    Waits,
    after_step,
    after_undoing,
    may_move,
    waited_since,
)
from storage.rows import to_json
from storage.saga_leases import claim, journal, settle
from storage.sagas import Saga, SagaEvent, SagaStep, steps_of

log = logging.getLogger(__name__)

_TAKEN: dict[StepName, Callable[[Desk, SagaFacts, Saga], Outcome]] = {
    "compare": lambda desk, facts, _saga: compare(desk, facts),
    "discover": lambda desk, facts, _saga: discover(desk, facts),
    "match": lambda desk, facts, _saga: match(desk, facts),
    "verify": lambda desk, facts, saga: prove(
        desk,
        facts,
        saga.began_at,
        soaks_later="soak" in SEQUENCES[saga.kind],  # type: ignore[index]
        made_by_others=saga.kind == "take_on",
    ),
    "verify_voice": lambda desk, facts, _saga: prove_voice(desk, facts),
    "soak": lambda desk, facts, saga: soak(desk, facts, saga.began_at, parts_may_follow=saga.kind in BEGINNINGS),
    "gate": lambda desk, facts, _saga: gate(desk, facts),
    "release": release,
}
"""The steps that act on no layer."""

_EVENTS: dict[type[Outcome], SagaEvent] = {Passed: "passed", Waits: "waited", Holds: "held", GivesUp: "failed"}
MOVING: tuple[SagaState, ...] = tuple(name for name, state in STATES.items() if state.moves_by_itself)
"""States of sagas that a worker takes up."""
_ASKING_NO_ELEMENT = ("gate", *(name for name, step in STEPS.items() if step.nature == "tells"))
"""Where sagas go on whatever their element does."""


@dataclass(slots=True)
class AdvanceOutcome:
    """What a worker came to.

    Attributes:
        settled: every saga that was taken up, as it was left.
        overtaken: sagas that another process took over meanwhile.
    """

    settled: list[Saga] = field(default_factory=list)
    overtaken: int = 0

    @property
    def need_a_person(self) -> list[Saga]:
        """Sagas that are held."""
        return [saga for saga in {each.id: each for each in self.settled}.values() if saga.state == "held"]


def advance(
    desk: Desk,
    *,
    most: int | None = None,
    only: int | None = None,
    market: str | None = None,
    owner: str | None = None,
) -> AdvanceOutcome:
    """Take up sagas that are due, one after the other; several processes may do so at once.

    Args:
        desk: what they are worked with.
        most: sagas taken up at most.
        only: the id of the only saga that is wanted, whether it is due or not.
        market: whose sagas are wanted; None for all.
        owner: the name of this process in the history.

    Raises:
        RetryableError: the database is out of reach; what was settled stays.
    """
    outcome, worker = AdvanceOutcome(), owner or this_process()
    taken = 0
    if only is None:
        look_again(desk, market)
    while (most is None or taken < most) and not desk.shall_stop():
        saga = _taken_up(desk, worker, market, only)
        if saga is None:
            break
        taken += 1
        try:
            outcome.settled.append(_Turn(desk, saga, worker).taken())
        except _Overtaken:
            outcome.overtaken += 1
            log.warning("saga was overtaken", extra={"saga": saga.id})
        finally:
            desk.elements.left(saga.element)
        if only is not None:
            break
    return outcome


def _taken_up(desk: Desk, worker: str, market: str | None, only: int | None) -> Saga | None:
    """The next saga that is due, under a lease; not one at an element that has as many threads as it may have."""
    with desk.elements.taking() as taking:
        saga = None
        with suppress(_Stopped), desk.hub.database.writing() as connection:
            saga = _claimed(connection, desk, worker, market, only, taking.crowded if only is None else ())
        if saga is not None:
            taking.begin(saga.element)
    return saga


def _claimed(
    connection: Connection, desk: Desk, worker: str, market: str | None, only: int | None, crowded: Collection[str]
) -> Saga | None:
    """The same; undone where we are told to stop meanwhile: another thread may have given it back for just that."""
    saga = claim(
        connection,
        worker,
        desk.clock(),
        desk.lease,
        states=MOVING,
        market=market,
        only=only,
        except_elements=crowded,
        but_at_steps=_ASKING_NO_ELEMENT,
    )
    if saga is not None and desk.shall_stop():
        raise _Stopped
    return saga


class _Stopped(Exception):  # noqa: N818 - nothing is wrong
    """This process was told to stop while it took a saga up."""


class _Overtaken(Exception):  # noqa: N818 - nothing is wrong: somebody else goes on
    """Another process holds the saga by now."""


class _Turn:
    """One saga while this process holds it."""

    def __init__(self, desk: Desk, saga: Saga, worker: str) -> None:
        self._desk = desk
        self._saga = saga
        self._worker = worker
        self._kind = cast("SagaKind", saga.kind)
        self._state = cast("SagaState", saga.state)
        self._step = cast("StepName", saga.step)
        self._tries = saga.tries
        self._step_began_at = saga.step_began_at
        self._facts = facts_in(saga.facts)
        self._unwritten: list[SagaStep] = []

    def taken(self) -> Saga:
        """Lead the saga on until it waits, ends or needs a person."""
        while True:
            outcome, move = self._undone() if self._state == "undoing" else self._stepped()
            self._go(outcome, move)
            if move.wait or not STATES[move.state].moves_by_itself or self._desk.shall_stop():
                return self._given_back(outcome, move)

    def _stepped(self) -> tuple[Outcome, SagaMove]:
        step, now = self._step, self._desk.clock()
        if STEPS[step].nature == "tells" and self._unwritten:
            # nobody may be told of a proof that a killed process takes with it
            self._put_down(self._desk.hub.database.writing)
        outcome = self._guarded(self._take_step)
        self._facts = self._facts.learning(outcome.learned)
        self._write(_EVENTS[type(outcome)], outcome.said)
        tries = self._tries + 1
        return outcome, after_step(self._kind, step, outcome, tries=tries, began_at=self._step_began_at, now=now)

    def _take_step(self) -> Outcome:
        meaning = STEPS[self._step]
        if self._step == "end_session":
            return end_session(self._desk, self._facts, self._history(), self._intend)
        if meaning.layer is None:
            return _TAKEN[self._step](self._desk, self._facts, self._saga)
        act = retire if meaning.previous else configure
        return act(self._desk, self._facts, meaning.layer, self._intend)

    def _undone(self) -> tuple[Outcome, SagaMove]:
        now, changes = self._desk.clock(), standing_changes(self._history())
        outcome: Outcome = Passed("nothing is left to bring back")
        if changes:
            step, change = changes[0]
            outcome = self._guarded(lambda: undo(self._desk, self._facts, change, self._intend))
            if isinstance(outcome, Passed):
                self._write("undone", outcome.said, change, step)
        move = after_undoing(
            self._step,
            outcome,
            tries=self._tries + 1,
            began_at=self._step_began_at,
            now=now,
            changes_left=max(len(changes) - 1, 0),
        )
        return outcome, move

    def _guarded(self, take: Callable[[], Outcome]) -> Outcome:
        """An outcome instead of an error: later, or a person."""
        try:
            outcome = take()
        except RetryableError as error:
            self._desk.step_broken(str(error), is_silent=True)
            return Waits(str(error))
        except ConfigurationError as error:
            self._desk.step_broken(str(error), is_silent=False)
            return Holds(str(error), "network_engineer")
        except UnsafeToContinue as error:
            self._desk.step_ended()
            return Holds(str(error))
        except Exception as error:  # a defect of ours costs one service its turn, and not everybody's worker
            log.exception("a step failed", extra={"saga": self._saga.id, "step": self._step})
            self._desk.step_broken(type(error).__name__, is_silent=False)
            return Holds(str(defect_of(error)))
        self._desk.step_ended()
        return outcome

    def _intend(self, change: Change, said: str) -> None:
        """Put on the disk what is about to be done, with everything that led there."""
        self._write("intended", said, change)
        self._put_down(self._desk.hub.database.journaling)

    def _put_down(self, transaction: Callable[[], AbstractContextManager[Connection]]) -> None:
        """Write down what was learned so far."""
        position = self._position()
        with self._or_overtaken(), transaction() as connection:
            journal(connection, self._saga, position, self._unwritten, self._desk.clock(), self._desk.lease)
        self._unwritten.clear()

    def _go(self, outcome: Outcome, move: SagaMove) -> None:
        if not may_move(self._state, move.state):
            raise ValueError(f"a saga does not go from {self._state} to {move.state}")
        goes_on = (move.state, move.step) == (self._state, self._step)
        self._tries = self._tries + 1 if goes_on else 0
        now = self._desk.clock()
        self._step_began_at = waited_since(self._step_began_at, outcome, now) if goes_on else now
        self._state, self._step = move.state, move.step

    def _given_back(self, outcome: Outcome, move: SagaMove) -> Saga:
        now = self._desk.clock()
        if move.state in ("done", "undone"):
            self._write("ended", move.said)
        elif move.state == "held" and not isinstance(outcome, Holds):
            self._write("held", move.said)
        values = self._position() | {
            "state": move.state,
            "reason": move.said,
            "person": move.person,
            "proposal": to_json(outcome.proposal) if isinstance(outcome, Holds) and outcome.proposal else None,
            "due_at": now + move.wait,
        }
        follows = aftermath(self._desk, self._saga, self._facts, move)
        with self._or_overtaken(), self._desk.hub.database.writing() as connection:
            saga = settle(connection, self._saga, values, self._unwritten, now)
            follows.write(connection, saga, self._worker, now)
            return saga

    def _position(self) -> dict[str, Any]:
        return {
            "step": self._step,
            "facts": self._facts.model_dump_json(),
            "tries": self._tries,
            "step_began_at": self._step_began_at,
        }

    def _history(self) -> list[SagaStep]:
        with self._desk.hub.database.reading() as connection:
            return [*steps_of(connection, self._saga.id), *self._unwritten]

    def _write(self, event: SagaEvent, said: str, change: Change | None = None, step: StepName | None = None) -> None:
        """Note what happened; the same wait again is not worth another row."""
        if event == "waited" and self._tries and said == self._saga.reason:
            return
        text = None if change is None else change.model_dump_json()
        self._unwritten.append(SagaStep(self._desk.clock(), step or self._step, event, said, text, self._worker))

    @contextmanager
    def _or_overtaken(self) -> Iterator[None]:
        try:
            yield
        except UnsafeToContinue as error:
            raise _Overtaken from error
