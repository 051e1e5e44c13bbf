"""What a worker process loads before its first bucket, once in each of them."""

import subprocess
import sys

HEAVY = {"numpy", "pandas", "pyarrow", "pydantic", "sqlalchemy", "sqlglot", "yaml"}


def test_a_worker_loads_the_engine_and_nothing_else_that_is_heavy() -> None:
    loads = "import sys, reconciliation.engines.bucket, reconciliation.engines.worker; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", loads], check=True, capture_output=True, text=True).stdout.split()

    assert "duckdb" in loaded
    assert set(loaded) & HEAVY == set()
