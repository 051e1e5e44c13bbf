"""A garbage collector that seldom looks, while many objects are made that hold no cycles."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_OBJECTS_BETWEEN_LOOKS = 300_000
"""More than the records of a page, or the lines of 20,000 findings. Python's own 700 cost a third of a pull and
nearly half of reading findings; 100,000, which a page of 10,000 records exceeds, cost a tenth."""


@contextmanager
def seldom_collecting() -> Iterator[None]:
    """Set the collector, for the whole process.

    Where blocks overlap, the last to end may leave it as it was within one of them, which is harmless.
    """
    before = gc.get_threshold()
    gc.set_threshold(_OBJECTS_BETWEEN_LOOKS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
