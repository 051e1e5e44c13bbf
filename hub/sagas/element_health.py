"""How the elements of the network fare, shared by the threads of a process.

One that does not answer is left alone for a while, so that the sagas of all others go on; one that answers slowly has
so many threads at most. Neither is kept on the disk: another process finds out by itself.
"""

import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from canonical_model.errors import RetryableError

TRIES_BEFORE_REST = 2
"""One lost session says little: elements end them by themselves after a while."""
RESTS = (timedelta(seconds=5), timedelta(seconds=15), timedelta(seconds=60))


@dataclass(frozen=True, slots=True)
class _Silence:
    """An element that does not answer: how often in a row, why, and until when it is left alone."""

    times: int
    why: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Taking:
    """What a thread knows that takes a saga.

    Attributes:
        crowded: access elements that have as many threads as they may have.
        begin: to be called with the element of the saga that was taken.
    """

    crowded: Collection[str]
    begin: Callable[[str], None]


@dataclass(slots=True)
class ElementHealth:
    """Which elements are asked.

    Attributes:
        at_once: how many threads may work at lines of an access element; one where nothing is stated.
    """

    at_once: Mapping[str, int] = field(default_factory=dict)
    _silent: dict[str, _Silence] = field(default_factory=dict)
    _working: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _taking: threading.Lock = field(default_factory=threading.Lock)

    def check(self, element: str, now: datetime) -> None:
        """Pass where an element may be asked; after a rest one thread tries, and the others wait for what it finds.

        Raises:
            RetryableError: it is left alone, since it did not answer a moment ago.
        """
        with self._lock:
            silence = self._silent.get(element)
            if silence is None or silence.times < TRIES_BEFORE_REST:
                return
            if now < silence.until:
                raise RetryableError(f"{silence.why} (left alone until {silence.until:%H:%M:%S} UTC)")
            self._silent[element] = _Silence(silence.times, silence.why, now + RESTS[0])

    def silent(self, element: str, why: str, now: datetime) -> None:
        """An element gave no answer."""
        with self._lock:
            before = self._silent.get(element)
            times = 1 if before is None else before.times + 1
            rest = RESTS[min(max(times - TRIES_BEFORE_REST, 0), len(RESTS) - 1)]
            self._silent[element] = _Silence(times, why, now + rest)

    def answered(self, element: str) -> None:
        """An element has answered."""
        if element in self._silent:
            with self._lock:
                self._silent.pop(element, None)

    @contextmanager
    def taking(self) -> Iterator["Taking"]:
        """One thread at a time takes a saga, so that no two believe that there is room for both."""
        with self._taking:
            with self._lock:
                crowded = {name for name, threads in self._working.items() if threads >= self.at_once.get(name, 1)}
            yield Taking(crowded, self._begin)

    def left(self, element: str) -> None:
        """A thread is through with a line of an access element."""
        with self._lock:
            self._working[element] -= 1

    def _begin(self, element: str) -> None:
        with self._lock:
            self._working[element] += 1
