"""What came of a partition, written as the other engine writes it: the same files, columns and types."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

_TYPES = {
    "VARCHAR": pa.string(),
    "DATE": pa.date32(),
    "BIGINT": pa.int64(),
    "VARCHAR[]": pa.list_(pa.string()),
}


@dataclass(frozen=True, slots=True)
class PartialOutput:
    """A folder that nobody reads yet."""

    folder: Path

    def write(self, name: str, columns: str, rows: pa.Table) -> None:
        """Write one table.

        Args:
            name: of its file.
            columns: names and types in DuckDB's words, as in ``question.HIT_COLUMNS``.
            rows: in the order of the columns, whatever they are called; what a type cannot hold is an error.
        """
        schema = pa.schema([(each.split()[0], _TYPES[each.split()[1]]) for each in columns.split(",")])
        pq.write_table(rows.rename_columns(schema.names).cast(schema), self.folder / f"{name}.parquet")


@contextmanager
def written(folder: Path) -> Iterator[PartialOutput]:
    """A folder that appears whole, at the end of the block, or not at all."""
    partial = folder.with_name(f"{folder.name}.{os.getpid()}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        yield PartialOutput(partial)
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
