"""A session of Spark as tests need it: small tables, so that what is saved in starting counts."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from reconciliation.engines.spark_session import spark_session
from reconciliation.engines.spark_settings import SparkSettings

SMALL = SparkSettings(
    master="local[2]",
    properties={
        "spark.sql.shuffle.partitions": "1",
        "spark.sql.codegen.wholeStage": "false",  # to compile a stage takes longer than to interpret it here
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
        "spark.default.parallelism": "1",
        "spark.sql.adaptive.enabled": "false",
    },
)


@contextmanager
def small_session(scratch: Path) -> Iterator[Any]:
    """A session that every judgement within the block shares."""
    with spark_session(SMALL, 1_536, scratch) as session:
        yield session
