"""A second thread that stores, and a garbage collector that seldom looks: what a pull has beside itself."""

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager

from reconciliation.collector import seldom_collecting


@contextmanager
def page_writer() -> Iterator[Executor]:
    """One thread for storing pages; its last work is waited for at the end, also where the pull broke off.

    The collector is set for the whole process (``seldom_collecting``).
    """
    with seldom_collecting(), ThreadPoolExecutor(1, "page-writer") as writer:
        yield writer
