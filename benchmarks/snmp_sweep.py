"""Measure a sweep over SNMP: ``python -m benchmarks.snmp_sweep [--rows 100000]``.

snmpd serves a table of five columns; net-snmp's snmpbulkwalk, splice, and the two libraries that splice is made of
read it in turn, each in a process of its own. Ends with status 1 if any of them gets other rows than the agent has,
and with status 0 and a remark where snmpd is not installed.
"""

import argparse
import json
import os
import shutil
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

from benchmarks.machine import machine
from benchmarks.measure import run_module
from benchmarks.snmp_agent import LINES, MOST_ROWS, OIDS, long_table
from benchmarks.snmp_sweeper import Swept

RATIO, CPU_RATIO, GROWTH = 2.0, 3.0, 1.25
"""Targets: time and processor time against snmpbulkwalk, and memory for five times the rows.

Other work on the machine shows in the time, and hardly in the processor time.
"""
SLOW_ROWS = 5 * LINES
"""Rows that pysnmp alone is asked for, and the libraries beside it; the whole table would take it minutes."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """One sweep: rows of the table, the time from the imports to the last row, the memory of its process."""

    sweeper: str
    login: str
    rows: int
    swept: Swept
    peak_mb: float

    @property
    def is_right(self) -> bool:
        """Whether it got every row once."""
        return (self.swept.rows, self.swept.total) == (self.rows, self.rows * (self.rows + 1) // 2)


def main() -> int:
    """Run all in turn and print what was measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.snmp_sweep", description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000, help=f"devices of the agent, a multiple of {5 * LINES}")
    parser.add_argument("--runs", type=int, default=3, help="sweeps of each, in turn")
    parser.add_argument("--repetitions", type=int, default=25, help="values in one answer")
    options = parser.parse_args()
    if options.rows % (5 * LINES) or not 0 < options.rows <= MOST_ROWS:
        parser.error(f"--rows is a multiple of {5 * LINES} up to {MOST_ROWS}")
    console = Console(width=112)
    if not shutil.which("snmpbulkwalk"):
        console.print("net-snmp is not installed (Debian: snmpd snmp): sweeps are not measured")
        return 0
    console.print(machine())
    contenders = ("snmpbulkwalk", "splice", "gufo-snmp")
    sweeps = [
        *measured(options.rows // 5, ("splice",), ("v2c",), 1, options.repetitions),
        *measured(options.rows, contenders, ("v2c", "v3"), options.runs, options.repetitions),
        *measured(SLOW_ROWS, ("gufo-snmp", "pysnmp"), ("v2c", "v3"), 1, options.repetitions),
    ]
    console.print(_table(sweeps))
    console.print(f"load at the end {os.getloadavg()[0]:.1f}")
    for line in targets(sweeps, options.rows):
        console.print(line)
    return 0 if all(sweep.is_right for sweep in sweeps) else 1


def measured(
    rows: int, sweepers: Sequence[str], logins: Sequence[str], runs: int, repetitions: int = 25
) -> list[Sweep]:
    """Serve so many rows and let each sweeper read them."""
    with TemporaryDirectory() as folder, long_table(Path(folder), rows) as address:
        return [
            _sweep(sweeper, login, rows, address, repetitions)
            for _ in range(runs)
            for login in logins
            for sweeper in sweepers
        ]


def _sweep(sweeper: str, login: str, rows: int, address: str, repetitions: int) -> Sweep:
    with TemporaryDirectory() as folder:
        told = Path(folder) / "told.json"
        command = ["benchmarks.snmp_sweeper", sweeper, login, address, str(repetitions), str(told)]
        spent = run_module(command, sweeper)
        swept = Swept(**json.loads(told.read_text(encoding="utf-8")))
    return Sweep(sweeper, login, rows, swept, spent.peak_mb)


def _table(sweeps: list[Sweep]) -> Table:
    table = Table(title=f"median (least) of the sweeps over {len(OIDS)} columns")
    for heading in ("rows", "login", "by", "wall s", "CPU s", "values / CPU s", "peak MB", "rows right"):
        table.add_column(heading, justify="right")
    for rows, login, sweeper in dict.fromkeys((sweep.rows, sweep.login, sweep.sweeper) for sweep in sweeps):
        of = [sweep for sweep in sweeps if (sweep.rows, sweep.login, sweep.sweeper) == (rows, login, sweeper)]
        walls, cpus = [sweep.swept.wall_s for sweep in of], [sweep.swept.cpu_s for sweep in of]
        table.add_row(
            f"{rows:,}",
            login,
            sweeper,
            f"{statistics.median(walls):.2f} ({min(walls):.2f})",
            f"{statistics.median(cpus):.2f} ({min(cpus):.2f})",
            f"{of[0].swept.values / min(cpus):,.0f}",
            f"{max(sweep.peak_mb for sweep in of):.0f}",
            "yes" if all(sweep.is_right for sweep in of) else "NO",
        )
    return table


def targets(sweeps: list[Sweep], rows: int) -> list[str]:
    """The least of each is compared: what else the machine does only ever adds."""

    def of(sweeper: str, login: str, size: int) -> list[Sweep]:
        return [one for one in sweeps if (one.sweeper, one.login, one.rows) == (sweeper, login, size)]

    def least(sweeper: str, login: str) -> tuple[float, float]:
        found = of(sweeper, login, rows)
        return min(one.swept.wall_s for one in found), min(one.swept.cpu_s for one in found)

    lines = []
    for login in ("v2c", "v3"):
        for sweeper in ("splice", "gufo-snmp"):
            (wall, cpu), (bare_wall, bare_cpu) = least(sweeper, login), least("snmpbulkwalk", login)
            told = f"{rows:,} by {login}: {sweeper} / snmpbulkwalk: time {wall / bare_wall:.2f}"
            if sweeper == "splice":
                told += f", {_verdict(wall / bare_wall <= RATIO)} {RATIO}; processor time {cpu / bare_cpu:.2f}, "
                told += f"{_verdict(cpu / bare_cpu <= CPU_RATIO)} {CPU_RATIO}"
            else:
                told += f"; processor time {cpu / bare_cpu:.2f}"
            lines.append(told)
    few, many = of("splice", "v2c", rows // 5), of("splice", "v2c", rows)
    growth = max(one.peak_mb for one in many) / max(one.peak_mb for one in few)
    lines.append(f"{rows // 5:,} to {rows:,}: memory grows x{growth:.2f}; {_verdict(growth <= GROWTH)} x{GROWTH}")
    for login in ("v2c", "v3"):
        fast, slow = of("gufo-snmp", login, SLOW_ROWS), of("pysnmp", login, SLOW_ROWS)
        less = slow[-1].swept.cpu_s / fast[-1].swept.cpu_s
        lines.append(f"{SLOW_ROWS:,} by {login}: gufo-snmp takes 1/{less:.0f} of the processor time of pysnmp")
    return lines


def _verdict(holds: bool) -> str:
    return "[green]within[/green]" if holds else "[red]above[/red]"


if __name__ == "__main__":
    sys.exit(main())
