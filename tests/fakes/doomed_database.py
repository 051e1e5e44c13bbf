"""A database whose process is killed before one of its commits, or right after it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


class Killed(BaseException):
    """What nobody catches, as nobody catches a SIGKILL."""


@dataclass
class DoomedDatabase:
    """Counts the points before and after each commit, and strikes at one of them."""

    inner: Any
    strikes_at: int
    passed: int = 0
    reading: Any = field(init=False)

    def __post_init__(self) -> None:
        self.reading = self.inner.reading

    @contextmanager
    def writing(self) -> Iterator[Any]:
        with self.inner.writing() as connection:
            yield connection
            self._point()
        self._point()

    @contextmanager
    def journaling(self) -> Iterator[Any]:
        with self.inner.journaling() as connection:
            yield connection
            self._point()
        self._point()

    def _point(self) -> None:
        self.passed += 1
        if self.passed == self.strikes_at:
            raise Killed
