"""A folder is worked on by one process at a time; whoever comes second is told so."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from canonical_model.errors import RetryableError


@contextmanager
def one_at_a_time(folder: Path, work: str) -> Iterator[None]:
    """Keep others out of a folder, which need not exist yet, until the block is left.

    The lock is a file beside the folder, ``.NAME.lock``. The system lets go of it when its process ends, however it
    ends, so that nothing has to be cleared away after a kill.

    Args:
        folder: what only one may work on.
        work: what is done there, for the message: ``judging snapshot 20261105T120000Z``.

    Raises:
        RetryableError: another process, or another thread of this one, is at work there.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    place = folder.with_name(f".{folder.name}.lock")
    descriptor = _locked(place)
    if descriptor is None:
        raise RetryableError(f"somebody else is {work} right now: try again when that is done")
    try:
        yield
    finally:
        place.unlink(missing_ok=True)  # still held, so that nobody is deceived
        os.close(descriptor)


def _locked(place: Path) -> int | None:
    """The descriptor of the lock; None where another one holds it."""
    while True:
        descriptor = os.open(place, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        if _is_still(place, descriptor):
            return descriptor
        os.close(descriptor)  # the one before us had taken the file away meanwhile


def _is_still(place: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(place.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
