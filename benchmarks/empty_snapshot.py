"""Tables of a snapshot that a benchmark does not fill, as an assembly of no records leaves them."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.measured_operator import AS_OF, CATALOGUE, MARKET, effective_rules
from canonical_model.entities import ENTITIES
from reconciliation.snapshot.write import SnapshotRequest, write_snapshot
from storage.arrow_columns import arrow_schema


@cache
def empty_tables(partition: str) -> dict[str, pa.Table]:
    """By name, with their columns and no rows.

    Args:
        partition: ``service``, ``serial`` or ``document``.
    """
    records = {name: (arrow_schema(entity), iter(())) for name, entity in ENTITIES.items()}
    request = SnapshotRequest("Benchmark", MARKET, AS_OF, CATALOGUE, effective_rules(), {}, (), buckets=1)
    with TemporaryDirectory() as place:
        write_snapshot(Path(place) / "snapshot", request, records)
        files = sorted(Path(place).glob(f"snapshot/by_{partition}/*/*.parquet"))
        return {file.stem: pq.read_table(file) for file in files}
