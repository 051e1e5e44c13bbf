"""Runs one contender over one snapshot in its own process: ``python -m benchmarks.contender NAME SNAPSHOT OUTPUT``.

Each contender is imported only when it runs, so that none pays for the imports of another.
"""

import sys
from importlib import import_module
from pathlib import Path

CONTENDERS = {
    "splice": ("reconciliation.run", "judge"),
    "by hand": ("benchmarks.handwritten", "judge_by_hand"),
    "pandas": ("benchmarks.with_pandas", "judge_with_pandas"),
    "polars": ("benchmarks.with_polars", "judge_with_polars"),
    "postgresql": ("benchmarks.with_postgresql", "judge_with_postgresql"),
    "spark": ("benchmarks.with_spark", "judge_with_spark"),
}
"""Module and function of each; the function takes a snapshot and an empty folder and writes ``finding.parquet``."""


def run(name: str, snapshot: Path, output: Path) -> None:
    """Run a contender in this process."""
    module, function = CONTENDERS[name]
    getattr(import_module(module), function)(snapshot, output)


if __name__ == "__main__":
    run(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
