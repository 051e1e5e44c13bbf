"""Reconciliation runs: which market, over which snapshot, with which versions, and how it ended."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, insert, select, update

from storage.rows import to_json
from storage.schema.reconciliation import RECONCILIATION_RUN

RunOutcome = Literal["succeeded", "failed", "stopped"]


@dataclass(frozen=True, slots=True)
class Run:
    """One reconciliation of one market over one snapshot.

    Attributes:
        as_of: the moment that the snapshot shows.
        versions: what it was computed with, by name.
        outcome: ``running`` until it is finished.
        rule_outcomes: by rule ``findings``, ``clean``, ``inconclusive`` or ``off``.
    """

    id: int
    market: str
    as_of: datetime
    snapshot_path: str
    manifest_checksum: str
    versions: dict[str, str]
    started_at: datetime
    finished_at: datetime | None
    compared: int | None
    billed_minor: int | None
    rule_outcomes: dict[str, str]
    outcome: str
    message: str


def start_run(
    connection: Connection,
    market: str,
    as_of: datetime,
    snapshot_path: str,
    manifest_checksum: str,
    versions: Mapping[str, str],
    at: datetime,
) -> int:
    """Begin a run over a snapshot; returns its id."""
    statement = insert(RECONCILIATION_RUN).values(
        market=market,
        as_of=as_of,
        snapshot_path=snapshot_path,
        manifest_checksum=manifest_checksum,
        versions=to_json(dict(versions)),
        started_at=at,
        rule_outcomes="{}",
        outcome="running",
        message="",
    )
    run_id: int = connection.execute(statement.returning(RECONCILIATION_RUN.c.id)).scalar_one()
    return run_id


def finish_run(connection: Connection, run_id: int, at: datetime, outcome: RunOutcome, message: str = "") -> None:
    """End a run."""
    connection.execute(
        update(RECONCILIATION_RUN)
        .values(finished_at=at, outcome=outcome, message=message)
        .where(RECONCILIATION_RUN.c.id == run_id)
    )


def run_with(connection: Connection, run_id: int) -> Run | None:
    """The run of that id."""
    row = connection.execute(select(RECONCILIATION_RUN).where(RECONCILIATION_RUN.c.id == run_id)).one_or_none()
    return None if row is None else _run(row)


def latest_run(connection: Connection, market: str) -> Run | None:
    """The newest run of a market that succeeded."""
    query = (
        select(RECONCILIATION_RUN)
        .where(RECONCILIATION_RUN.c.market == market, RECONCILIATION_RUN.c.outcome == "succeeded")
        .order_by(RECONCILIATION_RUN.c.id.desc())
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else _run(row)


def _run(row: Row[Any]) -> Run:
    values = dict(row._mapping)  # noqa: SLF001 - the public name of a row's columns
    for name in ("versions", "rule_outcomes"):
        values[name] = json.loads(values[name])
    return Run(**values)
