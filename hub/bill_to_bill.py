"""The bill-to-bill comparison of a market, from the snapshot that its findings stand on."""

from dataclasses import dataclass
from pathlib import Path

from hub.reports.bill_to_bill import write_bill_to_bill
from hub.runs import snapshot_of, standing_run
from hub.workplace import Archive
from reconciliation.bill_to_bill import BillToBill, compare_bills
from reconciliation.snapshot.manifest import Manifest, parts_of, read_manifest, verify_checksums
from storage.findings import findings_of


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
    parts = [(place, read_manifest(place)) for place in parts_of(folder, manifest)]
    for place, of_part in parts:
        verify_checksums(place, of_part)
    with archive.database.reading() as connection:
        findings = [stored.finding for stored in findings_of(connection, market_id, run_id=run.id)]
    comparison, *before = [compare_bills(place, of_part, findings) for place, of_part in parts]
    for older in before:
        comparison = comparison.over(older)
    workbook = write_bill_to_bill(comparison, manifest, archive.reports / market_id)
    return ComparedBills(manifest, comparison, workbook)
