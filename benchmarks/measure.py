"""Run a contender as a child process: its time, the processor time and memory of its process tree, its findings."""

import os
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb
import psutil

from benchmarks.generate import Made

SAMPLED_EVERY_S = 0.05


@dataclass(frozen=True, slots=True)
class Spent:
    """What a child process took; attributes as in ``Run``."""

    wall_s: float
    cpu_s: float
    peak_mb: float


@dataclass(frozen=True, slots=True)
class Run:
    """One run of one contender.

    Attributes:
        cpu_s: user and system time of the process and all its descendants.
        peak_mb: largest sum of the proportional set sizes of the process tree, in 10^6 bytes.
        missing: findings of the truth that it did not give; ``extra`` those that it gave beside the truth.
        wrong: findings with another amount.
    """

    contender: str
    services: int
    wall_s: float
    cpu_s: float
    peak_mb: float
    missing: int
    extra: int
    wrong: int

    @property
    def is_right(self) -> bool:
        """Whether it gave the truth, to the cent."""
        return not (self.missing or self.extra or self.wrong)


def measure(contender: str, made: Made, services: int, output: Path) -> Run:
    """Run a contender over a snapshot and compare what it finds with the truth.

    Raises:
        RuntimeError: the contender failed.
    """
    shutil.rmtree(output, ignore_errors=True)
    output.mkdir(parents=True)
    command = ["benchmarks.contender", contender, str(made.snapshot), str(output)]
    spent = run_module(command, f"{contender} on {services} services")
    return Run(
        contender,
        services,
        spent.wall_s,
        spent.cpu_s,
        spent.peak_mb,
        *compare(made.truth, output / "finding.parquet"),
    )


def run_module(command: list[str], named: str, is_silent: bool = False) -> Spent:
    """Run a module of the project with its arguments as a child process.

    Args:
        command: the module and its arguments.
        named: what is run, for messages.
        is_silent: what it prints is thrown away.

    Raises:
        RuntimeError: it failed.
    """
    started = time.perf_counter()
    printed = subprocess.DEVNULL if is_silent else None
    child = subprocess.Popen([sys.executable, "-m", *command], cwd=Path(__file__).parents[1], stdout=printed)
    memory = _Memory(child.pid)
    memory.start()
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - started
    child.returncode = os.waitstatus_to_exitcode(status)
    memory.finish()
    if child.returncode:
        raise RuntimeError(f"{named} ended with {child.returncode}")
    return Spent(wall, usage.ru_utime + usage.ru_stime, memory.peak / 1e6)


def compare(truth: Path, findings: Path) -> tuple[int, int, int]:
    """Findings that are missing, that are too many, and that have another amount."""
    with duckdb.connect() as connection:
        connection.read_parquet(str(truth)).create_view("truth")
        connection.read_parquet(str(findings)).create_view("found")
        row = connection.execute(
            "SELECT count(*) FILTER (f.fingerprint IS NULL), count(*) FILTER (t.fingerprint IS NULL),"
            " count(*) FILTER (t.exposure_minor <> f.exposure_minor)"
            " FROM truth t FULL JOIN found f USING (fingerprint, rule_id, subject, direction, exposure_class)"
        ).fetchone()
    missing, extra, wrong = row or (0, 0, 0)
    return missing, extra, wrong


class _Memory(threading.Thread):
    """Watches what a process and its descendants hold; shared pages count once."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.peak = 0
        self._pid = pid
        self._ended = threading.Event()

    def run(self) -> None:
        while not self._ended.wait(SAMPLED_EVERY_S):
            self.peak = max(self.peak, self._tree())

    def finish(self) -> None:
        self._ended.set()
        self.join()

    def _tree(self) -> int:
        try:
            root = psutil.Process(self._pid)
            return sum(_proportional_bytes(one.pid) for one in (root, *root.children(recursive=True)))
        except psutil.NoSuchProcess:
            return 0


def _proportional_bytes(pid: int) -> int:
    """Proportional set size of one process, 0 if it has ended."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in rollup.splitlines() if line.startswith("Pss:"))
