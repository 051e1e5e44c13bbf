"""Steps of a take-over that wait for a person: asked once, told again, answered once."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select, update
from sqlalchemy.exc import IntegrityError

from canonical_model.errors import UnsafeToContinue
from handoffs.questions import Question, QuestionState
from handoffs.stages import Handoff
from storage.schema.takeover import TAKEOVER_QUESTION
from storage.takeover import cohort_in_text, cohort_text


def ask(connection: Connection, question: Question) -> Question:
    """Write a question down; its id is given to it.

    Raises:
        UnsafeToContinue: another one is open for this hand-off.
    """
    values = {
        "market": question.market,
        "handoff": question.handoff,
        "kind": question.kind,
        "stage": question.stage,
        "cohort": cohort_text(question.cohort),
        "verdict_id": question.verdict_id,
        "asked_at": question.asked_at,
        "state": "open",
        "why": "",
    }
    try:
        with connection.begin_nested():
            statement = insert(TAKEOVER_QUESTION).values(**values).returning(*TAKEOVER_QUESTION.c)
            return _question(connection.execute(statement).one())
    except IntegrityError as error:
        raise UnsafeToContinue(f"{question.handoff} in {question.market}: a question is open already") from error


def question_with(connection: Connection, question_id: int, *, locked: bool = False) -> Question | None:
    """The question of that id, if wanted locked until the end of the transaction."""
    query = _questions().where(TAKEOVER_QUESTION.c.id == question_id)
    row = connection.execute(query.with_for_update() if locked else query).one_or_none()
    return None if row is None else _question(row)


def questions(
    connection: Connection,
    market: str | None = None,
    handoff: Handoff | None = None,
    state: QuestionState | None = None,
) -> list[Question]:
    """Questions in the order in which they were asked; of all that is asked for, or of everything."""
    query = _questions().order_by(TAKEOVER_QUESTION.c.id)
    for column, value in (("market", market), ("handoff", handoff), ("state", state)):
        if value is not None:
            query = query.where(TAKEOVER_QUESTION.c[column] == value)
    return [_question(row) for row in connection.execute(query)]


def note_reminder(connection: Connection, question: Question, at: datetime) -> bool:
    """Write down that those who are asked are told; whether nobody did since the question was read, or answered."""
    table = TAKEOVER_QUESTION
    statement = update(table).where(
        table.c.id == question.id,
        table.c.state == "open",
        table.c.reminded_at.is_not_distinct_from(question.reminded_at),
    )
    return bool(connection.execute(statement.values(reminded_at=at)).rowcount)


def end_question(
    connection: Connection, question_id: int, state: QuestionState, at: datetime, by: str, why: str
) -> None:
    """Write down what was answered, and by whom; or that the question is void."""
    statement = update(TAKEOVER_QUESTION).where(TAKEOVER_QUESTION.c.id == question_id)
    connection.execute(statement.values(state=state, answered_at=at, answered_by=by, why=why))


def void_questions(connection: Connection, market: str, handoff: Handoff, at: datetime, why: str) -> None:
    """Let what was asked about a hand-off lapse: it rested on where the hand-off stood before."""
    table = TAKEOVER_QUESTION
    statement = update(table).where(table.c.market == market, table.c.handoff == handoff, table.c.state == "open")
    connection.execute(statement.values(state="lapsed", answered_at=at, answered_by="hub", why=why))


def _questions() -> Select[Any]:
    return select(*TAKEOVER_QUESTION.c)


def _question(row: Row[Any]) -> Question:
    values = dict(row._mapping)  # noqa: SLF001 - the public name of a row's columns
    return Question(**{**values, "cohort": cohort_in_text(values["cohort"])})
