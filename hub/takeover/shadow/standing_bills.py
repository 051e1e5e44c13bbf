"""The bills that the run that stands was judged by: of the accounts that changed, and of all others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from pathlib import Path

from sqlalchemy import Connection

from canonical_model.errors import ConfigurationError
from hub.cases.worked import BY_POLICY
from hub.runs import snapshot_of, standing_run
from hub.workplace import Hub
from reconciliation.bills_apart import BillsApart, BillWindow, bills_apart
from reconciliation.findings import Finding
from reconciliation.snapshot.manifest import Manifest, parts_of, read_manifest
from storage.cases import confirmed_cases
from storage.findings import findings_of


@dataclass(frozen=True, slots=True)
class StandingBills:
    """What bills are known of a market.

    Attributes:
        version: of the bills and of what proves them wrong: another snapshot has other bills, and a case that a
            person has accepted proves what was unknown before.
        until: the first day of which no bill is known.
        parts: snapshots that it consists of, those that come first count.
        proofs: findings of the run that are confirmed.
    """

    version: str
    until: date
    parts: tuple[tuple[Path, Manifest], ...]
    proofs: tuple[Finding, ...]

    def of(self, windows: Sequence[BillWindow]) -> Mapping[str, BillsApart]:
        """The bills of windows, by their names."""
        found: dict[str, BillsApart] = {}
        for folder, manifest in self.parts:
            rest = [each for each in windows if each.work not in found]
            found |= bills_apart(folder, manifest, rest, self.proofs) if rest else {}
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
        proofs = tuple(confirmed_findings(connection, market_id, run.id))
    parts = tuple((place, read_manifest(place)) for place in parts_of(folder, manifest))
    return StandingBills(_version(manifest.checksum, proofs), manifest.period_to, parts, proofs)


def confirmed_findings(connection: Connection, market_id: str, run_id: int) -> list[Finding]:
    """Findings of a run that a person has accepted, or whose money came.

    What our own engine computes proves nothing against a bill by itself: a price that is wrong in our catalogue would
    make every bill of legacy's wrong.
    """
    confirmed = confirmed_cases(connection, market_id, BY_POLICY)
    known = findings_of(connection, market_id, run_id=run_id)
    return [each.finding for each in known if each.finding.fingerprint in confirmed]


def _version(checksum: str, proofs: Sequence[Finding]) -> str:
    if not proofs:
        return checksum
    named = "|".join(sorted(f"{each.fingerprint}={each.exposure_minor}" for each in proofs))
    return f"{checksum}/{blake2b(named.encode(), digest_size=8).hexdigest()}"
