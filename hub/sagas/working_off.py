"""Work off what is due, and end when nothing is: a batch, for whoever has no worker that runs all the time."""

import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from canonical_model.errors import RetryableError
from hub.sagas.advance import MOVING
from hub.sagas.bench import Bench, Crew
from hub.sagas.working import WorkDone, work
from hub.this_process import this_process
from storage.saga_wakes import is_held_by, waiting_work

_LOOK_EVERY_S = 0.2
_SOON = timedelta(seconds=3)
"""What is due so soon is waited for."""


@dataclass(frozen=True, slots=True)
class BatchDone:
    """What a batch came to.

    Attributes:
        work: how much was done.
        is_all: nothing was due at its end; else its time was over before.
    """

    work: WorkDone
    is_all: bool


def work_off(bench: Bench, *, most_s: float, crew: Crew | None = None) -> BatchDone:
    """Lead sagas, send effects and take events in until nothing is due any more.

    Args:
        bench: what is worked with.
        most_s: seconds after which the batch ends; what is left is there for the next one.
        crew: how many threads.

    Raises:
        Exception: as ``hub.sagas.working.work``.
    """
    until, is_all = threading.Event(), threading.Event()
    deadline = time.monotonic() + most_s

    def watched() -> None:
        while not until.wait(_LOOK_EVERY_S):
            with suppress(RetryableError), bench.hub.database.reading() as connection:
                if _nothing_is_due(connection, bench.clock()):
                    is_all.set()
            if is_all.is_set() or time.monotonic() > deadline:
                until.set()

    watcher = threading.Thread(target=watched, name="end of the batch")
    watcher.start()
    try:
        done = work(bench, until, crew)
    finally:
        until.set()
        watcher.join()
    return BatchDone(done, is_all.is_set())


def _nothing_is_due(connection: Connection, now: datetime) -> bool:
    if is_held_by(connection, this_process()):
        return False
    waiting = waiting_work(connection, MOVING)
    due = [each for each in (waiting.saga_at, waiting.effect_at) if each is not None]
    return not waiting.newest_event and all(each > now + _SOON for each in due)
