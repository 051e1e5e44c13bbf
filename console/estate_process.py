"""The simulated estate in a process of its own, so that nothing of the hub can look at its ledger."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from canonical_model.errors import UnsafeToContinue


@dataclass(frozen=True, slots=True)
class EstateProcess:
    """A running estate.

    Attributes:
        as_of: the moment its systems show.
        variables: environment variables by which the example operator finds them.
    """

    as_of: datetime
    variables: Mapping[str, str]
    _process: subprocess.Popen[str]

    @classmethod
    def started(cls, process: subprocess.Popen[str]) -> Self:
        """Wait until the systems listen."""
        told = _heard(process)
        return cls(datetime.fromisoformat(told["as_of"]), told["variables"], process)

    def ledger(self) -> list[dict[str, Any]]:
        """The true ledger; to be asked for when all findings are stored, and not before."""
        if self._process.stdin is None:
            raise UnsafeToContinue("the estate takes no questions: its input is closed")
        self._process.stdin.write("ledger\n")
        self._process.stdin.flush()
        entries: list[dict[str, Any]] = _heard(self._process)
        return entries


@contextmanager
def running_estate(subscribers: int, months: int, seed: int, faults: str) -> Iterator[EstateProcess]:
    """Start the estate, and stop it at the end of the block.

    Raises:
        UnsafeToContinue: it did not start; its own message stands on the terminal.
    """
    command = [sys.executable, "-m", "console.main", "estate", "serve", "--dialogue"]
    command += ["--subscribers", str(subscribers), "--months", str(months), "--seed", str(seed), "--faults", faults]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield EstateProcess.started(process)
        finally:
            if process.stdin is not None:
                process.stdin.close()
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                process.kill()


def _heard(process: subprocess.Popen[str]) -> Any:
    line = process.stdout.readline() if process.stdout is not None else ""
    if not line:
        raise UnsafeToContinue("the simulated estate did not start, or ended; its message stands above")
    return json.loads(line)
