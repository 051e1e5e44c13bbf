"""What reconciliations found, with the run that saw each finding first and last, and what was not judged."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, Select, bindparam, delete, insert, select, update

from reconciliation.cases import CaseState
from reconciliation.findings import Finding, FindingLine, NotJudged, Reconciliation
from storage.finding_digest import digest_of
from storage.rows import to_json
from storage.schema.cases import FINDING_CASE
from storage.schema.reconciliation import FINDING, FINDING_LINE, NOT_JUDGED, RECONCILIATION_RUN
from storage.upsert import conflict_insert

Status = Literal["open", "vanished"]

_PLAIN_FIELDS = (
    "fingerprint",
    "rule_id",
    "market",
    "subject_kind",
    "subject",
    "direction",
    "exposure_class",
    "exposure_minor",
    "run_rate_minor",
    "currency",
    "evidence_from",
    "evidence_to",
    "explained_by",
)
_KEPT = ("fingerprint", "first_seen_run")
_NAMES_AT_ONCE = 500
"""In one statement; some builds of SQLite take 999."""


@dataclass(frozen=True, slots=True)
class StoredFinding:
    """A finding with its life.

    Attributes:
        status: ``vanished`` where the last run that could judge it did not see it any more.
        first_seen: as-of moment of the run that saw it first, for ageing.
        last_seen: as-of moment of the run whose amounts it carries.
        last_seen_run: that run.
    """

    finding: Finding
    status: Status
    first_seen: datetime
    last_seen: datetime
    last_seen_run: int


def record_findings(connection: Connection, run_id: int, found: Reconciliation) -> None:
    """Write what a run found and what it could not judge.

    A finding seen before keeps the run that saw it first and takes amounts, lines and evidence of this one; where
    they are what they were, nothing is written but that this run saw it. A finding of the market that is not seen any
    more is marked as vanished where its rule judged in this run, and its subject was judged; else nobody looked, and
    it stays as it was.
    Recording the same outcome of a run again changes nothing.
    """
    of_run = RECONCILIATION_RUN.c.id == run_id
    market: str = connection.execute(select(RECONCILIATION_RUN.c.market).where(of_run)).scalar_one()
    outcome = {
        "compared": found.compared,
        "billed_minor": found.billed_minor,
        "rule_outcomes": to_json(found.outcomes),
    }
    connection.execute(update(RECONCILIATION_RUN).values(outcome).where(of_run))
    _write_findings(connection, run_id, market, found.findings)
    _mark_vanished(connection, run_id, market, found)
    _write_not_judged(connection, run_id, found.not_judged)


def _write_findings(connection: Connection, run_id: int, market: str, findings: Collection[Finding]) -> None:
    """Write those that say something else than the database has; of all others only that this run saw them."""
    held = select(FINDING.c.fingerprint, FINDING.c.digest).where(FINDING.c.market == market)
    known: dict[str, str | None] = {row.fingerprint: row.digest for row in connection.execute(held)}
    digests = {finding.fingerprint: digest_of(finding) for finding in findings}
    for some in _in_parts([name for name, digest in digests.items() if known.get(name) == digest]):
        seen = update(FINDING).where(FINDING.c.fingerprint.in_(some))
        connection.execute(seen.values(status="open", last_seen_run=run_id))
    others = [finding for finding in findings if known.get(finding.fingerprint) != digests[finding.fingerprint]]
    if not others:
        return
    entering = conflict_insert(connection, FINDING)
    renewed = {column.name: entering.excluded[column.name] for column in FINDING.c if column.name not in _KEPT}
    connection.execute(
        entering.on_conflict_do_update(index_elements=["fingerprint"], set_=renewed),
        [_finding_row(finding, digests[finding.fingerprint], run_id) for finding in others],
    )
    for some in _in_parts([finding.fingerprint for finding in others if finding.fingerprint in known]):
        connection.execute(delete(FINDING_LINE).where(FINDING_LINE.c.fingerprint.in_(some)))
    if lines := [row for finding in others for row in _line_rows(finding)]:
        connection.execute(insert(FINDING_LINE), lines)


def _in_parts(names: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(names), _NAMES_AT_ONCE):
        yield names[start : start + _NAMES_AT_ONCE]


def _finding_row(finding: Finding, digest: str, run_id: int) -> dict[str, Any]:
    return {
        **{name: getattr(finding, name) for name in _PLAIN_FIELDS},
        "evidence": to_json(finding.evidence),
        "status": "open",
        "first_seen_run": run_id,
        "last_seen_run": run_id,
        "digest": digest,
    }


def _line_rows(finding: Finding) -> Iterable[dict[str, Any]]:
    for position, line in enumerate(finding.lines):
        yield {
            "fingerprint": finding.fingerprint,
            "position": position,
            "period": line.period,
            "charge": line.charge,
            "expected_minor": line.expected_minor,
            "billed_minor": line.billed_minor,
            "exposure_minor": line.exposure_minor,
        }


def _mark_vanished(connection: Connection, run_id: int, market: str, found: Reconciliation) -> None:
    unseen = select(FINDING.c.fingerprint, FINDING.c.subject).where(
        FINDING.c.market == market,
        FINDING.c.status == "open",
        FINDING.c.last_seen_run != run_id,
        FINDING.c.rule_id.in_(found.judged_rules),
    )
    subject_of = {row.fingerprint: row.subject for row in connection.execute(unseen)}
    asked_about = found.asked_about(subject_of.values())
    gone = [{"gone": each} for each, subject in subject_of.items() if subject in asked_about]
    if gone:
        one = update(FINDING).values(status="vanished").where(FINDING.c.fingerprint == bindparam("gone"))
        connection.execute(one, gone)


def _write_not_judged(connection: Connection, run_id: int, not_judged: Collection[NotJudged]) -> None:
    connection.execute(delete(NOT_JUDGED).where(NOT_JUDGED.c.run_id == run_id))
    rows = [
        {
            "run_id": run_id,
            "position": position,
            "scope": each.scope,
            "subject": each.subject,
            "reason": each.reason,
        }
        for position, each in enumerate(not_judged)
    ]
    if rows:
        connection.execute(insert(NOT_JUDGED), rows)


def findings_of(
    connection: Connection, market: str, run_id: int | None = None, status: Status | None = "open"
) -> list[StoredFinding]:
    """The findings of a market, by fingerprint.

    Args:
        connection: of any transaction.
        market: whose.
        run_id: only those that this run was the last to see.
        status: only those; None for all.
    """
    query = _stored().where(FINDING.c.market == market)
    if run_id is not None:
        query = query.where(FINDING.c.last_seen_run == run_id)
    if status is not None:
        query = query.where(FINDING.c.status == status)
    return _read(connection, query)


def findings_gone(connection: Connection, market: str, states: Collection[CaseState]) -> list[StoredFinding]:
    """Findings of a market that are not there any more, and whose cases are in one of these states all the same."""
    query = (
        _stored()
        .join(FINDING_CASE, FINDING_CASE.c.fingerprint == FINDING.c.fingerprint)
        .where(FINDING.c.market == market, FINDING.c.status == "vanished", FINDING_CASE.c.state.in_(states))
    )
    return _read(connection, query)


def findings_named(connection: Connection, prefix: str) -> list[StoredFinding]:
    """The findings whose fingerprint begins so, in any market and status."""
    return _read(connection, _stored().where(FINDING.c.fingerprint.startswith(prefix, autoescape=True)))


def not_judged_in(connection: Connection, run_id: int) -> list[NotJudged]:
    """What a run could not judge, in the order it was given."""
    query = select(NOT_JUDGED).where(NOT_JUDGED.c.run_id == run_id).order_by(NOT_JUDGED.c.position)
    return [NotJudged(row.scope, row.subject, row.reason) for row in connection.execute(query)]


def first_seen(connection: Connection, market: str) -> dict[str, datetime]:
    """When each finding of a market was first found, by fingerprint: the as-of moment of that run."""
    query = (
        select(FINDING.c.fingerprint, RECONCILIATION_RUN.c.as_of)
        .join_from(FINDING, RECONCILIATION_RUN, FINDING.c.first_seen_run == RECONCILIATION_RUN.c.id)
        .where(FINDING.c.market == market)
    )
    return {row.fingerprint: row.as_of for row in connection.execute(query)}


def _stored() -> Select[Any]:
    first, last = RECONCILIATION_RUN.alias("first_run"), RECONCILIATION_RUN.alias("last_run")
    return (
        select(FINDING, first.c.as_of.label("first_seen"), last.c.as_of.label("last_seen"))
        .join_from(FINDING, first, FINDING.c.first_seen_run == first.c.id)
        .join(last, FINDING.c.last_seen_run == last.c.id)
        .order_by(FINDING.c.fingerprint)
    )


def _read(connection: Connection, query: Select[Any]) -> list[StoredFinding]:
    wanted = query.with_only_columns(FINDING.c.fingerprint).order_by(None)
    lines: dict[str, list[FindingLine]] = defaultdict(list)
    in_order = (FINDING_LINE.c.fingerprint, FINDING_LINE.c.position)
    for row in connection.execute(
        select(FINDING_LINE).where(FINDING_LINE.c.fingerprint.in_(wanted)).order_by(*in_order)
    ):
        lines[row.fingerprint].append(
            FindingLine(row.period, row.charge, row.expected_minor, row.billed_minor, row.exposure_minor)
        )
    return [_stored_finding(row, lines[row.fingerprint]) for row in connection.execute(query)]


def _stored_finding(row: Row[Any], lines: Collection[FindingLine]) -> StoredFinding:
    plain = {name: getattr(row, name) for name in _PLAIN_FIELDS}
    finding = Finding(**plain, lines=tuple(lines), evidence=tuple(json.loads(row.evidence)))
    return StoredFinding(finding, row.status, row.first_seen, row.last_seen, row.last_seen_run)
