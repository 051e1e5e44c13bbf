"""Versions of what was learnt for matching."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from identity.settings import Subject
from identity.weights import Weights, from_json, to_json
from storage.schema.identity import IDENTITY_WEIGHTS


@dataclass(frozen=True, slots=True)
class StoredWeights:
    """A version.

    Attributes:
        chosen_at: when it was last taken into use; of those that fit the settings the one chosen last is in use.
        actor, why: who let it be learnt, and why.
    """

    subject: Subject
    version: int
    learnt_at: datetime
    chosen_at: datetime
    actor: str
    why: str
    weights: Weights


def weights_of(connection: Connection, subject: Subject | None = None) -> Sequence[StoredWeights]:
    """All versions, by subject the one that was chosen last first."""
    table = IDENTITY_WEIGHTS
    query = select(table).order_by(table.c.subject, table.c.chosen_at.desc(), table.c.version.desc())
    if subject is not None:
        query = query.where(table.c.subject == subject)
    return [_stored(row) for row in connection.execute(query)]


def store_weights(
    connection: Connection, subject: Subject, weights: Weights, at: datetime, actor: str, why: str
) -> StoredWeights:
    """Store a version behind the last one, and take it into use."""
    table = IDENTITY_WEIGHTS
    last = connection.execute(select(func.max(table.c.version)).where(table.c.subject == subject)).scalar_one()
    version = (last or 0) + 1
    values = {"subject": subject, "version": version, "learnt_at": at, "chosen_at": at, "actor": actor, "why": why}
    connection.execute(insert(table).values(**values, content=to_json(weights)))
    return StoredWeights(subject, version, at, at, actor, why, weights)


def choose_weights(connection: Connection, subject: Subject, version: int, at: datetime) -> StoredWeights | None:
    """Take a version into use; None where there is none of that number."""
    table = IDENTITY_WEIGHTS
    mine = (table.c.subject == subject) & (table.c.version == version)
    row = connection.execute(update(table).where(mine).values(chosen_at=at).returning(*table.c)).one_or_none()
    return None if row is None else _stored(row)


def _stored(row: Row[Any]) -> StoredWeights:
    return StoredWeights(
        row.subject, row.version, row.learnt_at, row.chosen_at, row.actor, row.why, from_json(row.content)
    )
