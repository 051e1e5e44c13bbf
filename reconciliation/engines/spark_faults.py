"""What Spark says when something is wrong, as an error that says what to do."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import uuid4

from canonical_model.errors import RetryableError, UnsafeToContinue

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_AGAIN_S = 1.0

_UNREADABLE = ("FAILED_READ_FILE", "CANNOT_READ_FILE_FOOTER", "PATH_NOT_FOUND", "CONVERTING_PARQUET")


@contextmanager
def spark_faults(snapshot: str) -> Iterator[None]:
    """Say of work over a snapshot what it lacked, in words that outlive the session.

    Raises:
        RetryableError: the session or its memory was lost.
        UnsafeToContinue: a file of the snapshot is missing where an executor looks for it, or cannot be read; or
            Spark fails for a reason of its own.
    """
    from py4j.protocol import Py4JError, Py4JJavaError, Py4JNetworkError  # noqa: PLC0415
    from pyspark.errors import PySparkException  # noqa: PLC0415

    try:
        yield
    except Py4JNetworkError as error:
        raise _lost(snapshot) from error
    except (Py4JJavaError, PySparkException) as error:
        # what Spark says can be read only as long as its Java machine runs
        raise known_fault(snapshot, error) or UnsafeToContinue(
            f"snapshot {snapshot}: Spark fails: {spark_reason(error)}"
        ) from error
    except (Py4JError, ConnectionError) as error:
        raise _lost(snapshot) from error


def spark_reason(error: BaseException) -> str:
    """What Spark says, without the query and the stack."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__


def known_fault(snapshot: str, error: BaseException) -> Exception | None:
    """What an error of Spark's means for the work over a snapshot, where it is no fault of a statement's."""
    text = str(error)
    if any(name in text for name in _UNREADABLE):
        return unreadable(snapshot)
    if "OutOfMemoryError" in text:
        return RetryableError(
            f"snapshot {snapshot} needs more memory than Spark was given: raise engine.memory_limit_mb, or"
            " spark.executor.memory in engine.properties"
        )
    if "ExecutorLostFailure" in text or "SparkContext was shut down" in text or "stopped SparkContext" in text:
        return _lost(snapshot)
    return None


def unreadable(snapshot: str) -> UnsafeToContinue:
    """A file of a snapshot is missing or damaged, wherever that was seen."""
    return UnsafeToContinue(
        f"snapshot {snapshot}: Spark cannot read a file of it: see that it lies where every executor finds it"
        " under the same path, and take a new snapshot where a file is damaged"
    )


@contextmanager
def stopped_after(seconds: float, session: "SparkSession", work: str) -> Iterator[None]:
    """Stop what runs in the block after some time.

    Raises:
        UnsafeToContinue: it was stopped.
    """
    from pyspark.errors import PySparkException  # noqa: PLC0415

    tag, is_over, is_left = f"splice-{uuid4().hex}", threading.Event(), threading.Event()

    def watch() -> None:
        if not is_left.wait(seconds):
            is_over.set()
            session.interruptTag(tag)
            while not is_left.wait(_AGAIN_S):  # what was only being planned at the first time
                session.interruptTag(tag)

    watching = threading.Thread(target=watch, name="stopped-after", daemon=True)
    session.addTag(tag)
    watching.start()
    try:
        yield
    except PySparkException as error:
        if not is_over.is_set():
            raise
        raise _stopped(work, seconds) from error
    finally:
        is_left.set()
        watching.join()
        session.removeTag(tag)
    if is_over.is_set():
        raise _stopped(work, seconds)


def _stopped(work: str, seconds: float) -> UnsafeToContinue:
    return UnsafeToContinue(f"{work} ran longer than {seconds:g} s over all buckets and was stopped")


def _lost(snapshot: str) -> RetryableError:
    return RetryableError(
        f"the session of Spark ended while snapshot {snapshot} was judged, most likely because it was killed or has"
        " too little memory: try again, the partitions that are done are kept"
    )
