"""Measure all rules in force over populated views: ``python -m benchmarks.all_rules [--copies 100] [--runs 3]``.

Ends with status 1 if a side finds something else than what is true, or if a rule in force has nothing to find.
"""

import argparse
import shutil
import statistics
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.all_rules.compared import FOUND, RuleCompared, compare
from benchmarks.all_rules.contender import CONTENDERS, STATEMENTS
from benchmarks.all_rules.populated import Populated, populate
from benchmarks.machine import machine
from benchmarks.measure import Spent, run_module

SUBSCRIBERS = 1_500
"""As many as the demo has."""
TARGET = 1.5
"""Of the CPU time of asking alone, against the SQL written by hand."""

Compared = Mapping[str, RuleCompared]


@dataclass(frozen=True, slots=True)
class Run:
    """One run of one contender; those without rules find nothing."""

    contender: str
    spent: Spent
    rules: Compared


def main() -> int:
    """Run all contenders in turn and print what was measured."""
    options = _options()
    console = Console(width=112)
    console.print(machine())
    folder = (options.folder / "all-rules").resolve()
    started = time.perf_counter()
    made = populate(folder / "populated", options.subscribers, options.copies)
    console.print(
        f"{len(made.rules)} rules over {sum(1 for rows in made.rows.values() if rows)} views with"
        f" {sum(made.rows.values()):,} rows: {options.copies} copies of an estate, {made.services:,} services;"
        f" made and proven in {time.perf_counter() - started:.1f} s"
    )
    runs = [
        _run(contender, made.folder, folder / "output", options.statements)
        for _ in range(options.runs)
        for contender in CONTENDERS
    ]
    console.print(_table(runs))
    problems = [*_without_lines(made, runs), *_wrong(runs)]
    for line in (*_lines_of_rules(made, runs[0].rules), *_ratios(runs), *problems):
        console.print(line, highlight=False)
    return 1 if problems else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.all_rules", description=__doc__)
    parser.add_argument("--copies", type=int, default=100, help="how often the estate's views are written")
    parser.add_argument(
        "--subscribers", type=int, default=SUBSCRIBERS, help="of the estate; a small one lacks some mistakes"
    )
    parser.add_argument("--runs", type=int, default=3, help="runs of each contender, in turn")
    parser.add_argument("--folder", type=Path, default=Path("var/bench"), help="where everything is written")
    parser.add_argument("--statements", type=Path, default=STATEMENTS, help="folder with the SQL written by hand")
    return parser.parse_args()


def _run(contender: str, folder: Path, output: Path, statements: Path) -> Run:
    shutil.rmtree(output, ignore_errors=True)
    command = ["benchmarks.all_rules.contender", contender, str(folder), str(output), str(statements.resolve())]
    spent = run_module(command, contender)
    return Run(contender, spent, compare(folder, contender, output) if contender in FOUND else {})


def _table(runs: list[Run]) -> Table:
    table = Table(title="median (least) of the runs; CPU and memory of the whole process tree")
    for heading in ("contender", "wall s", "CPU s", "peak MB"):
        table.add_column(heading, justify="left" if heading == "contender" else "right")
    for contender in CONTENDERS:
        spent = [run.spent for run in runs if run.contender == contender]
        wall, cpu = ([getattr(each, name) for each in spent] for name in ("wall_s", "cpu_s"))
        peak = max(each.peak_mb for each in spent)
        table.add_row(contender, _median_and_least(wall), _median_and_least(cpu), f"{peak:.0f}")
    return table


def _median_and_least(values: list[float]) -> str:
    return f"{statistics.median(values):.2f} ({min(values):.2f})"


def _lines_of_rules(made: Populated, rules: Compared) -> Iterable[str]:
    """How many lines with money each rule has, three rules a row, and what all come to."""
    told = [f"{rule:21} {rules[rule].lines:6,}" for rule in sorted(made.rules) if rule in rules]
    for first in range(0, len(told), 3):
        yield "   ".join(told[first : first + 3])
    lines, cents = (sum(getattr(each, name) for each in rules.values()) for name in ("lines", "cents"))
    yield f"{lines:,} lines, {cents:,} cents"


def _ratios(runs: list[Run]) -> Iterable[str]:
    cpu = {
        contender: statistics.median(run.spent.cpu_s for run in runs if run.contender == contender)
        for contender in CONTENDERS
    }
    asking = {side: cpu[side] - cpu[f"{side}, no rules"] for side in FOUND}
    ratio = asking["splice"] / asking["by hand"]
    verdict = "[green]within[/green]" if ratio <= TARGET else "[red]above[/red]"
    yield (
        f"CPU of asking alone: splice {asking['splice']:.2f} s, by hand {asking['by hand']:.2f} s, ratio {ratio:.2f};"
        f" {verdict} {TARGET}"
    )
    yield f"CPU of the whole processes, views read: ratio {cpu['splice'] / cpu['by hand']:.2f}"


def _without_lines(made: Populated, runs: list[Run]) -> Iterable[str]:
    without = [rule for rule in made.rules if not any(run.rules[rule].lines for run in runs if rule in run.rules)]
    if without:
        yield f"[red]nothing to find for {', '.join(without)}[/red]"


def _wrong(runs: list[Run]) -> Iterable[str]:
    for side in FOUND:
        wrong = {
            rule: each
            for run in runs
            if run.contender == side
            for rule, each in run.rules.items()
            if not each.is_right
        }
        for rule, each in sorted(wrong.items()):
            yield (
                f"[red]{side}, {rule}: of {each.lines} lines {each.missing} missing, {each.extra} extra,"
                f" {each.wrong} of another amount; {each.unproven} subjects with other references[/red]"
            )


if __name__ == "__main__":
    sys.exit(main())
