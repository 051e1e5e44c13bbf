"""A connection of DuckDB that computes over a whole market at once, within what all processes may use together."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from reconciliation.engines.duckdb_engine import EngineLimits


@contextmanager
def bounded_connection(limits: EngineLimits) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open it; what it writes beside its memory lies in a temporary folder and goes with it."""
    with tempfile.TemporaryDirectory(prefix="splice-spill-") as spill, duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false")
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"SET threads = {limits.processes}")
        connection.execute(f"SET memory_limit = '{limits.memory_together_mb}MB'")
        connection.execute("SET temp_directory = ?", [spill])
        connection.execute(f"SET max_temp_directory_size = '{limits.spill_together_mb}MB'")
        yield connection
