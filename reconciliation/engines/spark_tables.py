"""Tables as both engines have them: what a snapshot's files hold, and what came of a partition, of the same types."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from pyspark.sql.types import StructType

_TYPES = {
    "VARCHAR": pa.string(),
    "DATE": pa.date32(),
    "BIGINT": pa.int64(),
    "VARCHAR[]": pa.list_(pa.string()),
}


def schema_on_spark(file: Path) -> "StructType":
    """Columns of a table in Spark's types; Spark itself starts a job for each table to learn them.

    Raises:
        pyarrow.ArrowException: the file is damaged.
        OSError: there is none.
    """
    from pyspark.sql.pandas.types import from_arrow_schema  # noqa: PLC0415

    return from_arrow_schema(pq.read_schema(file), prefer_timestamp_ntz=True)


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
