"""Recurring jobs that are paused for a take-over: whose, why, and until when."""

from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from canonical_model.errors import ConfigurationError
from storage.schema.gates import FROZEN_JOB


@dataclass(frozen=True, slots=True)
class FrozenJob:
    """A job that is paused.

    Attributes:
        name: as people call it: ``disconnection``, ``promotion expiry``.
        owner: who answers for it.
        resume_by: from then on it is overdue.
        ended_at: since when it runs again; None while it is paused.
    """

    market: str
    name: str
    owner: str
    why: str
    paused_at: datetime
    resume_by: datetime
    ended_at: datetime | None = None

    def is_overdue(self, now: datetime) -> bool:
        """Whether it should run again and does not."""
        return self.ended_at is None and self.resume_by <= now


def freeze(connection: Connection, job: FrozenJob) -> None:
    """Write down that a job is paused.

    Raises:
        ConfigurationError: it is paused already, or has no owner, no reason or no day to come.
    """
    if not job.owner.strip() or not job.why.strip():
        raise ConfigurationError(f"{job.name}: a job is paused by an owner and for a reason; give both")
    if job.resume_by <= job.paused_at:
        raise ConfigurationError(f"{job.name}: the day on which it runs again has to be yet to come")
    try:
        with connection.begin_nested():
            connection.execute(
                insert(FROZEN_JOB).values({each.name: getattr(job, each.name) for each in fields(job)})
            )
    except IntegrityError:
        raise ConfigurationError(f"{job.name} is paused in {job.market} already; end that first") from None


def thaw(connection: Connection, market: str, name: str, at: datetime) -> FrozenJob:
    """Write down that a job runs again.

    Raises:
        ConfigurationError: no such job is paused.
    """
    running = next((each for each in frozen_jobs(connection, market) if each.name == name), None)
    if running is None:
        raise ConfigurationError(f"no job {name} is paused in {market}")
    of_it = (FROZEN_JOB.c.market == market, FROZEN_JOB.c.name == name, FROZEN_JOB.c.ended_at.is_(None))
    connection.execute(update(FROZEN_JOB).where(*of_it).values(ended_at=at))
    return running


def frozen_jobs(connection: Connection, market: str, *, ended: bool = False) -> list[FrozenJob]:
    """Jobs of a market that are paused, or all that ever were; the oldest first."""
    query = select(*(FROZEN_JOB.c[each.name] for each in fields(FrozenJob))).where(FROZEN_JOB.c.market == market)
    if not ended:
        query = query.where(FROZEN_JOB.c.ended_at.is_(None))
    return [FrozenJob(*row) for row in connection.execute(query.order_by(FROZEN_JOB.c.id))]
