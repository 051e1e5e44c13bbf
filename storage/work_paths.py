"""On which path each piece of work is: who began it, and ends it. The database refuses a second writer."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, bindparam, func, select

from canonical_model.errors import UnsafeToContinue
from handoffs.stages import HANDOFFS, Authority, Handoff, Mandate, Writer
from storage.schema.takeover import WORK_PATH
from storage.takeover import epoch_of
from storage.upsert import insert_if_absent


@dataclass(frozen=True, slots=True)
class WorkPath:
    """Who began a piece of work of a hand-off, and why he might."""

    market: str
    handoff: Handoff
    work: str
    writer: Writer
    epoch: int
    began_at: datetime
    why: str


PATH_COLUMNS = [WORK_PATH.c[name] for name in ("market", "handoff", "work", "writer", "epoch", "began_at", "why")]
# built once: a statement costs more to put together than to run
_PATH = select(*PATH_COLUMNS).where(*(WORK_PATH.c[name] == bindparam(name) for name in ("market", "handoff", "work")))
_NOTED = insert_if_absent(WORK_PATH, [column.name for column in PATH_COLUMNS])


def path_of(connection: Connection, market: str, handoff: Handoff, work: str) -> WorkPath | None:
    """The path of a piece of work; None where nobody has begun it."""
    row = connection.execute(_PATH, {"market": market, "handoff": handoff, "work": work}).one_or_none()
    return None if row is None else WorkPath(*row)


def paths_of(
    connection: Connection,
    market: str,
    handoff: Handoff,
    works: Collection[str] | None = None,
    writer: Writer | None = None,
    since: datetime | None = None,
) -> list[WorkPath]:
    """The paths of some works, or of all, in the order in which they began.

    Args:
        connection: of a transaction.
        market: of the works.
        handoff: whose paths.
        works: only these; None for all.
        writer: who has begun them; None for both.
        since: only those that began at this moment or later; None for all.
    """
    query = select(*PATH_COLUMNS).where(*_key(market, handoff)).order_by(WORK_PATH.c.began_at, WORK_PATH.c.work)
    if works is not None:
        query = query.where(WORK_PATH.c.work.in_(works))
    if writer is not None:
        query = query.where(WORK_PATH.c.writer == writer)
    if since is not None:
        query = query.where(WORK_PATH.c.began_at >= since)
    return [WorkPath(*row) for row in connection.execute(query)]


def paths_kept_since(connection: Connection, market: str) -> datetime | None:
    """When the first path of a market began: what was done before left none; None where there is no path yet."""
    query = select(func.min(WORK_PATH.c.began_at)).where(WORK_PATH.c.market == market)
    first: datetime | None = connection.execute(query).scalar_one()
    return first


def counts_by_writer(connection: Connection, market: str, handoff: Handoff) -> dict[str, int]:
    """How many works each writer has begun."""
    query = select(WORK_PATH.c.writer, func.count()).where(*_key(market, handoff)).group_by(WORK_PATH.c.writer)
    return {row[0]: row[1] for row in connection.execute(query)}


def begin_with_hub(
    connection: Connection, market: str, mandate: Mandate, work: str, authority: Authority, at: datetime
) -> None:
    """Write down that the hub begins a piece of work, in the transaction of what it begins with.

    Nothing is written where no hand-off is needed, or where it was begun before.

    Args:
        connection: of a transaction.
        market: of the work.
        mandate: that the hub acts on.
        work: as ``order/1234``.
        authority: by which the hub may; decided a moment ago.
        at: now.

    Raises:
        UnsafeToContinue: another writer has begun it, or the hand-off was moved since it was decided who may.
    """
    if mandate not in HANDOFFS or authority.is_begun:
        return
    known = path_of(connection, market, mandate, work)
    if known is None:
        if epoch_of(connection, market, mandate) != authority.epoch:
            raise UnsafeToContinue(f"{work}: {mandate} in {market} was moved meanwhile; nothing was written down")
        if note_paths(connection, [WorkPath(market, mandate, work, "hub", authority.epoch, at, authority.reason)]):
            return
        known = path_of(connection, market, mandate, work)
    if known is not None and known.writer != "hub":
        raise UnsafeToContinue(
            f"{work}: {mandate} began with {known.writer} and ends there ({known.why}); nothing was written down"
        )


def note_paths(connection: Connection, paths: Iterable[WorkPath]) -> int:
    """Write down who has begun several pieces of work; what is known of one already stays. Gives how many are new."""
    rows = [{column.name: getattr(path, column.name) for column in PATH_COLUMNS} for path in paths]
    return connection.execute(_NOTED, rows).rowcount if rows else 0


def _key(market: str, handoff: Handoff) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return WORK_PATH.c.market == market, WORK_PATH.c.handoff == handoff
