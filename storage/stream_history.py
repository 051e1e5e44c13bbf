"""What became of the pulls of a system, and of what they could not use."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from storage.schema.synchronisation import PULL, QUARANTINE


@dataclass(frozen=True, slots=True)
class PullRow:
    """One pull of one stream.

    Attributes:
        outcome: ``running``, ``succeeded``, ``failed``, ``stopped`` or ``superseded``.
        message: why it failed or was stopped.
        fresh: raw records that came new, changed or deleted.
    """

    id: int
    stream: str
    started_at: datetime
    outcome: str
    message: str
    read: int
    fresh: int
    rejected: int


@dataclass(frozen=True, slots=True)
class HeldBack:
    """How many records of a stream are in quarantine for one reason.

    Attributes:
        expectation: the check that refused them; None where they could not be mapped at all.
        oldest: since when the longest of them has been refused.
    """

    stream: str
    expectation: str | None
    count: int
    oldest: datetime


def latest_pulls(connection: Connection, system: str, stream: str, most: int) -> list[PullRow]:
    """The latest pulls of a stream, so many at most, the newest first."""
    query = (
        select(
            *(PULL.c.id, PULL.c.stream, PULL.c.started_at, PULL.c.outcome, PULL.c.message, PULL.c.read),
            PULL.c.landed + PULL.c.deleted,
            PULL.c.rejected,
        )
        .where(PULL.c.system == system, PULL.c.stream == stream)
        .order_by(PULL.c.id.desc())
        .limit(most)
    )
    return [PullRow(*row) for row in connection.execute(query)]


def held_back(connection: Connection, system: str) -> list[HeldBack]:
    """What is in quarantine now, by stream and check."""
    columns = (QUARANTINE.c.stream, QUARANTINE.c.expectation)
    query = (
        select(*columns, func.count(), func.min(QUARANTINE.c.first_seen_at))
        .where(QUARANTINE.c.system == system, QUARANTINE.c.released_at.is_(None))
        .group_by(*columns)
        .order_by(*columns)
    )
    return [HeldBack(*row) for row in connection.execute(query)]
