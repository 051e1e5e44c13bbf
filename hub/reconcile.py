"""Reconcile a market: snapshot, judgement, findings kept with their life, reports for finance."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from hub.operator_folder.operator_file import EngineBlock
from hub.reports.files import ReportFiles, write_reports
from hub.running_clock import running_clock
from hub.snapshots import take_snapshot
from hub.workplace import Hub
from reconciliation.engines.duckdb_engine import EngineLimits
from reconciliation.findings import Reconciliation
from reconciliation.report import MarketReport, RuleInReport
from reconciliation.run import judgement_key, reconcile
from reconciliation.snapshot.manifest import Manifest, read_manifest
from rules.rulebook import load_rules
from storage.findings import first_seen, record_findings
from storage.runs import finish_run, latest_run, start_run


@dataclass(frozen=True, slots=True)
class MarketOutcome:
    """What a reconciliation of one market came to.

    Attributes:
        run_id: of the run in the hub's database.
        snapshot: folder of the snapshot that was judged.
        files: the reports.
    """

    run_id: int
    snapshot: Path
    report: MarketReport
    files: ReportFiles


def reconcile_market(
    hub: Hub, market_id: str, as_of: datetime, now: datetime, on_bucket: Callable[[str], None] | None = None
) -> MarketOutcome:
    """Take a snapshot of a market and reconcile it.

    Args:
        hub: the operator's hub.
        market_id: which market.
        as_of: the moment that the snapshot shows; months that ended before it are judged.
        now: when this happens.
        on_bucket: told the name of each bucket when it is judged.

    Raises:
        ConfigurationError: no such market, or a rule fails on the data.
        UnsafeToContinue: a rule ran over its time.
        RetryableError: the database or memory is short.
    """
    clock = running_clock(now)
    folder, _ = take_snapshot(hub, market_id, as_of)
    return reconcile_snapshot(hub, folder, clock(), on_bucket)


def reconcile_snapshot(
    hub: Hub, folder: Path, now: datetime, on_bucket: Callable[[str], None] | None = None
) -> MarketOutcome:
    """Reconcile a snapshot, by the rules it carries; the same cents every time.

    Findings keep their life only in runs over the newest snapshot of a market; an older one is reported only.

    Raises:
        ConfigurationError, UnsafeToContinue, RetryableError: as ``reconcile_market``.
    """
    clock = running_clock(now)
    manifest = read_manifest(folder)
    with hub.database.writing() as connection:
        newest = latest_run(connection, manifest.market.id)
        is_newest = newest is None or newest.as_of <= manifest.as_of
        run_id = start_run(
            connection,
            manifest.market.id,
            manifest.as_of,
            str(folder),
            manifest.checksum,
            versions_of(manifest),
            now,
        )
    try:
        output = hub.workspace / "runs" / manifest.market.id / judgement_key(manifest)
        found = reconcile(folder, output, limits_of(hub.operator.file.engine), on_bucket)
        with hub.database.writing() as connection:
            if is_newest:  # an old snapshot judged again must not undo what newer ones found
                record_findings(connection, run_id, found)
            finish_run(connection, run_id, clock(), "succeeded")
            seen = first_seen(connection, manifest.market.id)
    except BaseException as error:
        with hub.database.writing() as connection:
            finish_run(connection, run_id, clock(), "failed", f"{type(error).__name__}: {error}")
        raise
    report = market_report(manifest, found, seen)
    return MarketOutcome(run_id, folder, report, write_reports(report, hub.reports / manifest.market.id))


def market_report(manifest: Manifest, found: Reconciliation, seen: dict[str, datetime]) -> MarketReport:
    """Bring a run's outcome into the shape that reports are written from."""
    rules = {
        rule.id: RuleInReport(rule.id, rule.title, rule.owner, rule.remedy, found.outcomes.get(rule.id, "off"))
        for rule in load_rules(manifest.rules)
    }
    return MarketReport(
        operator=manifest.operator,
        market_id=manifest.market.id,
        market_name=manifest.market.name,
        currency=manifest.market.currency,
        zone=manifest.market.zone,
        as_of=manifest.as_of,
        period_from=manifest.period_from,
        period_to=manifest.period_to,
        findings=found.findings,
        rules=rules,
        not_judged=found.not_judged,
        compared=found.compared,
        billed_minor=found.billed_minor,
        versions=versions_of(manifest),
        first_seen=seen,
    )


def versions_of(manifest: Manifest) -> dict[str, str]:
    """What a reconciliation was computed with, each part by the start of its SHA-256."""
    return {"snapshot": manifest.snapshot_id} | manifest.content_versions()


def limits_of(engine: EngineBlock) -> EngineLimits:
    """The engine's bounds as the operator's file states them."""
    return EngineLimits(engine.processes, engine.memory_limit_mb, engine.seconds_per_rule)
