"""The `splice` command as a process of its own, to be watched, killed, or run beside another one."""

import os
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from signal import Signals
from tempfile import TemporaryDirectory
from typing import Protocol

from console.main import main
from tests.fakes.lumen_valley import LumenValley
from tests.forked import PROCESSES

PATIENCE_S = 600.0


class Placed(Protocol):
    """An operator: its folder, and the variables by which that finds its systems."""

    @property
    def folder(self) -> Path: ...

    @property
    def environment(self) -> dict[str, str]: ...


@dataclass(frozen=True)
class SpliceProcess:
    """A command that was started.

    Attributes:
        process: it.
        told: holds what it prints.
    """

    process: ForkServerProcess
    told: "TemporaryDirectory[str]"

    def poll(self) -> int | None:
        """Its exit status, or the negative signal that killed it; None as long as it runs."""
        return self.process.exitcode

    def send_signal(self, signal: Signals) -> None:
        """Send it a signal."""
        assert self.process.pid is not None
        os.kill(self.process.pid, signal)


def started(operator: Placed, workspace: Path, command: str, *words: str) -> SpliceProcess:
    """A running command of this operator; its modules are loaded, and it begins."""
    where = ["--operator", str(operator.folder), "--workspace", str(workspace)]
    told = TemporaryDirectory(prefix="told-")
    arguments = ([command, *words, *where], dict(os.environ | operator.environment), Path(told.name))
    process = PROCESSES.Process(target=_splice, args=arguments)
    process.start()
    return SpliceProcess(process, told)


def _splice(words: Sequence[str], environment: Mapping[str, str], told: Path) -> None:
    os.environ.clear()
    os.environ.update(environment)
    for number, name in ((1, "output"), (2, "errors")):
        file = os.open(told / name, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(file, number)
        os.close(file)
    sys.argv = ["splice", *words]
    main()


def as_of(operator: LumenValley) -> list[str]:
    """The option by which a command works at the moment of the estate."""
    return ["--as-of", f"{operator.estate.as_of:%Y-%m-%dT%H:%M:%S}"]


def ended(running: SpliceProcess) -> tuple[int, str, str]:
    """Exit status, output and errors of a command, waited for."""
    running.process.join(PATIENCE_S)
    status = running.process.exitcode
    assert status is not None, "it has not ended"
    files = [Path(running.told.name, name) for name in ("output", "errors")]
    output, errors = (file.read_text(encoding="utf-8") if file.exists() else "" for file in files)
    running.told.cleanup()
    return status, output, errors


def killed(running: SpliceProcess, after_s: float) -> None:
    """Kill a command that was started after a while, unless it has ended by then."""
    running.process.join(after_s)
    running.process.kill()
    ended(running)


def timed(running: SpliceProcess) -> float:
    """Seconds that a command takes until it ends well."""
    began = time.monotonic()
    status, output, errors = ended(running)
    assert status == 0, output + errors
    return time.monotonic() - began
