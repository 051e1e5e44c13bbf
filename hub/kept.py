"""What is kept with a run: read where it is there, else measured now and kept for whoever asks next."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection

from hub.archive import Archive

Kept = TypeVar("Kept")


def kept_or_measured(
    archive: Archive,
    read: Callable[[Connection], Kept | None],
    measure: Callable[[], Kept | None],
    keep: Callable[[Connection, Kept], None],
) -> Kept | None:
    """What a run came to, in one of its respects.

    A run's judgement measures it; only where that died before, or was of a version that kept none, it is measured
    later. Measuring takes seconds of DuckDB, for which no database is locked.

    Args:
        archive: the workspace.
        read: what is kept; nothing where nobody kept any.
        measure: from the snapshot; None where that is gone, or has nothing to say.
        keep: for the next time.

    Raises:
        RetryableError: memory, disk or database is short.
    """
    with archive.database.reading() as connection:
        kept = read(connection)
    if kept:
        return kept
    measured = measure()
    if measured is None:
        return kept
    with archive.database.writing() as connection:
        keep(connection, measured)
        return read(connection)
