"""The files of a snapshot: records as they came, and assembled tables cut into buckets."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from reconciliation.snapshot.manifest import file_checksum
from reconciliation.snapshot.tables import (
    DIMENSIONS,
    DOCUMENT_TABLES,
    SERIAL_TABLES,
    SERVICE_ORDER,
    SERVICE_TABLES,
)

ROW_GROUP = 245_760
"""Rows that are compressed together, and read together: two of DuckDB's own. In groups of the 8,192 that come out of
a database at a time, bill lines take three times the space and half as long again to read."""

_IDENTITY = "source_id"
"""Of this column hardly two rows are alike. All of it has to be unpacked to find some rows: LZ4 is quick at that."""


def write_records(folder: Path, entity: str, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> int:
    """Write the records of an entity; how many they are."""
    path = folder / "records" / f"{entity}.parquet"
    path.parent.mkdir(exist_ok=True)
    packed = dict.fromkeys(schema.names, "zstd") | {_IDENTITY: "lz4"}
    alike = [name for name in schema.names if name != _IDENTITY]
    written = 0
    with pq.ParquetWriter(path, schema, compression=packed, use_dictionary=alike) as writer:
        for group in _in_groups(batches):
            writer.write_table(pa.Table.from_batches(group, schema))
            written += sum(batch.num_rows for batch in group)
    return written


def _in_groups(batches: Iterable[pa.RecordBatch]) -> Iterator[list[pa.RecordBatch]]:
    group: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        group.append(batch)
        rows += batch.num_rows
        if rows >= ROW_GROUP:
            yield group
            group, rows = [], 0
    if group:
        yield group


def write_tables(connection: duckdb.DuckDBPyConnection, folder: Path, buckets: int) -> dict[str, int]:
    """Write the assembled tables in buckets; the rows of each table, by its path without the bucket.

    Rows are in an order that leaves nothing open, so that two snapshots with the same rows are the same files.
    """
    rows = {}
    for table in DIMENSIONS:
        rows[f"dimensions/{table}"] = _copy(
            connection, folder / "dimensions" / f"{table}.parquet", f"(SELECT * FROM {table} ORDER BY ALL)"
        )
    for table in (*SERVICE_TABLES, SERVICE_ORDER):
        rows[f"by_service/{table}"] = sum(
            _copy(
                connection,
                folder / "by_service" / f"{bucket:04d}" / f"{table}.parquet",
                f"(SELECT * FROM {table} WHERE service_id % {buckets} = {bucket} ORDER BY service_id, COLUMNS(*))",
            )
            for bucket in range(buckets)
        )
    hashed = dict.fromkeys(SERIAL_TABLES, ("serial", "serial"))
    hashed |= dict.fromkeys(DOCUMENT_TABLES, ("document", "subject"))
    for table, (partition, key) in hashed.items():
        rows[f"by_{partition}/{table}"] = sum(
            _copy(
                connection,
                folder / f"by_{partition}" / f"{bucket:04d}" / f"{table}.parquet",
                f"(SELECT * FROM {table} WHERE hash({key}) % {buckets} = {bucket} ORDER BY {key}, COLUMNS(*))",
            )
            for bucket in range(buckets)
        )
    return rows


def _copy(connection: duckdb.DuckDBPyConnection, path: Path, relation: str) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    copied = connection.execute(
        f"COPY (SELECT * FROM {relation}) TO '{path}' (FORMAT parquet, COMPRESSION zstd)"
    ).fetchone()
    return int(copied[0]) if copied else 0


def control_totals(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Sums over the bills that must not change between two readings, minor units."""
    row = connection.execute(
        "SELECT coalesce(sum(amount_minor), 0)::BIGINT, count(*), count(DISTINCT service_id) FROM billed"
    ).fetchone()
    billed, lines, services = row or (0, 0, 0)
    return {"billed_minor": billed, "billed_lines": lines, "billed_services": services}


def checksums_below(folder: Path) -> dict[str, str]:
    """SHA-256 of each table, by its path below the folder."""
    paths = sorted(path for path in folder.rglob("*.parquet"))
    return {str(path.relative_to(folder)): file_checksum(path) for path in paths}
