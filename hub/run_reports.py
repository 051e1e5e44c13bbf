"""The reports of a run that has ended: what is kept with the run comes to what the judgement gave, then the files."""

from dataclasses import dataclass, replace
from pathlib import Path

from canonical_model.errors import RetryableError
from hub.archive import Archive
from hub.bill_to_bill import kept_bills
from hub.causes import kept_causes
from hub.kept import kept_or_measured
from hub.kpis import kept_kpis
from hub.reports.files import ReportFiles, write_reports
from reconciliation.cohorts.cohort import Cohort
from reconciliation.cohorts.measure import cohorts, is_divisible
from reconciliation.engines.duckdb_engine import EngineLimits
from reconciliation.report import MarketReport
from reconciliation.snapshot.manifest import Manifest
from storage.run_cohorts import cohorts_of_run, keep_cohorts
from storage.run_history import run_history
from storage.runs import run_with


@dataclass(frozen=True, slots=True)
class JudgedSnapshot:
    """What a run judged."""

    folder: Path
    manifest: Manifest


def write_run(
    archive: Archive, run_id: int, judged: JudgedSnapshot, report: MarketReport, limits: EngineLimits, stands: bool
) -> tuple[MarketReport, ReportFiles]:
    """Complete the report of a run that has ended, and write its files.

    Where that fails the run has succeeded all the same.

    Args:
        archive: the workspace.
        run_id: the run.
        judged: what it judged.
        report: its findings, as they came from the judgement or from the database.
        limits: memory and disk for what is measured of the snapshot.
        stands: its findings are those of the market; of an older moment there is nothing but the findings, and
            what these have in common.

    Raises:
        RetryableError: memory, disk or database is short.
    """
    try:
        causes = kept_causes(archive, run_id, judged.folder, judged.manifest, report.findings, limits)
        report = replace(report, causes=causes)
        if stands:
            report = _completed(archive, run_id, judged, report, limits)
        return report, write_reports(report, archive.reports / report.market_id, is_newest=stands)
    except RetryableError as error:
        again = report.market_id if stands else f"--run {run_id} --again"
        raise RetryableError(
            f"{error}. Run {run_id} has judged and is stored: `splice report {again}` writes its files"
        ) from error


def _completed(
    archive: Archive, run_id: int, judged: JudgedSnapshot, report: MarketReport, limits: EngineLimits
) -> MarketReport:
    with archive.database.reading() as connection:
        run = run_with(connection, run_id)
    if run is None:
        raise ValueError(f"there is no run {run_id}")
    kpis = kept_kpis(archive, run, judged.folder, judged.manifest, report.findings, limits)
    divided = _kept_cohorts(archive, run_id, judged, report, limits)
    with archive.database.reading() as connection:
        history = run_history(connection, run)
    bills = kept_bills(archive, run_id, judged.folder, judged.manifest, report.findings)
    return replace(report, kpis=kpis, cohorts=divided, history=history, bills=bills)


def _kept_cohorts(
    archive: Archive, run_id: int, judged: JudgedSnapshot, report: MarketReport, limits: EngineLimits
) -> tuple[Cohort, ...]:
    def measured() -> tuple[Cohort, ...] | None:
        if not is_divisible(judged.folder):
            return None
        return tuple(cohorts(judged.folder, judged.manifest, report.findings, limits))

    return (
        kept_or_measured(
            archive,
            lambda connection: cohorts_of_run(connection, run_id),
            measured,
            lambda connection, divided: keep_cohorts(connection, run_id, divided),
        )
        or ()
    )
