"""What was known when: set-based statements that turn a staged page into versions.

A version that changed is closed (``known_to``) and followed by a new one, one that is the same is left
untouched, and one that its raw record no longer yields is closed.

Each statement finds its rows through an index, one look-up a staged row, and says so in a way that leaves the
planner no other choice: scalar subqueries, IN lists, arrays. Both databases would join from the wrong side
otherwise, as neither has statistics of a temporary table or of one that is being filled for the first time.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    FromClause,
    Insert,
    ScalarSelect,
    Table,
    Text,
    Update,
    and_,
    bindparam,
    insert,
    literal,
    select,
    update,
)

from canonical_model.record import Record
from storage.schema.canonical import CANONICAL_TABLES, RECORD_KEY
from storage.schema.columns import STILL_KNOWN, UtcInstant
from storage.schema.kinds import fields_of
from storage.schema.synchronisation import LANDING
from storage.staging import LANDING_STAGE, among, stage_of

_KNOWN_AT = bindparam("at_known", type_=UtcInstant())
_SYSTEM = bindparam("of_system", type_=Text())
_STREAM = bindparam("of_stream", type_=Text())
_PULL = bindparam("of_pull", type_=BigInteger())

_COUNTED = {"preserve_rowcount": True}
"""SQLAlchemy forgets the row count of an INSERT otherwise."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Whose page is being written, and from when on what it says is known."""

    system: str
    stream: str
    pull_id: int
    known_at: datetime


@dataclass(frozen=True, slots=True)
class Written:
    """Versions that were opened, and versions that ended without a successor."""

    opened: int
    ended: int


def known(table: FromClause, at: datetime | None) -> ColumnElement[bool]:
    """The versions of a table that were current at a moment; None for those that are current now."""
    if at is None:
        return table.c.known_to == STILL_KNOWN
    return and_(table.c.known_from <= at, table.c.known_to > at)


def late_copies(connection: Connection, turn: Turn) -> set[str]:
    """Staged raw records that are older than the copy already landed."""
    stage = LANDING_STAGE
    late = select(stage.c.landed_id).where(_landed("change_order") > stage.c.change_order)
    return set(connection.execute(late, {"of_system": turn.system, "of_stream": turn.stream}).scalars())


def write_landing(connection: Connection, turn: Turn) -> int:
    """Bring the raw records of a stream to what is staged; returns how many were new or differed."""
    close, open_ = _landing_statements(connection.dialect.name)
    parameters = {"of_system": turn.system, "of_stream": turn.stream, "at_known": turn.known_at}
    connection.execute(close, parameters)
    parameters["of_pull"] = turn.pull_id
    return connection.execute(open_, parameters, execution_options=_COUNTED).rowcount


def write_records(connection: Connection, entity: type[Record], turn: Turn) -> Written:
    """Bring the records of an entity to what is staged for it and for the raw records."""
    vanish, close, open_ = _record_statements(entity, connection.dialect.name)
    parameters = {"of_system": turn.system, "of_stream": turn.stream, "at_known": turn.known_at}
    ended = connection.execute(vanish, parameters).rowcount
    connection.execute(close, {"of_system": turn.system, "at_known": turn.known_at})
    parameters.pop("of_system")
    opened = connection.execute(open_, parameters, execution_options=_COUNTED).rowcount
    return Written(opened, ended)


def _landed(column: str) -> ScalarSelect[Any]:
    """What the landed copy of a staged raw record holds."""
    landed = LANDING.alias("landed")
    alike = (
        landed.c.system == _SYSTEM,
        landed.c.stream == _STREAM,
        landed.c.landed_id == LANDING_STAGE.c.landed_id,
        landed.c.known_to == STILL_KNOWN,
    )
    return select(landed.c[column]).where(*alike).correlate(LANDING_STAGE).scalar_subquery()


@cache
def _landing_statements(dialect: str) -> tuple[Update, Insert]:
    stage, table = LANDING_STAGE, LANDING
    staged_hash = select(stage.c.content_hash).where(stage.c.landed_id == table.c.landed_id)
    close = (
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
    values = {
        "system": _SYSTEM,
        "stream": _STREAM,
        "landed_id": stage.c.landed_id,
        "payload": stage.c.payload,
        "change_order": stage.c.change_order,
        "pull_id": _PULL,
        "content_hash": stage.c.content_hash,
        "known_from": _KNOWN_AT,
        "known_to": literal(STILL_KNOWN, UtcInstant()),
    }
    new = select(*values.values()).where(stage.c.fate != "deleted", _landed("content_hash").is_(None))
    return close, insert(table).from_select(list(values), new)


@cache
def _record_statements(entity: type[Record], dialect: str) -> tuple[Update, Update, Insert]:
    table, stage = CANONICAL_TABLES[entity], stage_of(entity)
    staged_hash = select(stage.c.content_hash).where(_same_key(table, stage)).correlate(table).scalar_subquery()
    accounted_for = select(LANDING_STAGE.c.landed_id).where(LANDING_STAGE.c.fate != "rejected")
    vanish = (
        update(table)
        .values(known_to=_KNOWN_AT)
        .where(
            table.c.source_system == _SYSTEM,
            table.c.stream == _STREAM,
            among(dialect, table.c.landed_id, accounted_for),
            table.c.known_to == STILL_KNOWN,
            staged_hash.is_(None),
        )
    )
    close = (
        update(table)
        .values(known_to=_KNOWN_AT)
        .where(
            table.c.source_system == _SYSTEM,
            among(dialect, table.c.source_object, select(stage.c.source_object).distinct()),
            among(dialect, table.c.source_id, select(stage.c.source_id)),
            table.c.known_to == STILL_KNOWN,
            staged_hash != table.c.content_hash,
        )
    )
    return vanish, close, _opening(entity, table, stage)


def _opening(entity: type[Record], table: Table, stage: Table) -> Insert:
    before = table.alias("before")
    current_hash = select(before.c.content_hash).where(_same_key(before, stage), before.c.known_to == STILL_KNOWN)
    values: dict[str, ColumnElement[Any]] = {
        **{field.name: stage.c[field.name] for field in fields_of(entity)},
        "stream": _STREAM,
        "landed_id": stage.c.landed_id,
        "content_hash": stage.c.content_hash,
        "known_from": _KNOWN_AT,
        "known_to": literal(STILL_KNOWN, UtcInstant()),
    }
    new = select(*values.values()).where(current_hash.correlate(stage).scalar_subquery().is_(None))
    return insert(table).from_select(list(values), new)


def _same_key(one: FromClause, other: FromClause) -> ColumnElement[bool]:
    return and_(*(one.c[name] == other.c[name] for name in RECORD_KEY))
