"""A clock that is set by whoever calls, so that work that is done as of another moment still has a length."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

Clock = Callable[[], datetime]
"""Tells the moment each time it is called."""


def running_clock(now: datetime) -> Clock:
    """A clock that shows ``now`` at this very moment and runs on from there, never backwards."""
    began = time.monotonic()
    return lambda: now + timedelta(seconds=time.monotonic() - began)
