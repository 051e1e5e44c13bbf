"""A second thread that stores, and a garbage collector that seldom looks: what a pull has beside itself."""

import gc
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager

_OBJECTS_BETWEEN_LOOKS = 300_000
"""More than the records of a page, which hold no cycles. Python's own 700 cost a third of a pull's time, and 100,000,
which a page of 10,000 records exceeds, a tenth."""


@contextmanager
def page_writer() -> Iterator[Executor]:
    """One thread for storing pages; its last work is waited for at the end, also where the pull broke off.

    The collector is set for the whole process. Where pulls overlap, the last to end may leave it as it was within
    one of them, which is harmless.
    """
    before = gc.get_threshold()
    gc.set_threshold(_OBJECTS_BETWEEN_LOOKS, *before[1:])
    try:
        with ThreadPoolExecutor(1, "page-writer") as writer:
            yield writer
    finally:
        gc.set_threshold(*before)
