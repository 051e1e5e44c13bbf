"""Raw records that are unusable: kept with the reason and what the source said, until one of them is accepted."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, case, select, update

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


def release(
    connection: Connection, system: str, stream: str, landed_ids: Collection[str], actor: str, at: datetime
) -> int:
    """Let raw records out by a person's decision, noted in the audit; returns how many were in.

    A record that is refused again later comes back. Records that are accepted later leave by themselves.
    """
    statement = (
        update(QUARANTINE)
        .values(released_at=at)
        .where(
            QUARANTINE.c.system == system,
            QUARANTINE.c.stream == stream,
            QUARANTINE.c.landed_id.in_(landed_ids),
            QUARANTINE.c.released_at.is_(None),
        )
    )
    released = connection.execute(statement).rowcount
    note(connection, at, actor, "quarantine.release", f"{system}.{stream}", {"landed_ids": sorted(landed_ids)})
    return released


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
        .where(
            QUARANTINE.c.system == turn.system,
            QUARANTINE.c.stream == turn.stream,
            among(connection.dialect.name, QUARANTINE.c.landed_id, usable),
            QUARANTINE.c.released_at.is_(None),
        )
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
