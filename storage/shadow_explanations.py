"""What persons explained of differences: who answers for it, and until when."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from handoffs.shadow.explanation import Explanation
from handoffs.stages import Handoff
from storage.schema.shadow import SHADOW_EXPLANATION

_TABLE = SHADOW_EXPLANATION


def keep_explanation(connection: Connection, explanation: Explanation) -> Explanation:
    """Write an explanation down; gives it back with its number."""
    values = {
        "market": explanation.market,
        "handoff": explanation.handoff,
        "field": explanation.field,
        "condition": explanation.condition,
        "owner": explanation.owner,
        "reason": explanation.reason,
        "expires_at": explanation.expires_at,
        "said_by": explanation.by,
        "said_at": explanation.at,
    }
    key = connection.execute(insert(_TABLE).values(**values)).inserted_primary_key
    return explanation if key is None else replace(explanation, number=int(key[0]))


def withdraw_explanation(connection: Connection, market: str, number: int, at: datetime) -> bool:
    """End an explanation before its time; whether it had not ended already."""
    open_one = (_TABLE.c.id == number, _TABLE.c.market == market, _TABLE.c.withdrawn_at.is_(None))
    return connection.execute(update(_TABLE).where(*open_one).values(withdrawn_at=at)).rowcount > 0


def explanations_of(
    connection: Connection, market: str, handoff: Handoff, now: datetime | None = None
) -> list[Explanation]:
    """Explanations of a hand-off in a market, the oldest first.

    Args:
        connection: of a transaction.
        market: where.
        handoff: which.
        now: only those that count then; None for all, ended ones with the end that they had.
    """
    query = select(_TABLE).where(_TABLE.c.market == market, _TABLE.c.handoff == handoff).order_by(_TABLE.c.id)
    found = [_explanation(row) for row in connection.execute(query)]
    return found if now is None else [each for each in found if each.counts(now)]


def _explanation(row: Row[Any]) -> Explanation:
    return Explanation(
        market=row.market,
        handoff=row.handoff,
        field=row.field,
        owner=row.owner,
        reason=row.reason,
        expires_at=row.expires_at if row.withdrawn_at is None else min(row.expires_at, row.withdrawn_at),
        by=row.said_by,
        at=row.said_at,
        condition=row.condition,
        number=row.id,
    )
