"""What legacy's own works came to before a canary began: rows that are only ever added."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from handoffs.criteria import Baseline, Number
from handoffs.stages import Handoff
from handoffs.statistics import Share
from storage.schema.gates import LEGACY_BASELINE


def add_baselines(
    connection: Connection,
    market: str,
    handoff: Handoff,
    figures: Mapping[str, Share | Number],
    since: datetime,
    until: datetime,
) -> None:
    """Keep what legacy came to.

    Args:
        connection: of a transaction.
        market: where.
        handoff: of what.
        figures: by metric.
        since: when the weeks that they are of began.
        until: when these ended.
    """
    for metric, figure in figures.items():
        told = {"good": figure.good} if isinstance(figure, Share) else {"value": f"{figure.value:f}"}
        key = {"market": market, "handoff": handoff, "metric": metric}
        weeks = {"counted": figure.of or 0, "since": since, "until": until}
        connection.execute(insert(LEGACY_BASELINE).values(**key, **told, **weeks))


def baselines_of(connection: Connection, market: str, handoff: Handoff) -> Mapping[str, tuple[Baseline, ...]]:
    """What legacy came to, by metric, the last first."""
    table = LEGACY_BASELINE
    query = select(table).where(table.c.market == market, table.c.handoff == handoff).order_by(table.c.id.desc())
    found: dict[str, tuple[Baseline, ...]] = {}
    for row in connection.execute(query):
        found[row.metric] = (*found.get(row.metric, ()), _baseline(row))
    return found


def _baseline(row: Row[Any]) -> Baseline:
    figure = Number(Decimal(row.value), row.counted) if row.good is None else Share(row.good, row.counted)
    return Baseline(figure, row.since, row.until)
