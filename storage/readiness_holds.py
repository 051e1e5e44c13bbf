"""Orders that cannot be made ready, with their reasons: what was told once is not told again until it is another."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, case, select, update

from storage.rows import to_json
from storage.schema.sagas import READINESS_HOLD
from storage.upsert import conflict_insert


@dataclass(frozen=True, slots=True)
class ReadinessHold:
    """An order that cannot be made ready.

    Attributes:
        reasons: code, label and person of each, as ``provisioning.unavailability`` has them.
        held_at: since when something is in its way.
        changed_at: since when these are the reasons.
    """

    market: str
    order_number: str
    reasons: tuple[dict[str, str], ...]
    held_at: datetime
    changed_at: datetime


def hold_order(
    connection: Connection, market: str, order_number: str, reasons: Sequence[dict[str, str]], at: datetime
) -> bool:
    """Note why an order cannot be made ready; whether that is news."""
    table, text = READINESS_HOLD, to_json(list(reasons))
    key = {"market": market, "order_number": order_number}
    values = {"reasons": text, "held_at": at, "changed_at": at, "ended_at": None}
    statement = conflict_insert(connection, table).values(**key, **values)
    news = (table.c.reasons != text) | table.c.ended_at.is_not(None)
    again = {
        "reasons": text,
        "changed_at": at,
        "ended_at": None,
        "held_at": case((table.c.ended_at.is_(None), table.c.held_at), else_=statement.excluded.held_at),
    }
    written = statement.on_conflict_do_update(index_elements=list(key), set_=again, where=news)
    return connection.execute(written).rowcount > 0


def end_hold(connection: Connection, market: str, order_number: str, at: datetime) -> bool:
    """Note that nothing is in an order's way any more; whether something was."""
    table = READINESS_HOLD
    statement = (
        update(table)
        .values(ended_at=at)
        .where(table.c.market == market, table.c.order_number == order_number, table.c.ended_at.is_(None))
    )
    return connection.execute(statement).rowcount > 0


def held_orders(connection: Connection, market: str) -> list[ReadinessHold]:
    """Orders that cannot be made ready, the longest held first."""
    table = READINESS_HOLD
    query = select(table).where(table.c.market == market, table.c.ended_at.is_(None))
    return [_hold(row) for row in connection.execute(query.order_by(table.c.held_at, table.c.order_number))]


def _hold(row: Row[Any]) -> ReadinessHold:
    return ReadinessHold(row.market, row.order_number, tuple(json.loads(row.reasons)), row.held_at, row.changed_at)
