"""Waves of an acquisition that wait for a person: asked once, told again, answered once."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select, update
from sqlalchemy.exc import IntegrityError

from canonical_model.errors import UnsafeToContinue
from handoffs.acquisition.waves import WaveQuestion
from handoffs.questions import QuestionState
from storage.schema.acquisition import WAVE_QUESTION


def ask_about_wave(connection: Connection, question: WaveQuestion) -> WaveQuestion:
    """Write a question down; its id is given to it.

    Raises:
        UnsafeToContinue: another one is open for this market.
    """
    values = {
        "market": question.market,
        "wave": question.wave,
        "phase": question.phase,
        "as_of": question.as_of,
        "steps": question.steps,
        "asked_at": question.asked_at,
        "state": "open",
        "why": "",
    }
    try:
        with connection.begin_nested():
            statement = insert(WAVE_QUESTION).values(**values).returning(*WAVE_QUESTION.c)
            return _question(connection.execute(statement).one())
    except IntegrityError as error:
        raise UnsafeToContinue(f"{question.market}: a question about a wave is open already") from error


def wave_question_with(connection: Connection, question_id: int, *, locked: bool = False) -> WaveQuestion | None:
    """The question of that id, if wanted locked until the end of the transaction."""
    query = _questions().where(WAVE_QUESTION.c.id == question_id)
    row = connection.execute(query.with_for_update() if locked else query).one_or_none()
    return None if row is None else _question(row)


def wave_questions(
    connection: Connection, market: str | None = None, state: QuestionState | None = None
) -> list[WaveQuestion]:
    """Questions in the order in which they were asked."""
    query = _questions().order_by(WAVE_QUESTION.c.id)
    for column, value in (("market", market), ("state", state)):
        if value is not None:
            query = query.where(WAVE_QUESTION.c[column] == value)
    return [_question(row) for row in connection.execute(query)]


def note_wave_reminder(connection: Connection, question: WaveQuestion, at: datetime) -> bool:
    """Write down that those who are asked are told; whether nobody did since the question was read, or answered."""
    table = WAVE_QUESTION
    statement = update(table).where(
        table.c.id == question.id,
        table.c.state == "open",
        table.c.reminded_at.is_not_distinct_from(question.reminded_at),
    )
    return bool(connection.execute(statement.values(reminded_at=at)).rowcount)


def end_wave_question(
    connection: Connection, question_id: int, state: QuestionState, at: datetime, by: str, why: str
) -> None:
    """Write down what was answered, and by whom; or that the question is void."""
    statement = update(WAVE_QUESTION).where(WAVE_QUESTION.c.id == question_id)
    connection.execute(statement.values(state=state, answered_at=at, answered_by=by, why=why))


def _questions() -> Select[Any]:
    return select(*WAVE_QUESTION.c)


def _question(row: Row[Any]) -> WaveQuestion:
    return WaveQuestion(**row._mapping)  # noqa: SLF001 - the public name of a row's columns
