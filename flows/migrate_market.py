"""Lead the take-over of a hand-off in a market: judge its gate, ask persons, move on; for months if need be.

The run is suspended while it waits, so that no process waits with it. It is resumed by the form in which a person
answers, or by the guard of the market when it is time to look at the gate again. Each time it begins from the top,
from what our own ledger holds.
"""

import logging
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.flow_runs import suspend_flow_run
from prefect.runtime import flow_run
from prefect.states import Completed

from canonical_model.errors import ConfigurationError, RetryableError, UnsafeToContinue
from flows.approval import Approval, approval_form, typed_already
from flows.asked import MigrationRequest
from flows.opening import opened
from flows.retrying import WAITS_S
from flows.run_names import named
from flows.takeover_artifacts import asked_in_words, show_look
from handoffs.questions import Question, who_is_asked
from hub.decision import Decision
from hub.takeover.leading import Look, look_on
from hub.takeover.moves import Gate
from hub.takeover.powers import VerdictGate, people_of
from hub.takeover.questions import answer, open_question
from hub.workplace import Hub

LOOK_KEY = "look-"
"""How the key of a pause begins that waits for a better day; the guard of the market resumes it."""
QUESTION_KEY = "question-"
"""How the key of a pause begins that waits for a person; the number of the question follows."""
log = logging.getLogger(__name__)
T = TypeVar("T")


def _name() -> str:
    request = flow_run.parameters["request"]
    return _subject(request.market, request.handoff)


def _subject(market: str, handoff: str) -> str:
    return f"{market}: {handoff.replace('_', ' ')}"


@flow(name="migrate_market", flow_run_name=_name, persist_result=False)
def migrate_market(request: MigrationRequest) -> State[Any]:
    """Lead a hand-off of a market along its plan, step by step; every step forward is approved by a person."""
    with opened(request) as at_hand:
        while True:
            _ask(at_hand.hub, request)
            look = _look(at_hand.hub, request)
            if look.step is None:
                return Completed(message=look.said)
            if look.question is None:
                _wait_for_a_better_day()


def _ask(hub: Hub, request: MigrationRequest) -> None:
    """Have the open question answered, if there is one; a wrong answer is asked again, with what was wrong."""
    question, tries, fault = _open_question(hub, request), 0, ""
    while question is not None:
        key = f"{QUESTION_KEY}{question.id}-{tries}"
        said = typed_already(key)
        if said is None:
            look = _look(hub, request)
            if look.question is None:
                return  # its gate does not pass any more: nobody may answer
            if look.question.id != question.id:
                question, tries, fault = look.question, 0, ""  # the plan has another step by now
                continue
            said = _awaited(hub, question, look, key, fault)
        fault = _carried_out(hub, question, said)
        if not fault:
            return
        tries += 1


def _open_question(hub: Hub, request: MigrationRequest) -> Question | None:
    """The open question, asked for until the database answers."""
    while (
        found := _tried(lambda: (open_question(hub, request.market, request.handoff),), request.market, WAITS_S)
    ) is None:
        _wait_for_a_better_day()
    return found[0]


def _look(hub: Hub, request: MigrationRequest) -> Look:
    """Look, and show what was seen; where that fails for longer than a moment, the run waits and begins anew."""
    look = looked(hub, request)
    while look is None:
        _wait_for_a_better_day()
        look = looked(hub, request)
    show_look(look)
    named(f"{_subject(look.position.market, look.position.handoff)} {look.said}")
    return look


def looked(hub: Hub, request: MigrationRequest, waits_s: Sequence[float] = WAITS_S) -> Look | None:
    """How the hand-off stands; None where the database or the disk is out of reach, the last try included.

    Args:
        hub: the operator's hub.
        request: which hand-off.
        waits_s: seconds before each further try.
    """
    return _tried(lambda: look_on(hub, request.market, request.handoff, datetime.now(UTC)), request.market, waits_s)


def answered(
    hub: Hub,
    question: Question,
    decision: Decision,
    gate: Gate,
    *,
    approves: bool,
    waits_s: Sequence[float] = WAITS_S,
) -> str | None:
    """Carry an answer out; what was wrong with it, or None where the database is out of reach, the last try included.

    Args:
        hub: the operator's hub.
        question: that was answered.
        decision: who answers, when and why.
        gate: that is asked once more.
        approves: whether the step shall be taken.
        waits_s: seconds before each further try.
    """

    def once() -> str:
        try:
            answer(hub, question.id, decision, people_of(hub, question.market), gate, approves=approves)
        except ConfigurationError as error:
            return str(error)
        except UnsafeToContinue:
            return ""  # the question is void by now; the next look asks anew, or says what lacks
        return ""

    return _tried(once, question.market, waits_s)


def _tried(work: Callable[[], T], market: str, waits_s: Sequence[float]) -> T | None:
    for wait_s in (*waits_s, None):
        try:
            return work()
        except RetryableError as error:
            log.warning("a hand-off could not be led on", extra={"market": market, "why": str(error)})
            if wait_s is not None:
                time.sleep(wait_s)
    return None


def _wait_for_a_better_day() -> None:
    suspend_flow_run(key=f"{LOOK_KEY}{datetime.now(UTC):%Y%m%dT%H%M%S%f}")


def _awaited(hub: Hub, question: Question, look: Look, key: str, fault: str) -> Approval:
    """Wait for an answer: the run ends here, and begins from the top once there is one."""
    people = people_of(hub, question.market)
    asked = who_is_asked(question, people, datetime.now(UTC))
    text = asked_in_words(question, look, asked, fault)
    # a form stays as it was made: deputies stand in it from the beginning, and whose turn it is is asked later
    listed = tuple(dict.fromkeys((*people.approvers, *people.deputies)))
    return suspend_flow_run(approval_form(listed, text), key=key)


def _carried_out(hub: Hub, question: Question, said: Approval) -> str:
    """Do what was answered; what was wrong with it."""
    decision = Decision(said.approver, datetime.now(UTC), said.reason)
    found = answered(hub, question, decision, VerdictGate(hub), approves=said.decision == "approve")
    if found is None:
        _wait_for_a_better_day()  # the run begins from the top then, and the form hands it the same answer
    return found or ""
