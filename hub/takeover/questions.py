"""Ask persons about the next step of a take-over, and do what they say; whoever says nothing says to stay."""

from datetime import datetime

from sqlalchemy import Connection

from canonical_model.errors import ConfigurationError, UnsafeToContinue
from handoffs.plan import Step
from handoffs.questions import (
    People,
    Question,
    QuestionState,
    is_reminder_due,
    may_be_asked,
    who_is_asked,
    why_may_not_answer,
)
from handoffs.stages import Handoff
from handoffs.takeover import Position, target_of, why_not
from hub.decision import Decision
from hub.takeover.authority import history_of
from hub.takeover.moves import Gate, Wish, move_in
from hub.workplace import Hub
from storage.audit import note
from storage.takeover import await_moves
from storage.takeover_questions import ask, end_question, note_reminder, question_with, questions, void_questions


def ask_about(hub: Hub, position: Position, step: Step, verdict_id: int, now: datetime) -> Question | None:
    """Ask about a step whose gate has passed; a question that is open is asked no second time.

    Args:
        hub: the operator's hub.
        position: from which the step goes.
        step: that the plan wants.
        verdict_id: of the gate.
        now: this moment.

    Returns:
        The open question; None where somebody has said to stay a short while ago.

    Raises:
        ConfigurationError: the table of stages has no such step.
        RetryableError: the database is out of reach.
    """
    if forbidden := why_not(position, step.kind, step.cohort):
        raise ConfigurationError(f"{position.handoff} in {position.market}: {forbidden}")
    stage, cohort = target_of(position, step.kind, step.cohort)
    with hub.database.journaling() as connection:
        earlier = questions(connection, position.market, position.handoff)
        held = next((each for each in earlier if each.state == "open"), None)
        if held is not None and (held.kind, held.stage, held.cohort) == (step.kind, stage, cohort):
            return held
        if held is not None:
            end_question(connection, held.id, "lapsed", now, "hub", "another step is next by now")
        elif not may_be_asked(earlier, now):
            return None
        market, handoff = position.market, position.handoff
        return ask(connection, Question(0, market, handoff, step.kind, stage, cohort, verdict_id, now))


def let_lapse(hub: Hub, position: Position, why: str, now: datetime) -> None:
    """End what is asked about a hand-off where its ground is gone, so that nobody is reminded of it.

    Args:
        hub: the operator's hub.
        position: of the hand-off.
        why: its ground is gone.
        now: this moment.

    Raises:
        RetryableError: the database is out of reach.
    """
    with hub.database.writing() as connection:
        void_questions(connection, position.market, position.handoff, now, why)


def open_question(hub: Hub, market: str, handoff: Handoff) -> Question | None:
    """The question about a hand-off that waits for an answer.

    Raises:
        RetryableError: the database is out of reach.
    """
    with hub.database.reading() as connection:
        return next(iter(questions(connection, market, handoff, "open")), None)


def open_questions(hub: Hub, market: str) -> list[Question]:
    """The questions of a market that wait for an answer, the oldest first.

    Raises:
        RetryableError: the database is out of reach.
    """
    with hub.database.reading() as connection:
        return questions(connection, market, state="open")


def question_of(hub: Hub, question_id: int) -> Question:
    """The question of that number.

    Raises:
        ConfigurationError: there is none.
        RetryableError: the database is out of reach.
    """
    with hub.database.reading() as connection:
        found = question_with(connection, question_id)
    if found is None:
        raise ConfigurationError(f"there is no question {question_id}; `splice market questions` shows them")
    return found


def answer(
    hub: Hub, question_id: int, decision: Decision, people: People, gate: Gate, *, approves: bool
) -> Position | None:
    """Answer a question; approved, the hand-off moves in the same transaction, if its gate still passes.

    Args:
        hub: the operator's hub.
        question_id: of the question.
        decision: who answers, when and why.
        people: who may answer.
        gate: that is asked once more.
        approves: whether the step shall be taken; otherwise everything stays as it is.

    Returns:
        Where the hand-off stands then; None where it stays.

    Raises:
        ConfigurationError: there is no such question, the person may not answer it, or no reason is given.
        UnsafeToContinue: the gate does not pass any more; the question is void, and asked again once it does.
        RetryableError: the database is out of reach.
    """
    if not decision.why.strip():
        raise ConfigurationError("an answer needs a reason")
    with hub.database.journaling() as connection:
        question = _answerable(connection, question_id, decision, people)
        if not approves:
            _end(connection, question, "stayed", decision)
            return None
        await_moves(connection, question.market, question.handoff, shared=False)
        position = history_of(connection, hub, question.market, question.handoff)[-1]
        lapsed = _moved_meanwhile(position, question)
        if not lapsed:
            try:
                with connection.begin_nested():
                    moved = move_in(connection, hub, _wish(question), decision, gate)
            except UnsafeToContinue as error:
                lapsed = str(error)
            else:
                _end(connection, question, "approved", decision)
                return moved
        end_question(connection, question.id, "lapsed", decision.at, "hub", lapsed)
    raise UnsafeToContinue(f"question {question_id} is void, nothing was moved: {lapsed}")


def reminders_due(hub: Hub, market: str, people: People, now: datetime) -> list[Question]:
    """What people are to be told of now: it waits for them.

    Raises:
        RetryableError: the database is out of reach.
    """
    return [each for each in open_questions(hub, market) if is_reminder_due(each, people, now)]


def begin_reminder(hub: Hub, question: Question, people: People, now: datetime) -> tuple[str, ...] | None:
    """Whom to tell now of a question; telling is noted before, so that nobody is told twice.

    Returns:
        None where no reminder is due, or another process tells them.

    Raises:
        RetryableError: the database is out of reach.
    """
    if not is_reminder_due(question, people, now):
        return None
    with hub.database.writing() as connection:
        is_ours = note_reminder(connection, question, now)
    return who_is_asked(question, people, now) if is_ours else None


def _answerable(connection: Connection, question_id: int, decision: Decision, people: People) -> Question:
    question = question_with(connection, question_id, locked=True)
    if question is None:
        raise ConfigurationError(f"there is no question {question_id}; `splice market questions` shows them")
    if question.state == "lapsed":
        raise UnsafeToContinue(f"question {question_id} is void, nothing was moved: {question.why}")
    if forbidden := why_may_not_answer(question, decision.actor, people, decision.at):
        raise ConfigurationError(f"question {question_id}: {forbidden}")
    return question


def _wish(question: Question) -> Wish:
    is_sized = question.kind == "widened" or question.stage == "canary"
    return Wish(question.market, question.handoff, question.kind, question.cohort if is_sized else None)


def _moved_meanwhile(position: Position, question: Question) -> str:
    if position.since is not None and position.since > question.asked_at:
        return f"{position.handoff} was moved to {position.stage} since it was asked"
    return why_not(position, question.kind, _wish(question).cohort)


def _end(connection: Connection, question: Question, state: QuestionState, decision: Decision) -> None:
    end_question(connection, question.id, state, decision.at, decision.actor, decision.why.strip())
    detail = {"question": question.id, "kind": question.kind, "stage": question.stage, "why": decision.why.strip()}
    note(
        connection, decision.at, decision.actor, f"takeover.{state}", f"{question.market}/{question.handoff}", detail
    )
