"""Answers are read to a bound: of octets once they are unpacked, and of time for the whole of one.

An answer is held in memory, and a few kilobytes of it may unpack to gigabytes; and one that drips in octet by octet
never runs into a time-out that counts from octet to octet.
"""

import time
from collections.abc import Iterable

from canonical_model.errors import ConfigurationError
from connectors.ports import Option, SystemSettings

LARGEST_ANSWER = Option("largest_answer_mb", "megabytes of one answer at the most, unpacked (default 256)")
TIMES_THE_TIME_OUT = 20
"""Times the time-out of the system that a whole answer may take."""


class BoundsError(Exception):
    """An answer went beyond its bounds; ``http_errors`` and ``write_errors`` know it."""


class TooLargeError(BoundsError):
    """It is larger than ``largest_answer_mb``."""


class TooSlowError(BoundsError):
    """It drips in, and does not come to its end."""


def largest_answer(settings: SystemSettings) -> int:
    """Octets of one answer at the most.

    Raises:
        ConfigurationError: the option is no whole number between 1 and 4096.
    """
    value = settings.options.get("largest_answer_mb", 256)
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 4096:
        raise ConfigurationError(f"system {settings.name}: options: largest_answer_mb is 1 to 4096")
    return value * 1_000_000


def gathered(pieces: Iterable[bytes], most_bytes: int, timeout_s: float) -> bytes:
    """The pieces of a body as one.

    Raises:
        TooLargeError, TooSlowError: a bound is crossed.
    """
    ends = time.monotonic() + TIMES_THE_TIME_OUT * timeout_s
    held: list[bytes] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size > most_bytes:
            raise TooLargeError(f"more than {most_bytes // 1_000_000} MB")
        if time.monotonic() > ends:
            raise TooSlowError(f"not whole after {TIMES_THE_TIME_OUT * timeout_s:g} s")
    return b"".join(held)
