"""Waiting for what another thread or process does, by looking and not by guessing how long it takes."""

import time
from collections.abc import Callable

PATIENCE_S = 180.0
"""After so long it will not come any more, however busy the machine is."""


def wait_until(is_so: Callable[[], object], what: str) -> None:
    """Look until it is so.

    Raises:
        AssertionError: it never was; ``what`` says what.
    """
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline, f"never so within {PATIENCE_S:g} s: {what}"
        time.sleep(0.02)
