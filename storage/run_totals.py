"""What the findings of a run came to by rule, direction and class, kept as they were when the run recorded them."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, case, delete, func, insert, select

from storage.schema.reconciliation import FINDING
from storage.schema.run_results import RUN_TALLY, RUN_TOTAL


def keep_totals(connection: Connection, run_id: int, handoff_of: Mapping[str, str | None]) -> None:
    """Add up the findings that a run was the last to see, in the transaction that recorded them.

    Args:
        connection: of that transaction.
        run_id: the run.
        handoff_of: the hand-off that each rule watches.
    """
    kind = (FINDING.c.rule_id, FINDING.c.direction, FINDING.c.exposure_class)
    is_own = FINDING.c.explained_by.is_(None)
    query = (
        select(
            *kind,
            func.sum(case((is_own, 1), else_=0)).label("findings"),
            func.sum(case((is_own, 0), else_=1)).label("explained"),
            func.sum(case((is_own, FINDING.c.exposure_minor), else_=0)).label("exposure_minor"),
            func.sum(case((is_own, FINDING.c.run_rate_minor), else_=0)).label("run_rate_minor"),
        )
        .where(FINDING.c.last_seen_run == run_id)
        .group_by(*kind)
    )
    rows = [_row(run_id, dict(row._mapping), handoff_of) for row in connection.execute(query)]  # noqa: SLF001 - public
    for table in (RUN_TOTAL, RUN_TALLY):
        connection.execute(delete(table).where(table.c.run_id == run_id))
    tally = {name: sum(row[name] for row in rows) for name in ("findings", "explained")}
    connection.execute(insert(RUN_TALLY).values(run_id=run_id, **tally))
    if rows:
        connection.execute(insert(RUN_TOTAL), rows)


def _row(run_id: int, found: dict[str, Any], handoff_of: Mapping[str, str | None]) -> dict[str, Any]:
    # the sums of some databases are decimals
    numbers = {name: int(value) for name, value in found.items() if not isinstance(value, str)}
    return {"run_id": run_id, "handoff": handoff_of.get(found["rule_id"]) or "", **found, **numbers}
