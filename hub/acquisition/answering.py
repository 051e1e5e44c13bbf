"""What persons say to a wave: begin it, sign it, or leave it as it is."""

import logging
from datetime import datetime

from canonical_model.errors import ConfigurationError, RetryableError, UnsafeToContinue
from handoffs.acquisition.waves import WaveQuestion
from handoffs.questions import People, QuestionState, is_reminder_due, who_is_asked, why_may_not_answer
from hub.acquisition.bought import acquisition_of, people_of_acquisition
from hub.acquisition.leading import look_on_acquisition, readiness_of, steps_text
from hub.decision import Decision
from hub.takeover.telling_staff import tell_staff
from hub.workplace import Hub
from storage.audit import note
from storage.wave_questions import end_wave_question, note_wave_reminder, wave_question_with, wave_questions

log = logging.getLogger(__name__)


def open_wave_question(hub: Hub, market: str) -> WaveQuestion | None:
    """The question about a wave that waits for an answer.

    Raises:
        RetryableError: the database is out of reach.
    """
    with hub.database.reading() as connection:
        return next(iter(wave_questions(connection, market, "open")), None)


def answer_wave(hub: Hub, question_id: int, decision: Decision, *, approves: bool) -> WaveQuestion:
    """Answer a question about a wave; approved, the wave is judged once more, and only then begun or signed.

    Args:
        hub: the operator's hub.
        question_id: of the question.
        decision: who answers, when and why.
        approves: whether the wave shall go on; otherwise everything stays as it is.

    Raises:
        ConfigurationError: there is no such question, the person may not answer it, or no reason is given.
        UnsafeToContinue: something lacks by now; the question is void, and asked again once nothing does.
        RetryableError: the database is out of reach.
    """
    if not decision.why.strip():
        raise ConfigurationError("an answer needs a reason")
    question = _known(hub, question_id)
    people = people_of_acquisition(acquisition_of(hub, question.market))
    _refuse(question, decision, people)
    lacks, steps = "", question.steps
    if approves:
        readiness = readiness_of(hub, question.market, question.wave, decision.at, question.phase)
        steps = steps_text(readiness)
        lacks = "; ".join(f"{each.name}: {each.said}" for each in readiness.lacking)
    state: QuestionState = "lapsed" if lacks else ("approved" if approves else "stayed")
    with hub.database.journaling() as connection:
        held = wave_question_with(connection, question_id, locked=True)
        if held is None or held.state != "open":
            raise ConfigurationError(f"question {question_id} is answered already")
        by, why = ("hub", lacks) if lacks else (decision.actor, decision.why.strip())
        end_wave_question(connection, question_id, state, decision.at, by, why)
        detail = {"question": question_id, "wave": question.wave, "phase": question.phase, "why": why, "steps": steps}
        note(
            connection, decision.at, decision.actor, f"acquisition.{state}", f"acquisition/{question.market}", detail
        )
    if lacks:
        raise UnsafeToContinue(f"question {question_id} is void, nothing was decided: {lacks}")
    return _known(hub, question_id)


def remind_of_waves(hub: Hub, market: str, now: datetime) -> int:
    """Judge a wave that waits for people anew where they are to be told of it, and tell them; how many were told of.

    Of what lacks something by now nobody is reminded, and the question is void. What cannot be judged now is tried
    again at the next look.

    Raises:
        ConfigurationError: there is no such market.
        RetryableError: the database is out of reach.
    """
    if market not in hub.operator.acquisitions.acquisitions or not _due(hub, market, now):
        return 0
    try:
        look_on_acquisition(hub, market, now)
    except (ConfigurationError, RetryableError, UnsafeToContinue) as error:
        log.warning("nobody was reminded", extra={"market": market, "why": str(error)})
        return 0
    return tell_of_waves(hub, market, now)


def tell_of_waves(hub: Hub, market: str, now: datetime) -> int:
    """Tell the people of a market of a wave that waits for them, as it stands; how many questions they were told of.

    Raises:
        ConfigurationError: there is no such acquisition.
        RetryableError: the database is out of reach.
    """
    people = people_of_acquisition(acquisition_of(hub, market))
    with hub.database.writing() as connection:
        waiting = [each for each in wave_questions(connection, market, "open") if is_reminder_due(each, people, now)]
        due = [each for each in waiting if note_wave_reminder(connection, each, now)]
    for each in due:
        _tell(hub, each, who_is_asked(each, people, now), now)
    return len(due)


def _due(hub: Hub, market: str, now: datetime) -> bool:
    question, people = open_wave_question(hub, market), people_of_acquisition(acquisition_of(hub, market))
    return question is not None and is_reminder_due(question, people, now)


def _tell(hub: Hub, question: WaveQuestion, people: tuple[str, ...], now: datetime) -> None:
    """A reminder by mail; where no system takes messages the question stands in the list all the same."""
    step = "begin" if question.phase == "begin" else "sign"
    body = f"Asked are: {', '.join(people)}. Nothing is decided until somebody approves."
    told_at = f"wave-question-{question.id}/{now:%Y%m%dT%H%M%S}"
    title = f"{question.market}: {step} wave {question.wave}?"
    tell_staff(hub, question.market, title, body, lambda place, _address: f"{told_at}/{place}", now)


def _known(hub: Hub, question_id: int) -> WaveQuestion:
    with hub.database.reading() as connection:
        found = wave_question_with(connection, question_id)
    if found is None:
        raise ConfigurationError(f"there is no question {question_id}; `splice acquisition show` names the open one")
    return found


def _refuse(question: WaveQuestion, decision: Decision, people: People) -> None:
    if forbidden := why_may_not_answer(question, decision.actor, people, decision.at):
        raise ConfigurationError(f"question {question.id}: {forbidden}")


def asked_now(hub: Hub, question: WaveQuestion, now: datetime) -> tuple[str, ...]:
    """Who may answer a question at this moment.

    Raises:
        ConfigurationError: there is no such acquisition any more.
    """
    return who_is_asked(question, people_of_acquisition(acquisition_of(hub, question.market)), now)
