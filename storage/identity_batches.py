"""Answers that were given to many links at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from storage.schema.identity import IDENTITY_BATCH, IDENTITY_STEP


@dataclass(frozen=True, slots=True)
class Batch:
    """Many answers with one reason.

    Attributes:
        answer: ``accept``, ``reject`` or ``undo``; ``several`` of a file that says several.
        source: which pattern, file or batch was answered.
        answers: how many links it changed.
    """

    id: int
    at: datetime
    actor: str
    answer: str
    source: str
    why: str
    answers: int


def start_batch(
    connection: Connection, at: datetime, actor: str, answer: str, source: str, why: str, answers: int
) -> int:
    """Write a batch down before its answers; gives its number."""
    values = {"at": at, "actor": actor, "answer": answer, "source": source, "why": why, "answers": answers}
    statement = insert(IDENTITY_BATCH).values(**values).returning(IDENTITY_BATCH.c.id)
    number: int = connection.execute(statement).scalar_one()
    return number


def batches(connection: Connection, most: int | None = None) -> Sequence[Batch]:
    """All batches, the newest first."""
    table = IDENTITY_BATCH
    rows = connection.execute(select(table).order_by(table.c.id.desc()).limit(most))
    return [Batch(row.id, row.at, row.actor, row.answer, row.source, row.why, row.answers) for row in rows]


def links_of_batch(connection: Connection, batch: int) -> dict[int, bool]:
    """Links that a batch answered, and whether its answer is still the last word of a person."""
    step = IDENTITY_STEP
    answered = ("accept", "reject", "undo")
    mine = select(step.c.link_id).where(step.c.batch == batch)
    last = (
        select(step.c.link_id, func.max(step.c.number).label("number"))
        .where(step.c.link_id.in_(mine), step.c.step.in_(answered))
        .group_by(step.c.link_id)
        .subquery()
    )
    query = (
        select(step.c.link_id, step.c.batch)
        .join_from(step, last, (step.c.link_id == last.c.link_id) & (step.c.number == last.c.number))
        .order_by(step.c.link_id)
    )
    return {link_id: of == batch for link_id, of in connection.execute(query)}
