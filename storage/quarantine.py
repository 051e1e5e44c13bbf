"""Raw records that are unusable: kept with the reason and what the source said, until one of them is accepted."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, case, select, update

from rules.references import MissingKey
from storage.audit import note
from storage.history import Turn
from storage.schema.synchronisation import QUARANTINE
from storage.staging import LANDING_STAGE, among
from storage.upsert import conflict_insert
from storage.waiting_keys import keys_from_text, keys_to_text

_RENEWED = ("reason", "expectation", "waits_for", "payload", "pull_id", "last_seen_at")
_MOST_IDS = 500
"""Ids in one statement; SQLite takes 32,766 values."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a raw record is unusable.

    Attributes:
        reason: a sentence for the person who mends the source or the mapping.
        expectation: the check that refused it; None where it could not be mapped at all.
        waits_for: keys that it refers to; once all of them are known it is tried again by itself. None where it is
            not, whatever becomes known.
    """

    reason: str
    expectation: str | None = None
    waits_for: tuple[MissingKey, ...] | None = None


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A raw record in quarantine.

    Attributes:
        expectation: the check that refused it; None where it could not be mapped at all.
        payload: the raw record as the source spelled it.
        first_seen_at: since when it has been refused without a break.
        waits_for: as in ``Rejection``.
    """

    system: str
    stream: str
    landed_id: str
    reason: str
    expectation: str | None
    payload: dict[str, Any]
    first_seen_at: datetime
    last_seen_at: datetime
    waits_for: tuple[MissingKey, ...] | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A raw record in quarantine that is tried again by itself.

    Attributes:
        expectation: the check that refused it.
        waits_for: what has to be known first.
    """

    landed_id: str
    expectation: str | None
    waits_for: tuple[MissingKey, ...]


def quarantined(connection: Connection, system: str | None = None, stream: str | None = None) -> list[Quarantined]:
    """What is in quarantine now, the longest first."""
    query = select(QUARANTINE).where(QUARANTINE.c.released_at.is_(None))
    if system is not None:
        query = query.where(QUARANTINE.c.system == system)
    if stream is not None:
        query = query.where(QUARANTINE.c.stream == stream)
    order = (QUARANTINE.c.first_seen_at, QUARANTINE.c.system, QUARANTINE.c.stream, QUARANTINE.c.landed_id)
    return [_quarantined(row) for row in connection.execute(query.order_by(*order))]


def quarantined_among(
    connection: Connection, system: str, stream: str, landed_ids: Collection[str]
) -> list[Quarantined]:
    """Those of some raw records of a stream that are in quarantine now, in the order of their ids."""
    wanted = sorted(set(landed_ids))
    parts = (wanted[start : start + _MOST_IDS] for start in range(0, len(wanted), _MOST_IDS))
    query = select(QUARANTINE).where(_still_in(system, stream)).order_by(QUARANTINE.c.landed_id)
    return [
        _quarantined(row)
        for part in parts
        for row in connection.execute(query.where(QUARANTINE.c.landed_id.in_(part)))
    ]


def waiting(connection: Connection, system: str, stream: str, after: str, most: int) -> list[Waiting]:
    """So many raw records at most that wait for keys, in the order of their ids, behind the one given."""
    columns = (QUARANTINE.c.landed_id, QUARANTINE.c.expectation, QUARANTINE.c.waits_for)
    query = (
        select(*columns)
        .where(_still_in(system, stream), QUARANTINE.c.waits_for.is_not(None), QUARANTINE.c.landed_id > after)
        .order_by(QUARANTINE.c.landed_id)
        .limit(most)
    )
    return [
        Waiting(landed_id, expectation, keys_from_text(waits_for) or ())
        for landed_id, expectation, waits_for in connection.execute(query)
    ]


def _quarantined(row: Row[Any]) -> Quarantined:
    return Quarantined(
        row.system,
        row.stream,
        row.landed_id,
        row.reason,
        row.expectation,
        json.loads(row.payload),
        row.first_seen_at,
        row.last_seen_at,
        keys_from_text(row.waits_for),
    )


def quarantined_ids(connection: Connection, system: str, stream: str) -> set[str]:
    """Raw records of a stream that are in quarantine now."""
    query = select(QUARANTINE.c.landed_id).where(_still_in(system, stream))
    return set(connection.execute(query).scalars())


def release(
    connection: Connection,
    system: str,
    stream: str,
    landed_ids: Collection[str],
    actor: str,
    at: datetime,
    why: str,
) -> set[str]:
    """Let raw records out by a person's decision, noted in the audit; returns those that were in.

    A record that is refused again later comes back. Records that are accepted later leave by themselves.
    """
    released = quarantined_ids(connection, system, stream) & set(landed_ids)
    let_out(connection, system, stream, released, at)
    detail = {"landed_ids": sorted(released), "why": why}
    note(connection, at, actor, "quarantine.release", f"{system}.{stream}", detail)
    return released


def let_out(connection: Connection, system: str, stream: str, landed_ids: Collection[str], at: datetime) -> None:
    """Let raw records out, whatever became of them."""
    one = (
        update(QUARANTINE)
        .values(released_at=at, waits_for=None)
        .where(_still_in(system, stream), QUARANTINE.c.landed_id == bindparam("let_out_id"))
    )
    if landed_ids:
        connection.execute(one, [{"let_out_id": landed_id} for landed_id in landed_ids])


def reword(connection: Connection, system: str, stream: str, reasons: Mapping[str, Rejection]) -> None:
    """Give raw records that stay in the reason for which they are refused now, by their landed ids."""
    one = (
        update(QUARANTINE)
        .values(
            reason=bindparam("new_reason"),
            expectation=bindparam("new_expectation"),
            waits_for=bindparam("new_waits_for"),
        )
        .where(_still_in(system, stream), QUARANTINE.c.landed_id == bindparam("reworded_id"))
    )
    rows = [
        {
            "reworded_id": landed_id,
            "new_reason": rejection.reason,
            "new_expectation": rejection.expectation,
            "new_waits_for": keys_to_text(rejection.waits_for),
        }
        for landed_id, rejection in reasons.items()
    ]
    if rows:
        connection.execute(one, rows)


def _still_in(system: str, stream: str) -> ColumnElement[bool]:
    return and_(QUARANTINE.c.system == system, QUARANTINE.c.stream == stream, QUARANTINE.c.released_at.is_(None))


def set_aside(connection: Connection, turn: Turn, rejected: Sequence[dict[str, Any]]) -> None:
    """Put rejected raw records of the staged page in, and let those that are accepted or deleted now out.

    Args:
        connection: in the transaction of the page.
        turn: whose page it is.
        rejected: rows with ``landed_id``, ``reason``, ``expectation``, ``waits_for`` and ``payload`` (JSON text).
    """
    usable = select(LANDING_STAGE.c.landed_id).where(LANDING_STAGE.c.fate != "rejected")
    leaving = (
        update(QUARANTINE)
        .values(released_at=turn.known_at, waits_for=None)
        .where(_still_in(turn.system, turn.stream), among(connection.dialect.name, QUARANTINE.c.landed_id, usable))
    )
    connection.execute(leaving)
    if not rejected:
        return
    entering = conflict_insert(connection, QUARANTINE)
    new = entering.excluded
    still_in = QUARANTINE.c.released_at.is_(None)
    statement = entering.on_conflict_do_update(
        index_elements=["landed_id", "stream", "system"],
        set_={
            **{name: new[name] for name in _RENEWED},
            "first_seen_at": case((still_in, QUARANTINE.c.first_seen_at), else_=new.first_seen_at),
            "released_at": None,
        },
    )
    common = {
        "system": turn.system,
        "stream": turn.stream,
        "pull_id": turn.pull_id,
        "first_seen_at": turn.known_at,
        "last_seen_at": turn.known_at,
    }
    connection.execute(statement, [{**common, **row} for row in rejected])
