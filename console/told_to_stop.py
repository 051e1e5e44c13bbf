"""A command that runs until somebody wants it to end."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def until_told_to_stop() -> Iterator[threading.Event]:
    """Take Ctrl-C and SIGTERM as a wish to end."""
    told = threading.Event()
    handlers = {number: signal.signal(number, lambda *_: told.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield told
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
