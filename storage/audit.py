"""The audit trail: what a person or a guard decided, as rows that are only ever added."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert

from storage.rows import to_json
from storage.schema.audit import AUDIT


def note(
    connection: Connection, at: datetime, actor: str, action: str, subject: str, detail: Mapping[str, Any]
) -> None:
    """Write down who did what to which thing; ``detail`` holds JSON values and never a secret."""
    connection.execute(
        insert(AUDIT).values(at=at, actor=actor, action=action, subject=subject, detail=to_json(detail))
    )
