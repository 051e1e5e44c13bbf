"""What gates came to, as rows that are only ever added: the evidence on which a hand-off went on or stayed."""

import json
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from handoffs.cohort import EVERYTHING
from handoffs.gates import GateLine, GateVerdict
from handoffs.stages import Handoff
from storage.rows import to_json
from storage.schema.gates import GATE_VERDICT
from storage.takeover import cohort_in_text, cohort_text


def add_verdict(connection: Connection, verdict: GateVerdict) -> int:
    """Write a verdict down; returns its number, by which a move names its evidence."""
    lines = [
        {"metric": line.metric, "result": line.result, "said": line.said, "works": list(line.works)}
        for line in verdict.lines
    ]
    statement = insert(GATE_VERDICT).values(
        market=verdict.market,
        handoff=verdict.handoff,
        from_stage=verdict.leaves,
        to_stage=verdict.to,
        result=verdict.result,
        lines=to_json(lines),
        versions=verdict.versions,
        clock_since=verdict.clock_since,
        measured_at=verdict.measured_at,
        cohort=cohort_text(verdict.cohort),
        asked=verdict.asked,
    )
    number: int = connection.execute(statement.returning(GATE_VERDICT.c.id)).scalar_one()
    return number


def verdicts(connection: Connection, market: str, handoff: Handoff, most: int = 100) -> list[tuple[int, GateVerdict]]:
    """Verdicts about a hand-off with their numbers, the last first."""
    query = select(GATE_VERDICT).where(GATE_VERDICT.c.market == market, GATE_VERDICT.c.handoff == handoff)
    rows = connection.execute(query.order_by(GATE_VERDICT.c.id.desc()).limit(most))
    return [(row.id, _verdict(row)) for row in rows]


def _verdict(row: Row[Any]) -> GateVerdict:
    lines = (
        GateLine(each["metric"], each["result"], each["said"], tuple(each["works"])) for each in json.loads(row.lines)
    )
    return GateVerdict(
        market=row.market,
        handoff=row.handoff,
        leaves=row.from_stage,
        to=row.to_stage,
        result=row.result,
        lines=tuple(lines),
        versions=row.versions,
        clock_since=row.clock_since,
        measured_at=row.measured_at,
        cohort=EVERYTHING if row.cohort is None else cohort_in_text(row.cohort),
        asked=row.asked or "",
    )
