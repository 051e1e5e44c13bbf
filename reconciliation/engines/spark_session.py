"""One session of Spark: silent, sealed off, with the semantics that the views count on."""

import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from canonical_model.errors import ConfigurationError
from reconciliation.engines.spark_settings import LOOPBACK, SparkSettings

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SEMANTICS = {
    "spark.sql.ansi.enabled": "true",  # an overflow, a bad date or a division by zero is an error, never a NULL
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.storeAssignmentPolicy": "ANSI",
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.int96RebaseModeInRead": "CORRECTED",
    "spark.sql.caseSensitive": "false",
}
"""What has to hold for findings to be the same to the cent."""

_SEALED = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.eventLog.enabled": "false",
    "spark.metrics.staticSources.enabled": "false",
    "spark.sql.catalogImplementation": "in-memory",
    "spark.log.level": "OFF",
    "spark.log.structuredLogging.enabled": "false",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
}

LEAST_MEMORY_MB = 1_024
"""Below this Spark itself hardly starts."""

MISSING = "splice was installed without what the engine spark needs: install its extra 'spark'"
NO_JAVA = "the engine spark needs Java 17 or newer, and there is none: install one, or set JAVA_HOME to where it is"


@contextmanager
def spark_session(settings: SparkSettings, memory_mb: int, scratch: Path) -> Iterator["SparkSession"]:
    """A session of its own, over the Java machine of this process if there is one for this master.

    Args:
        settings: where to compute.
        memory_mb: of the Java machine in this process; at least ``LEAST_MEMORY_MB``.
        scratch: folder for what does not fit into memory; need not exist.

    Raises:
        ConfigurationError: Spark or Java is missing, or the master takes nobody.
    """
    check_installed()
    from pyspark.sql import SparkSession  # noqa: PLC0415

    running = SparkSession.getActiveSession()
    if running is not None and running.sparkContext.master == settings.master:
        yield running.newSession()
        return
    session = _started(settings, memory_mb, scratch)
    try:
        yield session
    finally:
        _stopped(session)


def check_installed() -> None:
    """See that Spark and Java are there.

    Raises:
        ConfigurationError: one of them is missing; says how to get it.
    """
    try:
        import pyspark  # noqa: F401, PLC0415
    except ModuleNotFoundError as error:
        raise ConfigurationError(MISSING) from error
    home = os.environ.get("JAVA_HOME")
    if not (Path(home) / "bin" / "java").exists() if home else shutil.which("java") is None:
        raise ConfigurationError(NO_JAVA)


def session_properties(settings: SparkSettings, memory_mb: int, scratch: Path) -> dict[str, str]:
    """Every property of a session; what Splice sets comes last, so that nothing takes its place."""
    place = {
        "spark.driver.host": settings.driver_address,
        "spark.driver.bindAddress": settings.driver_address,
        "spark.driver.memory": f"{max(memory_mb, LEAST_MEMORY_MB)}m",
        "spark.local.dir": str(scratch.resolve()),
        "spark.sql.warehouse.dir": str(scratch.resolve() / "warehouse"),
    }
    return {"spark.sql.shuffle.partitions": "16", **settings.properties, **place, **_SEALED, **SEMANTICS}


def _started(settings: SparkSettings, memory_mb: int, scratch: Path) -> "SparkSession":
    from py4j.protocol import Py4JError  # noqa: PLC0415
    from pyspark.errors import PySparkException  # noqa: PLC0415
    from pyspark.sql import SparkSession  # noqa: PLC0415

    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)  # it repeats what the error says
    logging.getLogger("py4j").setLevel(logging.CRITICAL)
    scratch.mkdir(parents=True, exist_ok=True)
    if settings.is_local:
        os.environ["SPARK_LOCAL_IP"] = LOOPBACK  # else it looks for the machine's name and warns
    builder = SparkSession.builder.master(settings.master).appName("splice")
    for name, value in session_properties(settings, memory_mb, scratch).items():
        builder = builder.config(name, value)
    try:
        return builder.getOrCreate()
    except (Py4JError, PySparkException, OSError) as error:
        reason = str(error).strip().splitlines()
        raise ConfigurationError(
            f"Spark does not start with the master {settings.master}: {reason[0] if reason else error!r}."
            " See that the master is up, that it reaches engine.driver_address, and that Java is 17 or newer"
        ) from error


def _stopped(session: "SparkSession") -> None:
    """End the session and its Java machine, so that the next one gets the memory that its settings say."""
    from py4j.protocol import Py4JError  # noqa: PLC0415
    from pyspark import SparkContext  # noqa: PLC0415

    with suppress(Py4JError, OSError):  # it was killed
        session.stop()
    gateway = SparkContext._gateway  # noqa: SLF001 - Spark has no public way to end it
    if gateway is not None:
        with suppress(Py4JError, OSError):
            gateway.shutdown()
        gateway.proc.stdin.close()  # which is its sign to end
        gateway.proc.wait()
    SparkContext._gateway = SparkContext._jvm = SparkContext._active_spark_context = None  # noqa: SLF001
    type(session)._instantiatedSession = type(session)._activeSession = None  # noqa: SLF001
