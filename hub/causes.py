"""What the findings of a market have in common: its standing run, and the snapshot that it judged."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from canonical_model.errors import ConfigurationError
from hub.runs import snapshot_of, standing_run
from hub.workplace import Archive
from reconciliation.causes.groups import CommonCauses
from reconciliation.causes.placing import measure_causes
from reconciliation.engines.duckdb_engine import EngineLimits
from reconciliation.findings import Finding
from reconciliation.snapshot.manifest import Manifest
from rules.rulebook import load_rules
from storage.findings import findings_of
from storage.runs import Run


@dataclass(frozen=True, slots=True)
class MarketCauses:
    """What the findings of a market have in common.

    Attributes:
        run: the run that found them.
        titles: of the rules, by id.
    """

    run: Run
    manifest: Manifest
    causes: CommonCauses
    titles: dict[str, str]


def market_causes(archive: Archive, market_id: str, limits: EngineLimits | None = None) -> MarketCauses:
    """Tell what the findings of a market's standing run have in common.

    Raises:
        ConfigurationError: the market was never reconciled, or the manifest of its snapshot is gone.
        UnsafeToContinue: what lies in the place of the snapshot is another one.
        RetryableError: memory or disk is short.
    """
    run = standing_run(archive, market_id)
    folder, manifest = snapshot_of(archive, run)
    with archive.database.reading() as connection:
        findings = [stored.finding for stored in findings_of(connection, market_id, run_id=run.id)]
    titles = {rule.id: rule.title for rule in load_rules(manifest.rules)}
    return MarketCauses(run, manifest, causes_of(folder, manifest, findings, limits), titles)


def causes_of(
    folder: Path, manifest: Manifest, findings: Iterable[Finding], limits: EngineLimits | None = None
) -> CommonCauses:
    """What findings on a snapshot have in common, for a report: one that cannot be told is told as that."""
    try:
        return measure_causes(folder, manifest, findings, limits)
    except ConfigurationError as error:
        return CommonCauses(unknown=str(error))
