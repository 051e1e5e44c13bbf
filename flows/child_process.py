"""A program that runs beside us: started with a log file, stopped by its process id, with all that it started."""

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from canonical_model.errors import RetryableError

LINES_SHOWN = 15
KILL_WAIT_S = 10.0


@dataclass(frozen=True, slots=True)
class Child:
    """A running program.

    Attributes:
        name: as a message calls it.
        log: file with all that it prints.
    """

    name: str
    process: "subprocess.Popen[bytes]"
    log: Path

    @property
    def is_running(self) -> bool:
        """Whether it has not ended yet."""
        return self.process.poll() is None

    def must_run(self) -> None:
        """Notice that it ended by itself.

        Raises:
            RetryableError: it did; the message holds the last lines of its log.
        """
        status = self.process.poll()
        if status is not None:
            raise RetryableError(f"{self.name} ended with status {status}; {self.said()}")

    def ask_to_end(self) -> None:
        """Tell it to end in order, and do not wait; one that has ended is left alone."""
        if self.is_running:
            self.process.terminate()

    def said(self) -> str:
        """Where its log is, and the end of it."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-LINES_SHOWN:]
        return "\n".join([f"the end of {self.log}:", *lines])


@contextmanager
def child(
    name: str, command: Sequence[str], environment: Mapping[str, str], log: Path, patience_s: float
) -> Iterator[Child]:
    """Run a program until the block is left; then it gets SIGTERM and, out of patience, its group SIGKILL.

    It has a session of its own, so that Ctrl-C in a terminal reaches only us and we end things in order.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield Child(name, process, log)
    finally:
        _end(process, patience_s)


def _end(process: "subprocess.Popen[bytes]", patience_s: float) -> None:
    if process.poll() is None:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(patience_s)
    try:
        os.killpg(process.pid, signal.SIGKILL)  # also whatever it started and left behind
    except ProcessLookupError:
        return
    process.wait(KILL_WAIT_S)
