"""Snapshot tables of a population as Arrow, one chunk at a time, written into the buckets of a snapshot."""

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.measured_operator import price_book
from reconciliation.engines.databases import create_small_table
from reconciliation.price_book import COLUMNS
from reconciliation.snapshot.tables import DIMENSIONS

SERVICE_KEY, SERIAL_KEY = "service_id", "serial"


class BucketFiles:
    """Open files of every table and bucket; what is appended must come in the order of services or serials."""

    def __init__(self, folder: Path, buckets: int) -> None:
        self._folder = folder
        self._buckets = buckets
        self._writers: dict[tuple[str, int], pq.ParquetWriter] = {}
        self.rows: dict[str, int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for writer in self._writers.values():
            writer.close()

    def append(self, tables: Mapping[str, pa.Table]) -> None:
        """Cut tables by service or serial and append each part to its bucket."""
        for name, table in tables.items():
            by = "by_service" if SERVICE_KEY in table.column_names else "by_serial"
            bucket = self._bucket_numbers(table, by)
            path = f"{by}/{name}"
            self.rows[path] = self.rows.get(path, 0) + table.num_rows
            for number in range(self._buckets):
                part = table if self._buckets == 1 else table.filter(pa.array(bucket == number))
                self._writer(by, name, number, table.schema).write_table(part, row_group_size=122_880)

    def _bucket_numbers(self, table: pa.Table, by: str) -> np.ndarray:
        if by == "by_service":
            return table[SERVICE_KEY].to_numpy() % self._buckets
        with duckdb.connect() as connection:
            connection.register("given", table.select([SERIAL_KEY]))
            rows = connection.execute(f"SELECT hash(serial) % {self._buckets} AS bucket FROM given").fetchnumpy()
        return rows["bucket"]

    def _writer(self, by: str, name: str, bucket: int, schema: pa.Schema) -> pq.ParquetWriter:
        if (name, bucket) not in self._writers:
            path = self._folder / by / f"{bucket:04d}" / f"{name}.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            self._writers[name, bucket] = pq.ParquetWriter(path, schema, compression="zstd")
        return self._writers[name, bucket]


def write_dimensions(folder: Path) -> dict[str, int]:
    """Write the small tables and tell how many rows each has."""
    book = price_book()
    rows = {}
    (folder / "dimensions").mkdir(parents=True)
    with duckdb.connect() as connection:
        for table in DIMENSIONS:
            given = getattr(book, table, [])
            columns = COLUMNS.get(table, "scope VARCHAR, subject VARCHAR, reason VARCHAR")
            create_small_table(connection, table, columns, given)
            connection.execute(f"COPY {table} TO '{folder / 'dimensions' / table}.parquet' (FORMAT parquet)")
            rows[f"dimensions/{table}"] = len(given)
    return rows


def dates(days: np.ndarray, is_null: np.ndarray | None = None) -> pa.Array:
    """Day numbers as dates."""
    return pa.array(days.astype(np.int32), mask=is_null).cast(pa.date32())


def numbers(values: np.ndarray, kind: pa.DataType, is_null: np.ndarray | None = None) -> pa.Array:
    """Integers of another width."""
    return pa.array(values, mask=is_null).cast(kind)


def numbered(prefix: str, values: np.ndarray, digits: int = 8, suffix: str = "") -> pa.Array:
    """Names made of a prefix and a number with leading zeros."""
    text = pc.utf8_lpad(pa.array(values).cast(pa.string()), digits, "0")
    return pc.binary_join_element_wise(prefix, text, suffix, "")


def picked(names: tuple[str, ...], values: np.ndarray) -> pa.Array:
    """One name of a few for each value."""
    return pa.DictionaryArray.from_arrays(pa.array(values.astype(np.int32)), pa.array(names)).cast(pa.string())


def lists(columns: list[pa.Array]) -> pa.ListArray:
    """One list a row, made of one value of each column."""
    width, rows = len(columns), len(columns[0])
    order = (np.arange(rows)[:, None] + np.arange(width)[None, :] * rows).ravel()
    values = pa.concat_arrays(columns).take(pa.array(order))
    return pa.ListArray.from_arrays(pa.array(np.arange(rows + 1, dtype=np.int32) * width), values)
