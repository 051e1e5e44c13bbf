"""What the findings of a run have in common, kept with it: its snapshot may be gone by then."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from storage.rows import to_json
from storage.schema.reconciliation import RUN_CAUSES


def record_causes(connection: Connection, run_id: int, document: Mapping[str, Any]) -> None:
    """Keep what a run's findings have in common; it takes the place of what was kept for the run before."""
    connection.execute(delete(RUN_CAUSES).where(RUN_CAUSES.c.run_id == run_id))
    connection.execute(insert(RUN_CAUSES).values(run_id=run_id, content=to_json(dict(document))))


def causes_in(connection: Connection, run_id: int) -> Mapping[str, Any] | None:
    """What was kept for a run; None where nothing was."""
    text = connection.execute(select(RUN_CAUSES.c.content).where(RUN_CAUSES.c.run_id == run_id)).scalar_one_or_none()
    return None if text is None else json.loads(text)
