"""Bells: how the threads of a worker process wake each other."""

from threading import Condition


class Bell:
    """Wakes whoever waits; one that rings while nobody waits is heard by the next who would."""

    def __init__(self) -> None:
        self._condition = Condition()
        self._rung = 0
        self._waiting = 0

    @property
    def is_waited_for(self) -> bool:
        """Whether anybody rests until it rings."""
        return self._waiting > 0

    def ring(self) -> None:
        """Wake everybody who waits."""
        with self._condition:
            self._rung += 1
            self._condition.notify_all()

    def rung(self) -> int:
        """How often it has rung; asked before one looks for work, and handed to ``wait`` where there is none."""
        return self._rung

    def wait(self, since: int) -> None:
        """Return once it has rung more often than it had."""
        with self._condition:
            self._waiting += 1
            self._condition.wait_for(lambda: self._rung != since)
            self._waiting -= 1
