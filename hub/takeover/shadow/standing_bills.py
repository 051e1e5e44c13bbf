"""The bills that the run that stands was judged by: of the accounts that changed, and of all others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from canonical_model.errors import ConfigurationError
from hub.runs import snapshot_of, standing_run
from hub.workplace import Hub
from reconciliation.bills_apart import BillsApart, BillWindow, bills_apart
from reconciliation.findings import Finding
from reconciliation.snapshot.manifest import Manifest, parts_of, read_manifest
from storage.findings import findings_of


@dataclass(frozen=True, slots=True)
class StandingBills:
    """What bills are known of a market.

    Attributes:
        checksum: of the snapshot; another one has other bills.
        until: the first day of which no bill is known.
        parts: snapshots that it consists of, those that come first count.
        findings: of the run.
    """

    checksum: str
    until: date
    parts: tuple[tuple[Path, Manifest], ...]
    findings: tuple[Finding, ...]

    def of(self, windows: Sequence[BillWindow]) -> Mapping[str, BillsApart]:
        """The bills of windows, by their names."""
        found: dict[str, BillsApart] = {}
        for folder, manifest in self.parts:
            rest = [each for each in windows if each.work not in found]
            found |= bills_apart(folder, manifest, rest, self.findings) if rest else {}
        return found


def standing_bills(hub: Hub, market_id: str) -> StandingBills | None:
    """The bills of the run that stands; None where the market was never reconciled, or its snapshot is gone.

    Raises:
        UnsafeToContinue: what lies in the snapshot's place is another one.
        RetryableError: the database is out of reach.
    """
    try:
        run = standing_run(hub.archive, market_id)
        folder, manifest = snapshot_of(hub.archive, run)
    except ConfigurationError:
        return None
    with hub.database.reading() as connection:
        findings = tuple(stored.finding for stored in findings_of(connection, market_id, run_id=run.id))
    parts = tuple((place, read_manifest(place)) for place in parts_of(folder, manifest))
    return StandingBills(manifest.checksum, manifest.period_to, parts, findings)
