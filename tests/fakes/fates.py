"""A process that is killed wherever it touches disk or wire: a driver and a database that count, and strike once."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from provisioning.change import Change
from provisioning.line import FoundDevice, Line, Observation


class Killed(BaseException):
    """What nobody catches, as nobody catches a SIGKILL."""


@dataclass
class Fate:
    """Counts the points and strikes at one of them."""

    strikes_at: int
    passed: int = 0

    def point(self) -> None:
        self.passed += 1
        if self.passed == self.strikes_at:
            raise Killed


@dataclass
class DoomedDriver:
    """A driver that is killed before or after it touches the wire."""

    inner: Any
    fate: Fate

    def discover(self) -> Sequence[FoundDevice]:
        return self._between(self.inner.discover)

    def observe(self, line: Line) -> Observation:
        return self._between(lambda: self.inner.observe(line))

    def apply(self, change: Change) -> None:
        self._between(lambda: self.inner.apply(change))

    def close(self) -> None:
        """Nothing is open."""

    def _between(self, call: Callable[[], Any]) -> Any:
        self.fate.point()
        found = call()
        self.fate.point()
        return found


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
            self.fate.point()
        self.fate.point()

    @contextmanager
    def journaling(self) -> Iterator[Any]:
        with self.inner.journaling() as connection:
            yield connection
            self.fate.point()
        self.fate.point()
