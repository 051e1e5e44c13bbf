"""Raw records that are unusable: kept with the reason and what the source said, until one of them is accepted."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, case, select, update

from storage.audit import note
from storage.history import Turn
from storage.schema.synchronisation import QUARANTINE
from storage.staging import LANDING_STAGE, among
from storage.upsert import conflict_insert


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A raw record in quarantine.

    Attributes:
        expectation: the check that refused it; None where it could not be mapped at all.
        payload: the raw record as the source spelled it.
        first_seen_at: since when it has been refused without a break.
    """

    system: str
    stream: str
    landed_id: str
    reason: str
    expectation: str | None
    payload: dict[str, Any]
    first_seen_at: datetime
    last_seen_at: datetime


def quarantined(connection: Connection, system: str | None = None, stream: str | None = None) -> list[Quarantined]:
    """What is in quarantine now, the longest first."""
    query = select(QUARANTINE).where(QUARANTINE.c.released_at.is_(None))
    if system is not None:
        query = query.where(QUARANTINE.c.system == system)
    if stream is not None:
        query = query.where(QUARANTINE.c.stream == stream)
    order = (QUARANTINE.c.first_seen_at, QUARANTINE.c.system, QUARANTINE.c.stream, QUARANTINE.c.landed_id)
    return [
        Quarantined(
            row.system,
            row.stream,
            row.landed_id,
            row.reason,
            row.expectation,
            json.loads(row.payload),
            row.first_seen_at,
            row.last_seen_at,
        )
        for row in connection.execute(query.order_by(*order))
    ]


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
        .values(released_at=at)
        .where(_still_in(system, stream), QUARANTINE.c.landed_id == bindparam("let_out_id"))
    )
    if landed_ids:
        connection.execute(one, [{"let_out_id": landed_id} for landed_id in landed_ids])


def reword(connection: Connection, system: str, stream: str, reasons: Mapping[str, tuple[str, str | None]]) -> None:
    """Give raw records that stay in the reason for which they are refused now.

    Args:
        connection: in a transaction.
        system: name of the system.
        stream: name of the mapping.
        reasons: by landed id the reason, and the check that refused it where one did.
    """
    one = (
        update(QUARANTINE)
        .values(reason=bindparam("new_reason"), expectation=bindparam("new_expectation"))
        .where(_still_in(system, stream), QUARANTINE.c.landed_id == bindparam("reworded_id"))
    )
    rows = [
        {"reworded_id": landed_id, "new_reason": reason, "new_expectation": expectation}
        for landed_id, (reason, expectation) in reasons.items()
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
        rejected: rows with ``landed_id``, ``reason``, ``expectation`` and ``payload`` (JSON text).
    """
    usable = select(LANDING_STAGE.c.landed_id).where(LANDING_STAGE.c.fate != "rejected")
    leaving = (
        update(QUARANTINE)
        .values(released_at=turn.known_at)
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
            **{name: new[name] for name in ("reason", "expectation", "payload", "pull_id", "last_seen_at")},
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
