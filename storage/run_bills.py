"""What the bills before and after a move come to, kept with the run that was made then."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from storage.rows import to_json
from storage.schema.run_results import RUN_BILLS


def record_bills(connection: Connection, run_id: int, document: Mapping[str, Any]) -> None:
    """Keep the bills of a run; they take the place of what was kept for it before."""
    connection.execute(delete(RUN_BILLS).where(RUN_BILLS.c.run_id == run_id))
    connection.execute(insert(RUN_BILLS).values(run_id=run_id, content=to_json(dict(document))))


def bills_in(connection: Connection, run_id: int) -> Mapping[str, Any] | None:
    """What was kept for a run; None where nothing was."""
    text = connection.execute(select(RUN_BILLS.c.content).where(RUN_BILLS.c.run_id == run_id)).scalar_one_or_none()
    return None if text is None else json.loads(text)
