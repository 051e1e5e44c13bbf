"""KPIs of a market: its standing run, the snapshot that it judged, and the cases as they stand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import yaml
from sqlalchemy import Connection

from canonical_model.markets import Market
from hub.archive import Archive
from hub.kept import kept_or_measured
from hub.runs import snapshot_of, standing_run
from reconciliation.engines.duckdb_engine import EngineLimits
from reconciliation.findings import Finding
from reconciliation.kpis.definition import Kpi, our_kpis
from reconciliation.kpis.measure import FINDING_MONTH, RECOVERY, first_month, is_measurable, measure
from reconciliation.kpis.results import KpiResult
from reconciliation.snapshot.manifest import Feed, Manifest
from storage.case_list import CaseFilter, listed_cases
from storage.cases import last_moments
from storage.findings import findings_of
from storage.remedies import remedies_of_market
from storage.run_kpis import keep_kpis, kpis_of_run
from storage.runs import Run


@dataclass(frozen=True, slots=True)
class MarketKpis:
    """What KPIs come to in a market.

    Attributes:
        run: the run whose findings are in it.
        manifest: of the snapshot that it judged.
        folder: of that snapshot.
        period_from: first day that the results are of; they end with the judged months.
        findings: those that stand.
    """

    run: Run
    manifest: Manifest
    folder: Path
    results: tuple[KpiResult, ...]
    period_from: date
    findings: tuple[Finding, ...] = ()

    def result(self, name: str) -> KpiResult:
        """The result of a KPI.

        Raises:
            KeyError: it was not computed.
        """
        return {one.kpi.id: one for one in self.results}[name]


def market_kpis(
    archive: Archive, market_id: str, kpis: Sequence[Kpi] | None = None, limits: EngineLimits | None = None
) -> MarketKpis:
    """Compute KPIs of a market from its standing run.

    Raises:
        ConfigurationError: the market was never reconciled, or its snapshot is gone or too old.
        RetryableError: memory or disk is short.
    """
    run = standing_run(archive, market_id)
    folder, manifest = snapshot_of(archive, run)
    with archive.database.reading() as connection:
        findings = tuple(stored.finding for stored in findings_of(connection, market_id, run_id=run.id))
    results = _measured(archive, run, folder, manifest, findings, our_kpis() if kpis is None else kpis, limits)
    return MarketKpis(run, manifest, folder, results, first_month(manifest, feeds_by_entity(manifest)), findings)


def kept_kpis(
    archive: Archive, run: Run, folder: Path, manifest: Manifest, findings: Sequence[Finding], limits: EngineLimits
) -> tuple[KpiResult, ...]:
    """KPIs of the run that stands: those that are kept with it, or measured now and kept where nobody did so yet.

    None where the snapshot is not there any more or of an older version.

    Args:
        archive: the workspace.
        run: the run.
        folder: of the snapshot that it judged.
        manifest: of it.
        findings: of the run.
        limits: memory and disk.

    Raises:
        RetryableError: memory or disk is short.
    """

    def measured() -> tuple[KpiResult, ...] | None:
        if not is_measurable(folder):
            return None
        return _measured(archive, run, folder, manifest, findings, our_kpis(), limits)

    return (
        kept_or_measured(
            archive,
            lambda connection: kpis_of_run(connection, run.id),
            measured,
            lambda connection, results: keep_kpis(connection, run.id, results),
        )
        or ()
    )


def _measured(
    archive: Archive,
    run: Run,
    folder: Path,
    manifest: Manifest,
    findings: Sequence[Finding],
    kpis: Sequence[Kpi],
    limits: EngineLimits | None,
) -> tuple[KpiResult, ...]:
    with archive.database.reading() as connection:
        recoveries = _recoveries(connection, manifest.market)
    silent = sorted(rule for rule, outcome in run.rule_outcomes.items() if outcome == "inconclusive")
    caveat = f"{len(silent)} of {len(run.rule_outcomes)} rules could not judge" if silent else ""
    months = pa.Table.from_pylist(_finding_months(findings), FINDING_MONTH)
    recovered = pa.Table.from_pylist(recoveries, RECOVERY)
    return tuple(measure(folder, manifest, kpis, months, recovered, feeds_by_entity(manifest), limits, caveat))


def feeds_by_entity(manifest: Manifest) -> dict[str, list[Feed]]:
    """Which feeds bring each entity, by the mappings that the snapshot was taken under; only those ever pulled."""
    streams: dict[tuple[str, str], set[str]] = {}
    for name, text in manifest.sources.items():
        if not name.startswith("mappings/"):
            continue
        mapping: Mapping[str, Any] = yaml.safe_load(text)
        for system in mapping.get("systems") or [mapping["system"]]:
            entities = {record["entity"] for record in mapping.get("records", ())}
            streams.setdefault((system, mapping["stream"]), set()).update(entities)
    found: dict[str, list[Feed]] = {}
    for feed in manifest.feeds:
        if feed.last_pull_at is None and feed.last_success_at is None:
            continue
        for entity in sorted(streams.get((feed.system, feed.stream), ())):
            found.setdefault(entity, []).append(feed)
    return found


def _finding_months(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    return [
        {
            "subject_kind": finding.subject_kind,
            "subject": finding.subject,
            "account": finding.subject.partition("/")[0],
            "direction": finding.direction,
            "exposure_class": finding.exposure_class,
            "period": line.period.replace(day=1),
            "starts_on": line.period,
            "exposure_minor": line.exposure_minor,
        }
        for finding in findings
        if finding.explained_by is None
        for line in finding.lines
    ]


def _recoveries(connection: Connection, market: Market) -> list[dict[str, Any]]:
    cases, _ = listed_cases(connection, CaseFilter(market=market.id))
    came: dict[str, int] = {
        name: sum(remedy.came_minor or 0 for remedy in remedies)
        for name, remedies in remedies_of_market(connection, market.id).items()
    }
    moments = last_moments(connection, market.id, ("recovered", "refunded", "written_off"))
    rows = []
    for case in cases:
        if case.explained_by is not None:
            continue
        ended = moments.get(case.fingerprint)
        ended_on: date | None = market.local_date(ended) if ended is not None else None
        is_given_up = case.state == "written_off"
        rows.append(
            {
                "fingerprint": case.fingerprint,
                "direction": case.direction,
                "exposure_class": case.exposure_class,
                "state": case.state,
                "found_on": market.local_date(case.first_seen),
                "ended_on": ended_on,
                "identified_minor": case.then_minor,
                "recovered_minor": came.get(case.fingerprint, 0),
                "written_off_minor": case.now_minor if is_given_up else 0,
            }
        )
    return rows
