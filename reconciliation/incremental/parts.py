"""The records of a snapshot as one relation each, be it whole or of what changed since a whole one."""

from pathlib import Path

import duckdb

from reconciliation.incremental.links import LINKS
from reconciliation.incremental.take import ASIDE, BEFORE
from reconciliation.snapshot.manifest import Manifest
from reconciliation.snapshot.tables import snake_case

OF_RECORD = ("source_system", "source_object", "source_id")
OF_SERVICE = ("service",)
OF_SERIAL = ("serial",)
OF_DOCUMENT = ("subject",)


def relation(folder: Path, manifest: Manifest, file: str, key: tuple[str, ...]) -> str:
    """The rows of a file of a snapshot as SQL; ``file`` may be a pattern.

    A snapshot of changes holds the accounts that changed. All others stand in the whole one beside which it was
    taken: its rows less those of the same accounts as they were then.

    Args:
        folder: of the snapshot.
        manifest: of it.
        file: below the folder.
        key: columns by which a row of then and one of now are the same.
    """
    if manifest.changes is None:
        return f"FROM {_read(folder / file)}"
    base, before = folder.parent / manifest.changes.base, folder / ASIDE / BEFORE
    names = ", ".join(key)
    replaced = " UNION ALL ".join(f"SELECT {names} FROM {_read(part / file)}" for part in (before, folder))
    return (
        f"FROM {_read(base / file)} ANTI JOIN ({replaced}) USING ({names})"
        f" UNION ALL BY NAME FROM {_read(folder / file)}"
    )


def missing_records(folder: Path) -> str:
    """An entity that a snapshot of today holds and this one does not; empty where it holds all."""
    return next((entity for entity in LINKS if not (folder / "records" / f"{entity}.parquet").is_file()), "")


def open_records(connection: duckdb.DuckDBPyConnection, folder: Path, manifest: Manifest) -> None:
    """Give the records of a snapshot that are about accounts as one view an entity: ``product_order``."""
    for entity in LINKS:
        records = relation(folder, manifest, f"records/{entity}.parquet", OF_RECORD)
        connection.execute(f"CREATE VIEW {snake_case(entity)} AS {records}")


def _read(path: Path) -> str:
    quoted = str(path).replace("'", "''")
    return f"read_parquet('{quoted}')"
