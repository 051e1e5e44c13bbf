"""On what a figure was measured: hosts are shared, and what one core does differs by half from hour to hour."""

import os
import platform
import time

_ROUNDS = 2_000_000
_TRIES = 3


def machine() -> str:
    """System, cores, load, and the processor time of a fixed loop: figures are compared where that is the same."""
    fixed = f"a fixed loop in {_fixed_loop_ms()} ms"
    return f"{platform.platform()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {fixed}"


def _fixed_loop_ms() -> int:
    """The least processor time of a few tries."""
    return min(_loop_ms() for _ in range(_TRIES))


def _loop_ms() -> int:
    began, found = time.process_time_ns(), 0
    for number in range(_ROUNDS):
        found += number * number % 7
    return (time.process_time_ns() - began) // 1_000_000
