"""Judge a market by what changed since its last whole snapshot, where that is right; say why where it is not."""

from collections.abc import Collection
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from canonical_model.entities import ENTITIES
from canonical_model.errors import ConfigurationError, UnsafeToContinue
from hub.archive import Archive
from hub.runs import snapshot_of
from hub.snapshots import STAMP, free_folder, limits_of, wanted_of
from hub.workplace import Hub
from reconciliation.billed_months import BilledMonths, billed_months
from reconciliation.incremental.closure import EntityChanges
from reconciliation.incremental.links import BESIDE, LINKS, UNJUDGED
from reconciliation.incremental.take import ASIDE, BEFORE, NeedsWhole, take_changes
from reconciliation.run import has_outcome, judgement_key
from reconciliation.snapshot.manifest import Manifest, parts_of, read_manifest
from reconciliation.snapshot.write import clear_broken_off
from storage.arrow_columns import arrow_schema
from storage.extract import ended_keys, entity_batches
from storage.feeds import known_until
from storage.runs import Run, latest_run


def take_market_changes(hub: Hub, market_id: str, as_of: datetime) -> Path | NeedsWhole:
    """Write a snapshot of what changed in a market since its last whole one.

    Returns:
        Its folder, or why everything has to be judged.

    Raises:
        ConfigurationError, UnsafeToContinue, RetryableError: as ``take_snapshot``.
    """
    archive = hub.archive
    base = _last_whole(archive, market_id)
    if isinstance(base, NeedsWhole):
        return base
    whole = read_manifest(base)
    least, services = hub.operator.file.engine.changes_from, whole.rows["by_service/service"]
    if services < least:
        return NeedsWhole(f"a market of fewer than {least} services is judged whole as soon as in part")
    if whole.as_of == as_of:
        return NeedsWhole("the moment is that of the last whole snapshot")
    if not has_outcome(runs_of(archive, market_id) / judgement_key(whole)):
        return NeedsWhole("what the last whole run found is not in the workspace any more")
    with hub.database.reading() as connection:
        wanted = wanted_of(hub.operator, connection, market_id, as_of)
        known_at = known_until(connection, as_of)
        changes = {
            name: EntityChanges(
                pa.Table.from_batches(
                    list(entity_batches(connection, ENTITIES[name], market_id, known_at, whole.as_of)),
                    arrow_schema(ENTITIES[name]),
                ),
                ended_keys(connection, ENTITIES[name], market_id, whole.as_of, known_at, _linked_by(name)),
            )
            for name in (ENTITIES.keys() - UNJUDGED) | BESIDE
        }
    changed = {name: each for name, each in changes.items() if each.now.num_rows or each.ended.num_rows}
    parent = hub.snapshots / market_id
    clear_broken_off(parent)
    folder = free_folder(parent, as_of.strftime(STAMP))
    taken = take_changes(folder, base, wanted, changed, limits_of(hub.operator.file.engine))
    return taken if isinstance(taken, NeedsWhole) else folder


def _linked_by(entity: str) -> list[str]:
    return [column for _, column in LINKS.get(entity, ())]


def runs_of(archive: Archive, market_id: str) -> Path:
    """Folder of what the runs of a market left."""
    return archive.workspace / "runs" / market_id


def billed_now(folder: Path, manifest: Manifest, services: Collection[str]) -> BilledMonths:
    """What the bills of some services come to in a snapshot, be it whole or of changes."""
    if manifest.changes is None or not services:
        return billed_months(folder, services)
    reached = _services(folder) | _services(folder / ASIDE / BEFORE)
    rest = [service for service in services if service not in reached]
    base = parts_of(folder, manifest)[-1]
    return {**billed_months(base, rest), **billed_months(folder, services)}


def _services(folder: Path) -> set[str]:
    with duckdb.connect() as connection:
        found = connection.execute(
            "SELECT service FROM read_parquet(?)", [str(folder / "by_service/*/service.parquet")]
        ).fetchall()
    return {service for (service,) in found}


def whole_snapshot_of(archive: Archive, run: Run) -> Path:
    """The snapshot with all accounts that a run stands on, be it the one that it judged or the one beside it.

    Raises:
        ConfigurationError, UnsafeToContinue: as ``snapshot_of``.
    """
    folder, manifest = snapshot_of(archive, run)
    if manifest.changes is None:
        return folder
    base = parts_of(folder, manifest)[-1]
    if read_manifest(base).checksum != manifest.changes.base_checksum:
        raise UnsafeToContinue(f"{base} is not the snapshot that {folder.name} was taken from: restore the folder")
    return base


def _last_whole(archive: Archive, market_id: str) -> Path | NeedsWhole:
    with archive.database.reading() as connection:
        run = latest_run(connection, market_id)
    if run is None:
        return NeedsWhole("the market was never judged before")
    try:
        return whole_snapshot_of(archive, run)
    except (ConfigurationError, UnsafeToContinue):
        return NeedsWhole("the last whole snapshot is gone, or is another one")
