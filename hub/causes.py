"""What the findings of a run have in common: told when it judges, kept with it, told again where that is missing."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from hub.runs import snapshot_of, standing_run
from hub.workplace import Archive
from reconciliation.causes.document import as_document, from_document
from reconciliation.causes.groups import CommonCauses
from reconciliation.causes.placing import measure_causes
from reconciliation.engines.duckdb_engine import EngineLimits
from reconciliation.findings import Finding
from reconciliation.snapshot.manifest import Manifest
from rules.rulebook import load_rules
from storage.findings import findings_of
from storage.run_causes import causes_in, record_causes
from storage.runs import Run


@dataclass(frozen=True, slots=True)
class MarketCauses:
    """What the findings of a market have in common.

    Attributes:
        run: the run that found them.
        manifest: of the snapshot that it judged.
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
    titles = {rule.id: rule.title for rule in load_rules(manifest.rules)}
    return MarketCauses(run, manifest, kept_causes(archive, run.id, folder, manifest, limits), titles)


def judged_causes(
    archive: Archive,
    run_id: int,
    folder: Path,
    manifest: Manifest,
    findings: Iterable[Finding],
    limits: EngineLimits | None = None,
) -> CommonCauses:
    """Tell what the findings that a run has just made have in common, and keep it with the run.

    Raises:
        RetryableError: memory or disk is short.
    """
    causes = measure_causes(folder, manifest, findings, limits)
    with archive.database.writing() as connection:
        record_causes(connection, run_id, as_document(causes))
    return causes


def kept_causes(
    archive: Archive, run_id: int, folder: Path, manifest: Manifest, limits: EngineLimits | None = None
) -> CommonCauses:
    """What the findings of a standing run have in common, as it was told then; else told now, if its rows are there.

    Raises:
        RetryableError: memory or disk is short.
    """
    with archive.database.reading() as connection:
        document = causes_in(connection, run_id)
        if document is not None:
            return from_document(document)
        findings = [stored.finding for stored in findings_of(connection, manifest.market.id, run_id=run_id)]
    return measure_causes(folder, manifest, findings, limits)
