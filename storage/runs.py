"""Reconciliation runs: which market, over which snapshot, with which versions, and how it ended."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Row, insert, select, update

from storage.rows import to_json
from storage.schema.reconciliation import RECONCILIATION_RUN

RunOutcome = Literal["succeeded", "failed", "stopped"]


@dataclass(frozen=True, slots=True)
class Run:
    """One reconciliation of one market over one snapshot.

    Attributes:
        as_of: the moment that the snapshot shows.
        snapshot_path: its folder, below the workspace where it lies there.
        compared: None where the run was not recorded, but only reported.
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
    """The run of a market whose findings stand: the last one that was recorded.

    Runs that were only reported, because a newer moment had been judged before them, do not count.
    """
    query = (
        select(RECONCILIATION_RUN)
        .where(
            RECONCILIATION_RUN.c.market == market,
            RECONCILIATION_RUN.c.outcome == "succeeded",
            RECONCILIATION_RUN.c.compared.is_not(None),
        )
        .order_by(RECONCILIATION_RUN.c.as_of.desc(), RECONCILIATION_RUN.c.id.desc())
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else _run(row)


def judged_markets(connection: Connection) -> list[str]:
    """Markets with findings that stand, in alphabetical order."""
    query = select(RECONCILIATION_RUN.c.market).distinct().order_by(RECONCILIATION_RUN.c.market)
    return [market for market in connection.execute(query).scalars() if latest_run(connection, market) is not None]


def may_record(connection: Connection, run_id: int) -> bool:
    """Whether the findings of a run may take the place of those that stand.

    Those of an older moment may not, and neither may those of an older snapshot of the same moment: judged again it
    would undo what a newer one found. Keeps other runs of the market waiting until the end of the transaction.
    """
    run = run_with(connection, run_id)
    if run is None:
        return False
    of_market = RECONCILIATION_RUN.c.market == run.market
    connection.execute(select(RECONCILIATION_RUN.c.id).where(of_market).with_for_update()).all()
    standing = latest_run(connection, run.market)
    if standing is None or standing.as_of < run.as_of or standing.manifest_checksum == run.manifest_checksum:
        return True
    return standing.as_of == run.as_of and not _was_judged_before(connection, run)


def end_lost_runs(connection: Connection, run_id: int, at: datetime) -> None:
    """Mark earlier runs over the same snapshot that never ended: only one judges it at a time, so they were lost."""
    run = run_with(connection, run_id)
    if run is not None:
        connection.execute(
            update(RECONCILIATION_RUN)
            .values(finished_at=at, outcome="failed", message=f"was broken off; run {run_id} took its place")
            .where(*_over_the_snapshot_of(run), RECONCILIATION_RUN.c.outcome == "running")
        )


def _was_judged_before(connection: Connection, run: Run) -> bool:
    query = select(RECONCILIATION_RUN.c.id).where(
        *_over_the_snapshot_of(run), RECONCILIATION_RUN.c.outcome == "succeeded"
    )
    return connection.execute(query.limit(1)).one_or_none() is not None


def _over_the_snapshot_of(run: Run) -> tuple[ColumnElement[bool], ...]:
    return (
        RECONCILIATION_RUN.c.market == run.market,
        RECONCILIATION_RUN.c.manifest_checksum == run.manifest_checksum,
        RECONCILIATION_RUN.c.id < run.id,
    )


def _run(row: Row[Any]) -> Run:
    values = dict(row._mapping)  # noqa: SLF001 - the public name of a row's columns
    for name in ("versions", "rule_outcomes"):
        values[name] = json.loads(values[name])
    return Run(**values)
