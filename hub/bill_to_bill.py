"""The bill-to-bill comparison of a market, from the snapshot that its findings stand on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hub.archive import Archive
from hub.kept import kept_or_measured
from hub.reports.bill_to_bill import write_bill_to_bill
from hub.runs import snapshot_of, standing_run
from reconciliation.bill_to_bill import BillToBill, compare_bills
from reconciliation.bill_totals import BillTotals, as_document, bill_totals, from_document
from reconciliation.findings import Finding
from reconciliation.snapshot.manifest import Manifest, parts_of, read_manifest, verify_checksums
from storage.findings import findings_of
from storage.run_bills import bills_in, record_bills

MOST_SERVICES = 50_000
"""Moved services of which each run compares the bills; of more only ``splice bill-to-bill`` does."""


@dataclass(frozen=True, slots=True)
class ComparedBills:
    """The comparison, what it was made from, and the workbook that has all of it."""

    manifest: Manifest
    comparison: BillToBill
    workbook: Path


def compare_bills_of(archive: Archive, market_id: str) -> ComparedBills:
    """Compare the legacy bill, what was due and the target bill of every account that was moved.

    Raises:
        ConfigurationError: the market was never reconciled.
        UnsafeToContinue: the snapshot is not what it was.
        RetryableError: the disk takes no more.
    """
    run = standing_run(archive, market_id)
    folder, manifest = snapshot_of(archive, run)
    for place in parts_of(folder, manifest):
        verify_checksums(place, read_manifest(place))
    with archive.database.reading() as connection:
        findings = [stored.finding for stored in findings_of(connection, market_id, run_id=run.id)]
    comparison = comparison_of(folder, manifest, findings)
    workbook = write_bill_to_bill(comparison, manifest, archive.reports / market_id)
    return ComparedBills(manifest, comparison, workbook)


def kept_bills(
    archive: Archive, run_id: int, folder: Path, manifest: Manifest, findings: Sequence[Finding]
) -> BillTotals | None:
    """What the bills before and after a move come to: as kept with the run that stands, or compared now and kept.

    None where no account was moved, where more than ``MOST_SERVICES`` were, or where the snapshot is gone.

    Args:
        archive: the workspace.
        run_id: the run.
        folder: of the snapshot that it judged.
        manifest: of it.
        findings: of the run.

    Raises:
        RetryableError: the database is short of something.
    """

    def compared() -> Mapping[str, Any] | None:
        parts = parts_of(folder, manifest)
        if not all((part / "by_service").is_dir() for part in parts):
            return None
        moved = sum(read_manifest(part).rows.get("by_service/moved_service", 0) for part in parts)
        if not 0 < moved <= MOST_SERVICES:
            return None
        return as_document(bill_totals(comparison_of(folder, manifest, findings)))

    document = kept_or_measured(
        archive,
        lambda connection: bills_in(connection, run_id),
        compared,
        lambda connection, bills: record_bills(connection, run_id, bills),
    )
    return None if document is None else from_document(document)


def comparison_of(folder: Path, manifest: Manifest, findings: Sequence[Finding]) -> BillToBill:
    """The comparison of everything that a snapshot stands for, where it is of changes too.

    Args:
        folder: the snapshot.
        manifest: of it.
        findings: those of the run that judged it.
    """
    parts = [(place, read_manifest(place)) for place in parts_of(folder, manifest)]
    comparison, *before = [compare_bills(place, of_part, findings) for place, of_part in parts]
    for older in before:
        comparison = comparison.over(older)
    return comparison
