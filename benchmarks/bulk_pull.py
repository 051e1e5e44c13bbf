"""Measure a pull by the Bulk API against the bare library: ``python -m benchmarks.bulk_pull [--rows 200000]``.

A simulated org serves accounts; splice and simple-salesforce read them in turn, each in a process of its own. Ends
with status 1 if either gets other records than the org holds.
"""

import argparse
import json
import statistics
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

from benchmarks.bulk_puller import PULLERS, Pulled
from benchmarks.machine import machine
from benchmarks.measure import run_module
from simulated_estate.books import Books, Row
from simulated_estate.servers.serve import RunningEstate, serve_estate

START = datetime(2026, 1, 1, tzinfo=UTC)
RATIO, GROWTH = 1.5, 1.25
"""Targets: time against the bare library, and memory for four times the rows."""


@dataclass(frozen=True, slots=True)
class Pull:
    """One pull: the time and processor time from the imports to the last record, the memory of its process."""

    puller: str
    rows: int
    wall_s: float
    cpu_s: float
    peak_mb: float
    is_right: bool


def main() -> int:
    """Run both in turn, at a quarter of the rows and at all, and print what was measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bulk_pull", description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000, help="records in the org")
    parser.add_argument("--runs", type=int, default=3, help="pulls of each at each size, in turn")
    options = parser.parse_args()
    console = Console(width=112)
    console.print(machine())
    sizes = (options.rows // 4, options.rows)
    pulls = [pull for rows in sizes for pull in measured(rows, options.runs)]
    console.print(_table(pulls, sizes))
    for line in targets(pulls, sizes):
        console.print(line)
    return 0 if all(pull.is_right for pull in pulls) else 1


def measured(rows: int, runs: int) -> list[Pull]:
    """Serve so many accounts and let each puller read them."""
    accounts = [account(number) for number in range(rows)]
    truth = Pulled(rows, sum(int(row["Credit__c"] * 100) for row in accounts), 0.0, 0.0)
    with serve_estate(Books(crm={"Account": accounts})) as estate:
        return [_pull(puller, estate, truth) for _ in range(runs) for puller in PULLERS]


def account(number: int) -> Row:
    """An account of ten fields; some with line breaks and quotes, some with nothing."""
    return {
        "Id": f"001LV{number:010d}AAA",
        "Name": f'Household "{number}", Elm Street' if number % 10 else f"Household\n{number}",
        "AccountNumber": f"LV-{number:07d}",
        "Market__c": ("Riverbend", "Mesa", "Northshore")[number % 3],
        "Credit__c": Decimal(number % 100_000) / 100,
        "Active__c": number % 7 != 0,
        "Since__c": date(2020, 1, 1) + timedelta(days=number % 2000),
        "Note__c": None if number % 2 else "prefers mornings",
        "IsDeleted": False,
        "SystemModstamp": START + timedelta(seconds=number),
    }


def _pull(puller: str, estate: RunningEstate, truth: Pulled) -> Pull:
    with TemporaryDirectory() as folder:
        told = Path(folder) / "told.json"
        known = estate.credentials["crm"]
        command = ["benchmarks.bulk_puller", puller, estate.addresses["crm"], str(told)]
        spent = run_module([*command, known["consumer_key"], known["consumer_secret"]], puller)
        pulled = Pulled(**json.loads(told.read_text(encoding="utf-8")))
    is_right = (pulled.rows, pulled.cents) == (truth.rows, truth.cents)
    return Pull(puller, truth.rows, pulled.wall_s, pulled.cpu_s, spent.peak_mb, is_right)


def _table(pulls: list[Pull], sizes: tuple[int, ...]) -> Table:
    table = Table(title="median (least) of the pulls")
    for heading in ("rows", "by", "wall s", "CPU s", "peak MB", "records right"):
        table.add_column(heading, justify="right")
    for rows in sizes:
        for puller in PULLERS:
            of = [pull for pull in pulls if (pull.rows, pull.puller) == (rows, puller)]
            walls, cpus = [pull.wall_s for pull in of], [pull.cpu_s for pull in of]
            table.add_row(
                f"{rows:,}",
                puller,
                f"{statistics.median(walls):.2f} ({min(walls):.2f})",
                f"{statistics.median(cpus):.2f} ({min(cpus):.2f})",
                f"{max(pull.peak_mb for pull in of):.0f}",
                "yes" if all(pull.is_right for pull in of) else "NO",
            )
    return table


def targets(pulls: list[Pull], sizes: tuple[int, ...]) -> list[str]:
    """The least of each is compared: what else the machine does only ever adds."""

    def of(puller: str, rows: int) -> list[Pull]:
        return [pull for pull in pulls if (pull.puller, pull.rows) == (puller, rows)]

    splice, bare = of("splice", sizes[-1]), of("bare", sizes[-1])
    wall = min(pull.wall_s for pull in splice) / min(pull.wall_s for pull in bare)
    cpu = min(pull.cpu_s for pull in splice) / min(pull.cpu_s for pull in bare)
    growth = max(pull.peak_mb for pull in splice) / max(pull.peak_mb for pull in of("splice", sizes[0]))
    return [
        f"{sizes[-1]:,}: wall of splice / bare {wall:.2f}; {_verdict(wall <= RATIO)} {RATIO}; CPU {cpu:.2f}",
        f"{sizes[0]:,} to {sizes[-1]:,}: memory grows x{growth:.2f}; {_verdict(growth <= GROWTH)} x{GROWTH}",
    ]


def _verdict(holds: bool) -> str:
    return "[green]within[/green]" if holds else "[red]above[/red]"


if __name__ == "__main__":
    sys.exit(main())
