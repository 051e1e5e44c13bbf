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


def latest_pulls(connection: Connection, system: str, most: int) -> list[PullRow]:
    """The latest pulls of each stream of a system, so many of each at most, the newest first."""
    place = func.row_number().over(partition_by=PULL.c.stream, order_by=PULL.c.id.desc()).label("place")
    numbered = select(PULL, place).where(PULL.c.system == system).subquery()
    found = numbered.c
    query = (
        select(
            *(found.stream, found.started_at, found.outcome, found.message, found.read),
            found.landed + found.deleted,
            found.rejected,
        )
        .where(found.place <= most)
        .order_by(found.stream, found.id.desc())
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
