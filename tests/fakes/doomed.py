"""What a process works with that is to die: at a point of its way, before or after disk or wire is touched.

Points are of three sides: ``planning`` is the hub's own journal, ``sending`` what changes the world, ``reading`` what
looks at it.
"""

import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from connectors.ports import Look, RawRecord, Receipt, Sink, Write
from provisioning.change import Change
from provisioning.line import FoundDevice, Line, Observation

Side = Literal["planning", "sending", "reading"]
SIDES: tuple[Side, ...] = ("planning", "sending", "reading")


class Killed(BaseException):
    """What nobody catches, as nobody catches a SIGKILL."""


def raise_killed() -> None:
    """Die in the eyes of a test that goes on in the same process."""
    raise Killed


def kill_this_process() -> None:
    """Die by a signal that nobody can catch."""
    os.kill(os.getpid(), signal.SIGKILL)


@dataclass
class Fate:
    """Counts the points that are passed, and strikes at one of them.

    Attributes:
        strikes_at: number of the point, from 1 on; never where it is 0.
        side: whose points count; those of all sides where it is None.
        strike: how.
    """

    strikes_at: int
    side: Side | None = None
    strike: Callable[[], None] = raise_killed
    passed: Counter[Side] = field(default_factory=Counter)

    def point(self, side: Side) -> None:
        self.passed[side] += 1
        counted = self.passed.total() if self.side is None else self.passed[side]
        if counted == self.strikes_at and self.side in (None, side):
            self.strike()

    def between(self, side: Side, call: Callable[[], Any]) -> Any:
        """Pass a point, do something, and pass another."""
        self.point(side)
        found = call()
        self.point(side)
        return found


@dataclass
class DoomedDriver:
    """A driver that is killed before or after it touches the wire."""

    inner: Any
    fate: Fate

    def discover(self) -> Sequence[FoundDevice]:
        return self.fate.between("reading", self.inner.discover)

    def observe(self, line: Line) -> Observation:
        return self.fate.between("reading", lambda: self.inner.observe(line))

    def apply(self, change: Change) -> None:
        self.fate.between("sending", lambda: self.inner.apply(change))

    def close(self) -> None:
        self.inner.close()


@dataclass
class DoomedSink:
    """A sink that is killed before or after it touches the wire."""

    inner: Sink
    fate: Fate

    def send(self, write: Write) -> Receipt:
        return self.fate.between("sending", lambda: self.inner.send(write))

    def observe(self, look: Look) -> RawRecord | None:
        return self.fate.between("reading", lambda: self.inner.observe(look))

    def close(self) -> None:
        self.inner.close()


@dataclass
class DoomedDatabase:
    """A database whose process is killed before a commit, or right after it."""

    inner: Any
    fate: Fate
    reading: Any = field(init=False)

    def __post_init__(self) -> None:
        self.reading = self.inner.reading

    @contextmanager
    def writing(self) -> Iterator[Any]:
        with self.inner.writing() as connection:
            yield connection
            self.fate.point("planning")
        self.fate.point("planning")

    @contextmanager
    def journaling(self) -> Iterator[Any]:
        with self.inner.journaling() as connection:
            yield connection
            self.fate.point("planning")
        self.fate.point("planning")
