"""The `splice` command as a process of its own, to be watched, killed, or run beside another one."""

import os
import subprocess
import sys
import time
from pathlib import Path

from tests.fakes.lumen_valley import LumenValley

_SPLICE = "import console.sync; from console.main import main; print('ready', flush=True); main()"
PATIENCE_S = 600.0


def started(operator: LumenValley, workspace: Path, command: str, *words: str) -> "subprocess.Popen[str]":
    """A running command of this operator; it has printed a line once its modules are loaded and it begins."""
    where = ["--operator", str(operator.folder), "--workspace", str(workspace)]
    process = subprocess.Popen(
        [sys.executable, "-c", _SPLICE, command, *words, *where],
        env=os.environ | operator.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    return process


def as_of(operator: LumenValley) -> list[str]:
    """The option by which a command works at the moment of the estate."""
    return ["--as-of", f"{operator.estate.as_of:%Y-%m-%dT%H:%M:%S}"]


def ended(process: "subprocess.Popen[str]") -> tuple[int, str, str]:
    """Exit status, output and errors of a command, waited for."""
    output, errors = process.communicate(timeout=PATIENCE_S)
    return process.returncode, output, errors


def killed(process: "subprocess.Popen[str]", after_s: float) -> None:
    """Kill a command that was started after a while, unless it has ended by then."""
    try:
        process.wait(timeout=after_s)
    except subprocess.TimeoutExpired:
        process.kill()
    process.communicate(timeout=PATIENCE_S)


def timed(process: "subprocess.Popen[str]") -> float:
    """Seconds that a command takes until it ends well."""
    began = time.monotonic()
    status, output, errors = ended(process)
    assert status == 0, output + errors
    return time.monotonic() - began
