"""Reconcile a market: snapshot, judgement, findings kept with their life, reports for finance."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from canonical_model.errors import ConfigurationError, UnsafeToContinue
from canonical_model.intervals import add_months
from hub.archive import Archive
from hub.cases.after_run import RunFacts, work_cases
from hub.cases.reported import report_cases
from hub.changes import billed_now, runs_of, take_market_changes
from hub.identity.proposals import with_proposals
from hub.operator_folder.remedies_file import RemedyPolicy
from hub.reports.files import ReportFiles
from hub.reports.from_run import judged_report, judged_text, stored_report, versions_of
from hub.reports.guard import refuse_what_does_not_add_up
from hub.run_reports import JudgedSnapshot, write_run
from hub.running_clock import running_clock
from hub.runs import snapshot_of, standing_run, stored_path
from hub.snapshots import limits_of, market_of, spark_of, take_snapshot
from hub.workplace import Hub
from reconciliation.billed_months import BilledMonths
from reconciliation.case_runs import RunDay
from reconciliation.engines.duckdb_engine import EngineLimits
from reconciliation.findings import Reconciliation
from reconciliation.golden_accounts import check_golden_accounts
from reconciliation.incremental.judge import judge_changes
from reconciliation.incremental.take import NeedsWhole
from reconciliation.report import MarketReport
from reconciliation.run import judgement_key, reconcile
from reconciliation.snapshot.manifest import Manifest, read_manifest
from rules.rulebook import load_rules
from storage.case_list import CaseFilter, listed_cases
from storage.findings import findings_of, first_seen, not_judged_in, record_findings
from storage.run_totals import keep_totals
from storage.runs import Run, end_lost_runs, finish_run, latest_run, may_record, start_run


@dataclass(frozen=True, slots=True)
class MarketOutcome:
    """What a reconciliation of one market came to.

    Attributes:
        run_id: of the run in the hub's database.
        snapshot: folder of the snapshot that was judged.
        files: the reports.
        stands: its findings are those of the market; False where a newer moment was judged before, so that they
            were reported and nothing else.
        judged: what was judged, and why: everything, or the accounts that changed; empty where a report was written
            again.
    """

    run_id: int
    snapshot: Path
    report: MarketReport
    files: ReportFiles
    stands: bool = True
    judged: str = ""


def reconcile_market(
    hub: Hub,
    market_id: str,
    as_of: datetime,
    now: datetime,
    on_bucket: Callable[[str], None] | None = None,
    whole: bool = False,
) -> MarketOutcome:
    """Take a snapshot of a market and reconcile it: what changed since the last whole one, or everything.

    Both find the same, to the cent.

    Args:
        hub: the operator's hub.
        market_id: which market.
        as_of: the moment that the snapshot shows: what was known then, and the months that had ended by then.
        now: when this happens.
        on_bucket: told the name of each bucket when it is judged.
        whole: judge everything, even where what changed would do.

    Raises:
        ConfigurationError: no such market, nothing was known then, or a rule fails on the data.
        UnsafeToContinue: a rule ran over its time, or the findings do not add up.
        RetryableError: database, memory or disk is short, or somebody else judges this snapshot.
    """
    clock = running_clock(now)
    market_of(hub.operator, market_id)
    changes = NeedsWhole("it was asked for") if whole else take_market_changes(hub, market_id, as_of)
    if isinstance(changes, Path):
        found = judge_changes(changes, runs_of(hub.archive, market_id), limits_of(hub.operator.file.engine))
        if not isinstance(found, NeedsWhole):
            return _recorded(hub, changes, clock(), lambda _: found)
        shutil.rmtree(changes)
        changes = found
    folder, _ = take_snapshot(hub, market_id, as_of)
    return reconcile_snapshot(hub, folder, clock(), on_bucket, changes.why)


def reconcile_snapshot(
    hub: Hub, folder: Path, now: datetime, on_bucket: Callable[[str], None] | None = None, why: str = ""
) -> MarketOutcome:
    """Reconcile a snapshot, by the rules it carries; the same cents every time.

    Args:
        hub: the operator's hub.
        folder: the snapshot, whole or of changes.
        now: when this happens.
        on_bucket: told the name of each bucket of a whole snapshot when it is judged.
        why: everything is judged, for the run's record.

    Findings keep their life only in runs over the newest snapshot of a market; an older one is reported only.

    Raises:
        ConfigurationError, UnsafeToContinue, RetryableError: as ``reconcile_market``.
    """
    return _recorded(hub, folder, now, lambda manifest: _judged(hub, folder, manifest, on_bucket), why)


def _recorded(
    hub: Hub, folder: Path, now: datetime, judged_by: Callable[[Manifest], Reconciliation], why: str = ""
) -> MarketOutcome:
    """Judge a snapshot as a run: its record, its findings, what they mean for the cases, its reports."""
    manifest, archive, clock = read_manifest(folder), hub.archive, running_clock(now)
    with archive.database.writing() as connection:
        run_id = start_run(
            connection,
            manifest.market.id,
            manifest.as_of,
            stored_path(archive, folder),
            manifest.checksum,
            versions_of(manifest),
            now,
        )
    try:
        check_golden_accounts(manifest)
        found = judged_by(manifest)
        with archive.database.reading() as connection:
            in_remedy = CaseFilter(market=manifest.market.id, states={"in_remedy"})
            services = {
                case.subject for case in listed_cases(connection, in_remedy)[0] if case.subject_kind == "service"
            }
        billed, judged = billed_now(folder, manifest, services), judged_text(manifest, why)
        report, stands = keep(archive, manifest, run_id, found, clock(), hub.operator.remedies, billed, judged)
    except BaseException as error:
        with archive.database.writing() as connection:
            finish_run(connection, run_id, clock(), "failed", f"{type(error).__name__}: {error}")
        raise
    limits = limits_of(hub.operator.file.engine)
    report, files = write_run(archive, run_id, JudgedSnapshot(folder, manifest), report, limits, stands)
    return MarketOutcome(run_id, folder, report, files, stands, judged)


def _judged(hub: Hub, folder: Path, manifest: Manifest, on_bucket: Callable[[str], None] | None) -> Reconciliation:
    engine, runs = hub.operator.file.engine, runs_of(hub.archive, manifest.market.id)
    limits = limits_of(engine)
    if manifest.changes is None:
        return reconcile(folder, runs / judgement_key(manifest), limits, on_bucket, spark=spark_of(engine))
    found = judge_changes(folder, runs, limits)
    if isinstance(found, NeedsWhole):
        raise UnsafeToContinue(f"snapshot {folder.name} of changes cannot be judged: {found.why}")
    return found


def keep(
    archive: Archive,
    manifest: Manifest,
    run_id: int,
    found: Reconciliation,
    now: datetime,
    policy: RemedyPolicy | None = None,
    billed: BilledMonths | None = None,
    judged: str = "",
) -> tuple[MarketReport, bool]:
    """Record what a run found and what it means for the cases, all of it or nothing, and end the run.

    Args:
        archive: the workspace.
        manifest: of the snapshot that was judged.
        run_id: the run.
        found: what it found.
        now: when this happens.
        policy: what is proposed and approved by itself; nothing without one.
        billed: what the bills of services whose cases are in remedy come to in the snapshot.
        judged: what was judged, and why, for the run's record.

    Returns:
        The report, and whether the findings stand for the market now; those of an older moment are not recorded.

    Raises:
        UnsafeToContinue: the findings do not add up; nothing is recorded.
    """
    refuse_what_does_not_add_up(judged_report(manifest, found, {}))
    with archive.database.writing() as connection:
        found = replace(found, not_judged=with_proposals(connection, found.not_judged))
        stands = may_record(connection, run_id)
        if stands:
            before = latest_run(connection, manifest.market.id)
            record_findings(connection, run_id, found)
            is_later = before is None or before.as_of < manifest.as_of
            facts = _facts(manifest, run_id, is_later, policy or RemedyPolicy())
            keep_totals(connection, run_id, {rule.id: rule.handoff for rule in facts.rules.values()})
            work_cases(connection, replace(facts, billed=billed or {}), found, now)
        end_lost_runs(connection, run_id, now)
        finish_run(connection, run_id, now, "succeeded", judged)
        cases = report_cases(connection, manifest.market, manifest.period_from) if stands else ()
        return judged_report(manifest, found, first_seen(connection, manifest.market.id), cases), stands


def _facts(manifest: Manifest, run_id: int, is_later: bool, policy: RemedyPolicy) -> RunFacts:
    months = manifest.catalogue.back_bill_months
    return RunFacts(
        run_id=run_id,
        market=manifest.market.id,
        currency=manifest.market.currency,
        day=RunDay(
            today=manifest.market.local_date(manifest.as_of),
            window_from=manifest.period_from,
            billable_from=add_months(manifest.period_to, -months),
            is_later=is_later,
        ),
        back_bill_months=months,
        rules={rule.id: rule for rule in load_rules(manifest.rules)},
        policy=policy.of(manifest.market.id),
    )


def report_again(archive: Archive, run: Run) -> MarketOutcome:
    """Write the reports of a run whose findings stand, from the database: nothing is judged.

    Raises:
        ConfigurationError: newer findings took the place of the run's, or the manifest of its snapshot is gone.
        UnsafeToContinue: the manifest is not the one that was judged.
        RetryableError: the disk takes no more.
    """
    standing = standing_run(archive, run.market)
    if standing.id != run.id:
        raise ConfigurationError(
            f"the findings of market {run.market} are those of run {standing.id}, which took the place of run"
            f" {run.id}'s: judge its snapshot once more with `splice report --run {run.id} --again`"
        )
    folder, manifest = snapshot_of(archive, run)
    with archive.database.reading() as connection:
        findings = [stored.finding for stored in findings_of(connection, run.market, run_id=run.id)]
        not_judged = not_judged_in(connection, run.id)
        cases = report_cases(connection, manifest.market, manifest.period_from)
        report = stored_report(manifest, run, findings, not_judged, first_seen(connection, run.market), cases)
    report, files = write_run(archive, run.id, JudgedSnapshot(folder, manifest), report, EngineLimits(), stands=True)
    return MarketOutcome(run.id, folder, report, files)
