"""What DuckDB and the disk say when there is not enough of something, as an error that says what to do."""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from canonical_model.errors import RetryableError


@contextmanager
def resource_faults(work: str, memory_limit_mb: int, spill_limit_mb: int) -> Iterator[None]:
    """Say of some work that it lacked memory or disk; other errors go through as they are.

    Args:
        work: what was being done, the beginning of a sentence: ``bucket by_service/0003``.
        memory_limit_mb: what DuckDB was allowed to hold.
        spill_limit_mb: what it was allowed to write beside that.

    Raises:
        RetryableError: memory, disk, or a file that could not be read or written.
    """
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        if "max_temp_directory_size" in str(error):
            problem = f"more than {spill_limit_mb} MB of disk beside its memory: raise the spill limit"
        else:
            problem = f"more than {memory_limit_mb} MB: raise the memory limit"
        raise RetryableError(f"{work} needs {problem}") from error
    except duckdb.IOException as error:
        raise RetryableError(f"{work} {_unwritten(str(error).splitlines()[0])}") from error
    except OSError as error:
        raise RetryableError(f"{work} {_unwritten(error.strerror or str(error))}") from error


def _unwritten(reason: str) -> str:
    return f"could not read or write a file ({reason}): see that the disk has room, and try again"
