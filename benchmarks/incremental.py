"""Measure a run over one per cent of the accounts against a run over all: ``python -m benchmarks.incremental``.

Both begin with records and end with findings: a snapshot is written, verified and judged. What is told of the
findings beside (``benchmarks.told``) is measured once. Ends with status 1 if the two do not find the same to the
cent, or do not find what was planted.
"""

import argparse
import pickle
import shutil
import statistics
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

from benchmarks.machine import machine
from benchmarks.measure import Spent, run_module
from benchmarks.town_books import planted
from reconciliation.findings import Reconciliation

SERVICES = 500_000
TARGET = 20.0
"""A run over one per cent costs at most one twentieth of a run over all."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One run of each way."""

    whole: Spent
    changes: Spent

    @property
    def cpu_ratio(self) -> float:
        """How many times the processor time of the one is that of the other."""
        return self.whole.cpu_s / self.changes.cpu_s

    @property
    def wall_ratio(self) -> float:
        """The same of the time that passes."""
        return self.whole.wall_s / self.changes.wall_s


def main() -> int:
    """Run both ways in turn and print what was measured."""
    options = _options()
    console = Console(width=112)
    console.print(machine())
    folder: Path = options.folder / f"incremental-{options.services}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    base = _run("base", folder, options.services)
    console.print(f"{options.services:,} services: first run {base.wall_s:.1f} s, CPU {base.cpu_s:.1f} s; beside it")
    run_module(["benchmarks.told", str(folder), str(options.services)], "what is told beside the findings")
    turns: list[Turn] = []
    is_right = True
    for _ in range(options.runs):
        for way in ("whole", "changes"):
            shutil.rmtree(folder / "snapshots" / way, ignore_errors=True)
        before = set((folder / "runs").iterdir())
        turn = Turn(*(_run(way, folder, options.services) for way in ("whole", "changes")))
        for output in set((folder / "runs").iterdir()) - before:
            shutil.rmtree(output)
        turns.append(turn)
        problem = _wrong(folder, options.services)
        is_right = is_right and not problem
        for way, spent in (("whole", turn.whole), ("changes", turn.changes)):
            console.print(
                f"  {way:8} wall {spent.wall_s:6.2f} s  CPU {spent.cpu_s:6.2f} s  peak {spent.peak_mb:5.0f} MB"
            )
        console.print(
            f"  ratio of CPU {turn.cpu_ratio:.1f}, of time {turn.wall_ratio:.1f}; {problem or 'same findings'}"
        )
    ratio = statistics.median(turn.cpu_ratio for turn in turns)
    verdict = "[green]within[/green]" if ratio >= TARGET else "[red]outside[/red]"
    console.print(f"one per cent changed costs 1/{ratio:.1f} of a whole run in CPU; {verdict} 1/{TARGET:.0f}")
    return 0 if is_right else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.incremental", description=__doc__)
    parser.add_argument("--services", type=int, default=SERVICES, help="of the town")
    parser.add_argument("--runs", type=int, default=1, help="runs of each way, in turn")
    parser.add_argument("--folder", type=Path, default=Path("var/bench"), help="where everything is written")
    return parser.parse_args()


def _run(way: str, folder: Path, services: int) -> Spent:
    spent = run_module(["benchmarks.whole_or_changes", way, str(folder), str(services)], way)
    # without what it takes to hand the findings to this process
    return replace(spent, cpu_s=float((folder / f"{way}.cpu").read_text(encoding="utf-8")))


def _wrong(folder: Path, services: int) -> str:
    """What is wrong with the findings; empty where nothing is."""
    whole, changes = (_found(folder, way) for way in ("whole", "changes"))
    if whole != changes:
        return "the two find different things"
    for way, changed in (("base", False), ("whole", True)):
        findings = _found(folder, way).findings
        if (len(findings), sum(one.exposure_minor for one in findings)) != planted(services, changed):
            return f"{way} does not find what was planted"
    return ""


def _found(folder: Path, way: str) -> Reconciliation:
    found: Reconciliation = pickle.loads(  # noqa: S301 - written by our own process
        (folder / f"{way}.found").read_bytes()
    )
    return replace(found, settled={name: minor for name, minor in found.settled.items() if minor})


if __name__ == "__main__":
    sys.exit(main())
