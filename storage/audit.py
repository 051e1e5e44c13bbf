"""The audit trail: what a person or a guard decided, as rows that are only ever added."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from storage.rows import to_json
from storage.schema.audit import AUDIT


def note(
    connection: Connection, at: datetime, actor: str, action: str, subject: str, detail: Mapping[str, Any]
) -> None:
    """Write down who did what to which thing; ``detail`` holds JSON values and never a secret."""
    connection.execute(
        insert(AUDIT).values(at=at, actor=actor, action=action, subject=subject, detail=to_json(detail))
    )


@dataclass(frozen=True, slots=True)
class Noted:
    """One row of the trail."""

    at: datetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, Any]


def noted_about(connection: Connection, subject: str) -> list[Noted]:
    """What was ever noted about a thing, the oldest first."""
    query = select(AUDIT).where(AUDIT.c.subject == subject).order_by(AUDIT.c.id)
    rows = connection.execute(query)
    return [Noted(row.at, row.actor, row.action, row.subject, json.loads(row.detail)) for row in rows]
