"""Pulls: one row for each run over a stream, with what it did and how it ended."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, and_, func, insert, select, update

from storage.rows import to_json
from storage.schema.synchronisation import PULL, STREAM_STATE
from storage.upsert import conflict_insert

Outcome = Literal["succeeded", "failed", "stopped", "superseded"]
"""``stopped``: a bound was crossed or a guard refused; a person must look. ``superseded``: another took over."""

AS_OF = "as_of"
"""Among the totals of a pull: of when its source's last word is, where it is not of the pull's start."""

COUNTS = ("read", "landed", "changed", "unchanged", "closed", "rejected", "deleted", "late")
"""What a pull counts, over its pages."""


def start_pull(connection: Connection, system: str, stream: str, at: datetime) -> int:
    """Begin a pull and take the stream over: an older pull that still runs, or died, can write no more."""
    pull_id = add_pull(connection, system, stream, at, "running")
    state = conflict_insert(connection, STREAM_STATE).values(
        system=system, stream=stream, pull_id=pull_id, entities="[]"
    )
    connection.execute(state.on_conflict_do_update(index_elements=["system", "stream"], set_={"pull_id": pull_id}))
    older = (PULL.c.system == system, PULL.c.stream == stream, PULL.c.outcome == "running", PULL.c.id != pull_id)
    connection.execute(
        update(PULL)
        .values(outcome="superseded", finished_at=at, message=f"pull {pull_id} took the stream over")
        .where(*older)
    )
    return pull_id


def add_pull(
    connection: Connection, system: str, stream: str, at: datetime, outcome: str, finished_at: datetime | None = None
) -> int:
    """Write the row of a pull that has counted nothing yet; gives its id."""
    row = insert(PULL).values(
        system=system,
        stream=stream,
        started_at=at,
        finished_at=finished_at,
        **dict.fromkeys(COUNTS, 0),
        control_totals="{}",
        outcome=outcome,
        message="",
    )
    pull_id: int = connection.execute(row.returning(PULL.c.id)).scalar_one()
    return pull_id


def owner(connection: Connection, system: str, stream: str) -> int | None:
    """The pull that may write to a stream, kept so until the end of the transaction; None where there was none."""
    query = select(STREAM_STATE.c.pull_id).where(STREAM_STATE.c.system == system, STREAM_STATE.c.stream == stream)
    return connection.execute(query.with_for_update()).scalar_one_or_none()


def finish_pull(
    connection: Connection,
    pull_id: int,
    at: datetime,
    outcome: Outcome,
    message: str = "",
    control_totals: Mapping[str, Any] | None = None,
    as_of: datetime | None = None,
) -> bool:
    """End a pull; a success makes the stream fresh as of the pull's start, or of ``as_of`` where that is earlier.

    Returns:
        Whether it was running. A pull that another one took over stays ``superseded``, and the stream's freshness is
        left to the other.
    """
    totals = {**(control_totals or {}), **({AS_OF: as_of.isoformat()} if as_of is not None else {})}
    ended = (
        update(PULL)
        .values(outcome=outcome, finished_at=at, message=message, control_totals=to_json(totals))
        .where(PULL.c.id == pull_id, PULL.c.outcome == "running")
    )
    has_ended = bool(connection.execute(ended).rowcount)
    if has_ended and outcome == "succeeded":
        started_at = select(PULL.c.started_at).where(PULL.c.id == pull_id).scalar_subquery()
        connection.execute(
            update(STREAM_STATE).values(last_success_at=started_at).where(STREAM_STATE.c.pull_id == pull_id)
        )
    return has_ended


def add_counts(connection: Connection, pull_id: int, counts: Mapping[str, int]) -> None:
    """Add what a page did to its pull; the keys are those of ``COUNTS``."""
    added = {name: PULL.c[name] + number for name, number in counts.items()}
    connection.execute(update(PULL).values(added).where(PULL.c.id == pull_id))


@dataclass(frozen=True, slots=True)
class PullProgress:
    """How far a pull is.

    Attributes:
        source_total: records the source holds, None where it has not told.
    """

    id: int
    system: str
    stream: str
    read: int
    outcome: str
    source_total: int | None


def progress_of_pulls(connection: Connection) -> list[PullProgress]:
    """Every pull, oldest first."""
    state = (STREAM_STATE.c.system == PULL.c.system, STREAM_STATE.c.stream == PULL.c.stream)
    query = (
        select(PULL.c.id, PULL.c.system, PULL.c.stream, PULL.c.read, PULL.c.outcome, STREAM_STATE.c.source_total)
        .join_from(PULL, STREAM_STATE, and_(*state), isouter=True)
        .order_by(PULL.c.id)
    )
    return [PullProgress(*row) for row in connection.execute(query)]


def changes_of_pulls(
    connection: Connection, system: str, stream: str, since: datetime, until: datetime
) -> list[tuple[datetime, int]]:
    """Start of each pull, and raw records that it brought new, changed or deleted; in the order of time.

    Only pulls from the first whole one on, which brings everything, and of those only such as came to their end, are
    under way, or brought something.

    Args:
        connection: of a transaction.
        system: name of the system.
        stream: name of the stream.
        since: no earlier pulls.
        until: no later ones.
    """
    of_stream = (PULL.c.system == system, PULL.c.stream == stream)
    first = select(func.min(PULL.c.id)).where(*of_stream, PULL.c.outcome == "succeeded").scalar_subquery()
    changes = PULL.c.landed + PULL.c.deleted
    query = (
        select(PULL.c.started_at, changes)
        .where(
            *of_stream,
            PULL.c.id >= first,
            PULL.c.started_at.between(since, until),
            PULL.c.outcome.in_(("succeeded", "running")) | (changes > 0),
        )
        .order_by(PULL.c.started_at, PULL.c.id)
    )
    return [(started_at, count) for started_at, count in connection.execute(query)]
