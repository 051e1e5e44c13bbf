"""What the findings of a run have in common: told when it judges, kept with it, told again where that is missing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hub.archive import Archive
from hub.kept import kept_or_measured
from hub.runs import snapshot_of, standing_run
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
    with archive.database.reading() as connection:
        findings = [stored.finding for stored in findings_of(connection, market_id, run_id=run.id)]
    titles = {rule.id: rule.title for rule in load_rules(manifest.rules)}
    return MarketCauses(run, manifest, kept_causes(archive, run.id, folder, manifest, findings, limits), titles)


def kept_causes(
    archive: Archive,
    run_id: int,
    folder: Path,
    manifest: Manifest,
    findings: Iterable[Finding],
    limits: EngineLimits | None = None,
) -> CommonCauses:
    """What the findings of a run that stands have in common: as it is kept with the run, or told now and kept.

    Args:
        archive: the workspace.
        run_id: the run.
        folder: of the snapshot that it judged.
        manifest: of it.
        findings: of the run.
        limits: memory and disk.

    Raises:
        RetryableError: memory, disk or database is short.
    """
    told: list[CommonCauses] = []

    def measure() -> Mapping[str, Any] | None:
        told.append(measure_causes(folder, manifest, findings, limits))
        return None if told[0].unknown else as_document(told[0])

    document = kept_or_measured(
        archive,
        lambda connection: causes_in(connection, run_id),
        measure,
        lambda connection, causes: record_causes(connection, run_id, causes),
    )
    return told[0] if document is None else from_document(document)
