"""Measure the reconciliation against its peers: ``python -m benchmarks [--sizes 50000 500000] [--runs 3]``.

Ends with status 1 if any contender's findings differ from what was planted.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.contender import CONTENDERS
from benchmarks.generate import Made, make_snapshot
from benchmarks.machine import machine
from benchmarks.measure import Run, measure
from reconciliation.snapshot.manifest import read_manifest, verify_checksums

SIZES = (50_000, 500_000)
ALWAYS = ("splice", "by hand", "pandas")
MOST_RUNS_OF_OTHERS = 2
TARGETS = {0: (1.3, 1_000), 1_000_000: (1.5, 1_500)}
"""From that size on: CPU time against the SQL written by hand, and memory in 10^6 bytes; of the largest size."""
GROWTH = 10.0
"""Of CPU time, for a tenfold size."""


def main() -> int:
    """Run all contenders in turn and print what was measured."""
    options = _options()
    console = Console(width=112)
    console.print(machine())
    runs: list[Run] = []
    for services in sorted(options.sizes):
        started = time.perf_counter()
        made = make_snapshot(options.folder, services)
        ready = time.perf_counter() - started
        console.print(
            f"{services:,} services, {made.lines:,} bill lines, {made.lines / services / 12:.2f} a service and month;"
            f" ready in {ready:.1f} s; its checksums take {_verification(made):.2f} CPU-s"
        )
        for turn in range(options.runs):
            for contender in (*ALWAYS, *options.beside):
                if contender not in ("splice", "by hand") and turn >= MOST_RUNS_OF_OTHERS:
                    continue
                run = measure(contender, made, services, options.folder / "output")
                runs.append(run)
                console.print(
                    f"  {contender:8} wall {run.wall_s:6.2f} s  CPU {run.cpu_s:6.2f} s  peak {run.peak_mb:5.0f} MB"
                    f"  missing {run.missing} extra {run.extra} wrong {run.wrong}"
                )
    console.print(_table(runs))
    for line in _targets(runs):
        console.print(line)
    return 0 if all(run.is_right for run in runs) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES), help="services in each snapshot")
    parser.add_argument("--runs", type=int, default=3, help="runs of each contender at each size, in turn")
    parser.add_argument("--folder", type=Path, default=Path("var/bench"), help="where snapshots are made and kept")
    others = [contender for contender in CONTENDERS if contender not in ALWAYS]
    parser.add_argument("--beside", choices=others, nargs="+", default=[], help="contenders to measure as well")
    return parser.parse_args()


def _verification(made: Made) -> float:
    started = time.process_time()
    verify_checksums(made.snapshot, read_manifest(made.snapshot))
    return time.process_time() - started


def _table(runs: list[Run]) -> Table:
    table = Table(title="median (least) of the runs; CPU and memory of the whole process tree")
    for heading in ("services", "contender", "runs", "wall s", "CPU s", "peak MB", "missing", "extra", "wrong cents"):
        table.add_column(heading, justify="left" if heading == "contender" else "right")
    for services in sorted({run.services for run in runs}):
        for contender in CONTENDERS:
            of = [run for run in runs if (run.services, run.contender) == (services, contender)]
            if not of:
                continue
            table.add_row(
                f"{services:,}",
                contender,
                str(len(of)),
                _median_and_least(run.wall_s for run in of),
                _median_and_least(run.cpu_s for run in of),
                f"{max(run.peak_mb for run in of):.0f}",
                *(str(max(getattr(run, fault) for run in of)) for fault in ("missing", "extra", "wrong")),
            )
    return table


def _median_and_least(values: Iterable[float]) -> str:
    known = list(values)
    return f"{statistics.median(known):.2f} ({min(known):.2f})"


def _targets(runs: list[Run]) -> Iterable[str]:
    sizes = sorted({run.services for run in runs})
    most_cpu, most_mb = TARGETS[max(least for least in TARGETS if least <= sizes[-1])]
    for services in sizes:
        ours = _cpu(runs, "splice", services)
        ratio = ours / _cpu(runs, "by hand", services)
        verdict = f"; {_verdict(ratio <= most_cpu)} {most_cpu}" if services == sizes[-1] else ""
        yield f"{services:,}: CPU of splice / by hand {ratio:.2f}{verdict}"
        for contender in dict.fromkeys(run.contender for run in runs if run.contender not in ("splice", "by hand")):
            yield f"{services:,}: CPU of {contender} / splice {_cpu(runs, contender, services) / ours:.2f}"
    peak = max(run.peak_mb for run in runs if (run.services, run.contender) == (sizes[-1], "splice"))
    yield f"{sizes[-1]:,}: peak of the process tree {peak:.0f} MB; {_verdict(peak < most_mb)} {most_mb} MB"
    if len(sizes) > 1:
        growth = _cpu(runs, "splice", sizes[-1]) / _cpu(runs, "splice", sizes[0])
        bound = GROWTH * sizes[-1] / sizes[0] / 10
        yield f"{sizes[0]:,} to {sizes[-1]:,}: CPU grows x{growth:.1f}; {_verdict(growth <= bound)} x{bound:.0f}"


def _cpu(runs: list[Run], contender: str, services: int) -> float:
    return statistics.median(run.cpu_s for run in runs if (run.contender, run.services) == (contender, services))


def _verdict(holds: bool) -> str:
    return "[green]within[/green]" if holds else "[red]above[/red]"


if __name__ == "__main__":
    sys.exit(main())
