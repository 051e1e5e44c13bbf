"""The history of a link: rows that are only ever added."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, func, insert, select

from identity.answers import LinkState
from identity.pairs import Basis, Evidence
from storage.rows import to_json
from storage.schema.identity import IDENTITY_STEP

StepName = Literal["found", "changed", "lapsed", "accept", "reject", "undo"]


@dataclass(frozen=True, slots=True)
class LinkStep:
    """One thing that happened to a link; ``reason`` is the run's, or the person's, ``batch`` that of many answers."""

    at: datetime
    step: StepName
    state: LinkState
    basis: Basis
    reason: str
    probability: float | None
    evidence: tuple[Evidence, ...]
    settings_version: int
    weights_version: int | None
    batch: int | None
    actor: str


def steps_of_link(connection: Connection, link_id: int) -> list[LinkStep]:
    """Everything that happened to a link, oldest first."""
    query = select(IDENTITY_STEP).where(IDENTITY_STEP.c.link_id == link_id).order_by(IDENTITY_STEP.c.number)
    return [
        LinkStep(
            row.at,
            row.step,
            row.state,
            row.basis,
            row.reason,
            row.probability,
            evidence_from(row.evidence),
            row.settings_version,
            row.weights_version,
            row.batch,
            row.actor,
        )
        for row in connection.execute(query)
    ]


def append_step(
    connection: Connection, link_id: int, step: StepName, values: Mapping[str, Any], at: datetime, actor: str
) -> None:
    """Add a step behind the last one of its link; of the values those are kept that a step has."""
    number = (
        select(func.coalesce(func.max(IDENTITY_STEP.c.number), 0) + 1)
        .where(IDENTITY_STEP.c.link_id == link_id)
        .scalar_subquery()
    )
    kept = {name: value for name, value in values.items() if name in IDENTITY_STEP.c}
    connection.execute(
        insert(IDENTITY_STEP).values(**kept, link_id=link_id, number=number, at=at, step=step, actor=actor)
    )


def stored_evidence(evidence: Sequence[Evidence]) -> str:
    """Evidence as JSON text."""
    return to_json([{"comparison": line.comparison, "found": line.found, "weight": line.weight} for line in evidence])


def evidence_from(text: str) -> tuple[Evidence, ...]:
    """Evidence from JSON text."""
    return tuple(Evidence(**line) for line in json.loads(text))
