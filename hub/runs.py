"""Find a run again, and the snapshot it judged, wherever the workspace lies by now."""

from collections.abc import Sequence
from pathlib import Path

from canonical_model.errors import ConfigurationError, UnsafeToContinue
from hub.archive import Archive
from reconciliation.snapshot.manifest import MANIFEST_FILE, Manifest, read_manifest
from storage.runs import Run, judged_markets, latest_run, run_with


def standing_run(archive: Archive, market_id: str) -> Run:
    """The run that the findings of a market stand on.

    Raises:
        ConfigurationError: the market was never reconciled; names those that were.
    """
    with archive.database.reading() as connection:
        run = latest_run(connection, market_id)
        known = ", ".join(judged_markets(connection)) or "none"
    if run is None:
        raise ConfigurationError(
            f"market {market_id} was never reconciled (reconciled are: {known}):"
            f" run `splice reconcile {market_id}` first"
        )
    return run


def standing_runs(archive: Archive, market_ids: Sequence[str] | None) -> list[Run]:
    """The runs that the findings of some markets stand on, or of all that were ever reconciled.

    Raises:
        ConfigurationError: a market was never reconciled, or none was.
    """
    with archive.database.reading() as connection:
        known = judged_markets(connection)
    if not market_ids and not known:
        raise ConfigurationError("no market was ever reconciled: run `splice reconcile` first")
    return [standing_run(archive, market_id) for market_id in market_ids or known]


def judged(archive: Archive) -> list[str]:
    """Markets that were ever reconciled."""
    with archive.database.reading() as connection:
        return list(judged_markets(connection))


def named_run(archive: Archive, run_id: int) -> Run:
    """The run of that number.

    Raises:
        ConfigurationError: there is none, or it did not succeed.
    """
    with archive.database.reading() as connection:
        run = run_with(connection, run_id)
    if run is None:
        raise ConfigurationError(f"there is no run {run_id}")
    if run.outcome != "succeeded":
        raise ConfigurationError(
            f"run {run_id} of market {run.market} has no findings: it is {run.outcome}: {run.message}"
        )
    return run


def snapshot_of(archive: Archive, run: Run) -> tuple[Path, Manifest]:
    """The snapshot that a run judged.

    Raises:
        ConfigurationError: the snapshot is gone.
        UnsafeToContinue: what lies in its place is another one.
    """
    # where it was stored as a whole path, the workspace may have been moved since
    places = (archive.workspace / run.snapshot_path, archive.snapshots / run.market / Path(run.snapshot_path).name)
    folder = next((place for place in places if (place / MANIFEST_FILE).is_file()), places[0])
    manifest = read_manifest(folder)
    if manifest.checksum != run.manifest_checksum:
        raise UnsafeToContinue(
            f"{folder} is not the snapshot that run {run.id} judged: restore the folder from its backup"
        )
    return folder, manifest


def stored_path(archive: Archive, folder: Path) -> str:
    """How the place of a snapshot is stored: below the workspace where it lies there, so that both may be moved."""
    whole, workspace = folder.resolve(), archive.workspace.resolve()
    return str(whole.relative_to(workspace) if whole.is_relative_to(workspace) else whole)
