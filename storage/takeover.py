"""The history of every hand-off's take-over, as rows that are only ever added, and the lease of its writer."""

import json
from dataclasses import asdict
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, text
from sqlalchemy.exc import IntegrityError

from canonical_model.errors import UnsafeToContinue
from handoffs.authority import WriterLease
from handoffs.cohort import Cohort
from handoffs.stages import Handoff
from handoffs.takeover import Move
from storage.rows import to_json
from storage.schema.takeover import TAKEOVER_MOVE, WRITER_LEASE
from storage.upsert import conflict_insert

# built once: asked before each effect and each change of an element, and more costly to put together than to run
_OF_HANDOFF = (TAKEOVER_MOVE.c.market == bindparam("market"), TAKEOVER_MOVE.c.handoff == bindparam("handoff"))
_MOVES = select(TAKEOVER_MOVE).where(*_OF_HANDOFF).order_by(TAKEOVER_MOVE.c.number)
_EPOCH = select(TAKEOVER_MOVE.c.epoch).where(*_OF_HANDOFF).order_by(TAKEOVER_MOVE.c.number.desc()).limit(1)
_LEASE = select(WRITER_LEASE.c.epoch, WRITER_LEASE.c.until).where(
    WRITER_LEASE.c.market == bindparam("market"), WRITER_LEASE.c.handoff == bindparam("handoff")
)
_MOVED_MARKETS = select(TAKEOVER_MOVE.c.market).distinct()
_SHARED_LOCK, _LOCK = (
    text(f"SELECT {lock}(hashtextextended(:name, 36))")
    for lock in ("pg_advisory_xact_lock_shared", "pg_advisory_xact_lock")
)


def moves_of(connection: Connection, market: str, handoff: Handoff) -> list[Move]:
    """Every move of a hand-off in a market, the first one first."""
    return [_move(row) for row in connection.execute(_MOVES, {"market": market, "handoff": handoff})]


def append_move(connection: Connection, market: str, handoff: Handoff, move: Move, number: int) -> None:
    """Add a move to the history.

    Args:
        connection: of a transaction.
        market: where.
        handoff: of what.
        move: behind the last one.
        number: one more than there are moves; who decided on an older history is refused.

    Raises:
        UnsafeToContinue: somebody else has moved it meanwhile.
    """
    await_moves(connection, market, handoff, shared=False)
    values = {
        **asdict(move),
        "cohort": cohort_text(move.cohort),
        "market": market,
        "handoff": handoff,
        "number": number,
    }
    try:
        with connection.begin_nested():
            connection.execute(insert(TAKEOVER_MOVE).values(**values))
    except IntegrityError as error:
        raise UnsafeToContinue(f"{handoff} in {market} was moved by somebody else meanwhile: look again") from error


def epoch_of(connection: Connection, market: str, handoff: Handoff) -> int:
    """The epoch of a hand-off in a market; it does not change before the transaction has ended."""
    await_moves(connection, market, handoff, shared=True)
    return connection.execute(_EPOCH, {"market": market, "handoff": handoff}).scalar_one_or_none() or 0


def await_moves(connection: Connection, market: str, handoff: Handoff, *, shared: bool) -> None:
    """Wait for who moves a hand-off, or to be the one who does; SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(_SHARED_LOCK if shared else _LOCK, {"name": f"{market}/{handoff}"})


def next_number(connection: Connection, market: str, handoff: Handoff) -> int:
    """The number of the next move."""
    last = select(func.max(TAKEOVER_MOVE.c.number)).where(
        TAKEOVER_MOVE.c.market == market, TAKEOVER_MOVE.c.handoff == handoff
    )
    return (connection.execute(last).scalar_one() or 0) + 1


def moved_markets(connection: Connection) -> set[str]:
    """The markets in which any hand-off was ever moved."""
    return set(connection.execute(_MOVED_MARKETS).scalars())


def lease_of(connection: Connection, market: str, handoff: Handoff) -> WriterLease | None:
    """The lease of the writer of a hand-off in a market, where a guard has ever given one."""
    row = connection.execute(_LEASE, {"market": market, "handoff": handoff}).one_or_none()
    return None if row is None else WriterLease(row.epoch, row.until)


def renew_lease(connection: Connection, market: str, handoff: Handoff, lease: WriterLease, at: datetime) -> None:
    """Let the hub begin new work for a while: a guard has looked, and nothing forbids it."""
    renewed = {"epoch": lease.epoch, "renewed_at": at, "until": lease.until}
    entering = conflict_insert(connection, WRITER_LEASE).values(market=market, handoff=handoff, **renewed)
    connection.execute(entering.on_conflict_do_update(index_elements=["market", "handoff"], set_=renewed))


def cohort_text(cohort: Cohort) -> str:
    """A cohort as the database keeps it."""
    return to_json(
        {
            "towns": sorted(cohort.towns),
            "technologies": sorted(cohort.technologies),
            "order_types": sorted(cohort.order_types),
            "share": cohort.share,
        }
    )


@lru_cache(maxsize=1024)
def cohort_in_text(held: str) -> Cohort:
    """The cohort that ``cohort_text`` gave."""
    parts = json.loads(held)
    towns, technologies, order_types = (frozenset(parts[name]) for name in ("towns", "technologies", "order_types"))
    return Cohort(towns, technologies, order_types, parts["share"])


def _move(row: Row[Any]) -> Move:
    cohort = cohort_in_text(row.cohort)
    return Move(row.kind, row.stage, cohort, row.at, row.actor, row.why, row.verdict_id, row.epoch)
