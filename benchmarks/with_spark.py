"""The engine ``spark`` on this machine's cores, its session included."""

from pathlib import Path

from reconciliation.engines.duckdb_engine import EngineLimits
from reconciliation.engines.spark_settings import SparkSettings
from reconciliation.run import judge

MEMORY_MB = 4_000


def judge_with_spark(snapshot: Path, output: Path) -> None:
    judge(snapshot, output, EngineLimits(memory_limit_mb=MEMORY_MB // 2), spark=SparkSettings("local[2]"))
