"""A session of Spark as tests need it: small tables, so that what is saved in starting counts."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from reconciliation.engines.spark_session import spark_session
from reconciliation.engines.spark_settings import SparkSettings

JAVA_OPTIONS = (
    "-XX:TieredStopAtLevel=1",
    "-XX:+UseSerialGC",
    "-XX:MetaspaceSize=256m",  # no collection of all memory only because more classes were loaded
    "-Xms1g",
    "-XX:+UnlockDiagnosticVMOptions",
    "-XX:-BytecodeVerificationRemote",  # of 24,000 classes that a package brought
)

SMALL = SparkSettings(
    master="local[2]",
    properties={
        "spark.sql.shuffle.partitions": "1",
        "spark.sql.codegen.wholeStage": "false",  # to compile a stage takes longer than to interpret it here
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.driver.extraJavaOptions": " ".join(JAVA_OPTIONS),
        "spark.default.parallelism": "1",
        "spark.buffer.pageSize": "256k",  # else each sort and each join of a handful of rows holds 32 MB
        "spark.sql.adaptive.enabled": "false",
    },
)


@contextmanager
def small_session(scratch: Path) -> Iterator[Any]:
    """A session that every judgement within the block shares."""
    with spark_session(SMALL, 1_536, scratch) as session:
        yield session
