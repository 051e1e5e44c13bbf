"""What was known when: what is staged of a page is held against what is known, and what differs becomes versions.

A version that changed is closed (``known_to``) and followed by a new one, one that is the same is left
untouched, and one that its raw record no longer yields is closed.

Each statement finds its rows through an index, one look-up a staged row, and says so in a way that leaves the
planner no other choice: scalar subqueries, IN lists, arrays. Both databases would join from the wrong side
otherwise, as neither has statistics of a temporary table or of one that is being filled for the first time.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    Table,
    Text,
    Update,
    and_,
    bindparam,
    case,
    func,
    select,
    update,
)

from canonical_model.record import Record
from storage.schema.canonical import CANONICAL_TABLES
from storage.schema.columns import STILL_KNOWN, UtcInstant
from storage.schema.synchronisation import LANDING
from storage.staging import LANDING_STAGE, RECORD_STAGE, among, load

SAME: Final = 0
"""What is staged says what is known already."""

DIFFERS: Final = 1
"""It says something else."""

LATE: Final = 2
"""A newer copy of the raw record is known."""

NEW: Final = 3
"""Nothing is known under its key."""

_KNOWN_AT = bindparam("at_known", type_=UtcInstant())
_SYSTEM = bindparam("of_system", type_=Text())
_STREAM = bindparam("of_stream", type_=Text())


@dataclass(frozen=True, slots=True)
class Turn:
    """Whose page is being written, and from when on what it says is known."""

    system: str
    stream: str
    pull_id: int
    known_at: datetime


def known(table: FromClause, at: datetime | None) -> ColumnElement[bool]:
    """The versions of a table that were current at a moment; None for those that are current now."""
    if at is None:
        return table.c.known_to == STILL_KNOWN
    return and_(table.c.known_from <= at, table.c.known_to > at)


def landing_standings(connection: Connection, turn: Turn) -> dict[str, int]:
    """How each staged raw record stands to what is landed, by its landed id."""
    found = connection.execute(_landing_standings(), {"of_system": turn.system, "of_stream": turn.stream})
    return {landed_id: standing for landed_id, standing in found.tuples().all()}  # noqa: C416 - typed


def close_landed(connection: Connection, turn: Turn) -> None:
    """End the versions of raw records that differ from what is staged, or are deleted."""
    parameters = {"of_system": turn.system, "of_stream": turn.stream, "at_known": turn.known_at}
    connection.execute(_landing_close(connection.dialect.name), parameters)


def open_landed(connection: Connection, turn: Turn, rows: Iterable[tuple[str, str, int | None, str]]) -> None:
    """Begin versions of raw records: landed id, payload, change order and hash of each."""
    known_from, known_to = _known_from_to(connection, turn)
    whole = (
        (turn.system, turn.stream, landed_id, payload, change_order, turn.pull_id, digest, known_from, known_to)
        for landed_id, payload, change_order, digest in rows
    )
    load(connection, LANDING, whole)


def close_vanished(connection: Connection, entity: type[Record], turn: Turn) -> int:
    """End the records that the staged raw records no longer yield; returns how many."""
    parameters = {"of_system": turn.system, "of_stream": turn.stream, "at_known": turn.known_at}
    return connection.execute(_vanish(entity, connection.dialect.name), parameters).rowcount


def record_standings(connection: Connection, entity: type[Record], turn: Turn) -> dict[tuple[str, str], int]:
    """How each staged record stands to what is known, by its source id and object."""
    found = connection.execute(_record_standings(entity), {"of_system": turn.system})
    return {(source_id, source_object): standing for source_id, source_object, standing in found.tuples().all()}


def close_changed(connection: Connection, entity: type[Record], turn: Turn) -> None:
    """End the versions of records that differ from what is staged."""
    parameters = {"of_system": turn.system, "at_known": turn.known_at}
    connection.execute(_close_changed(entity, connection.dialect.name), parameters)


def open_records(
    connection: Connection, entity: type[Record], turn: Turn, rows: Iterable[tuple[Iterable[Any], str, str]]
) -> None:
    """Begin versions of records: the values of each, its raw record and its hash."""
    known_from, known_to = _known_from_to(connection, turn)
    whole = ((*values, turn.stream, landed_id, digest, known_from, known_to) for values, landed_id, digest in rows)
    load(connection, CANONICAL_TABLES[entity], whole)


def _known_from_to(connection: Connection, turn: Turn) -> tuple[Any, Any]:
    """The moments of a version that begins, as the driver takes them."""
    kind, dialect = UtcInstant(), connection.dialect
    return kind.process_bind_param(turn.known_at, dialect), kind.process_bind_param(STILL_KNOWN, dialect)


@cache
def _landing_standings() -> Select[tuple[str, int]]:
    stage, landed = LANDING_STAGE, LANDING.alias("landed")
    standing = (
        select(
            case(
                (landed.c.change_order > stage.c.change_order, LATE),
                (landed.c.content_hash == stage.c.content_hash, SAME),
                else_=DIFFERS,
            )
        )
        .where(
            landed.c.system == _SYSTEM,
            landed.c.stream == _STREAM,
            landed.c.landed_id == stage.c.landed_id,
            landed.c.known_to == STILL_KNOWN,
        )
        .correlate(stage)
    )
    return select(stage.c.landed_id, func.coalesce(standing.scalar_subquery(), NEW))


@cache
def _landing_close(dialect: str) -> Update:
    stage, table = LANDING_STAGE, LANDING
    staged_hash = select(stage.c.content_hash).where(stage.c.landed_id == table.c.landed_id)
    return (
        update(table)
        .values(known_to=_KNOWN_AT)
        .where(
            table.c.system == _SYSTEM,
            table.c.stream == _STREAM,
            among(dialect, table.c.landed_id, select(stage.c.landed_id)),
            table.c.known_to == STILL_KNOWN,
            staged_hash.correlate(table).scalar_subquery() != table.c.content_hash,
        )
    )


@cache
def _record_standings(entity: type[Record]) -> Select[tuple[str, str, int]]:
    stage, before = RECORD_STAGE, CANONICAL_TABLES[entity].alias("before")
    standing = (
        select(case((before.c.content_hash == stage.c.content_hash, SAME), else_=DIFFERS))
        .where(_same_key(before, stage), before.c.source_system == _SYSTEM, before.c.known_to == STILL_KNOWN)
        .correlate(stage)
    )
    return select(stage.c.source_id, stage.c.source_object, func.coalesce(standing.scalar_subquery(), NEW))


@cache
def _vanish(entity: type[Record], dialect: str) -> Update:
    table = CANONICAL_TABLES[entity]
    accounted_for = select(LANDING_STAGE.c.landed_id).where(LANDING_STAGE.c.fate != "rejected")
    return (
        update(table)
        .values(known_to=_KNOWN_AT)
        .where(
            table.c.source_system == _SYSTEM,
            table.c.stream == _STREAM,
            among(dialect, table.c.landed_id, accounted_for),
            table.c.known_to == STILL_KNOWN,
            _staged_hash(table).is_(None),
        )
    )


@cache
def _close_changed(entity: type[Record], dialect: str) -> Update:
    table, stage = CANONICAL_TABLES[entity], RECORD_STAGE
    return (
        update(table)
        .values(known_to=_KNOWN_AT)
        .where(
            table.c.source_system == _SYSTEM,
            among(dialect, table.c.source_object, select(stage.c.source_object).distinct()),
            among(dialect, table.c.source_id, select(stage.c.source_id)),
            table.c.known_to == STILL_KNOWN,
            _staged_hash(table) != table.c.content_hash,
        )
    )


def _staged_hash(table: Table) -> ColumnElement[str]:
    staged = select(RECORD_STAGE.c.content_hash).where(_same_key(table, RECORD_STAGE))
    return staged.correlate(table).scalar_subquery()


def _same_key(one: FromClause, other: FromClause) -> ColumnElement[bool]:
    return and_(one.c.source_id == other.c.source_id, one.c.source_object == other.c.source_object)
