"""Measure what a subscriber takes on the disk: ``python -m benchmarks.storage_size [--subscribers 1000]``.

The example operator is pulled into an empty SQLite file and into an empty PostgreSQL, pulled again where nothing has
changed, and each market is reconciled. What tables and folders take is told by family, for each subscriber. Ends with
status 1 where both databases do not hold the same rows.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

from benchmarks.both_databases import both_databases
from benchmarks.machine import machine
from benchmarks.table_sizes import growth, row_numbers, table_bytes
from hub.reconcile import reconcile_market
from hub.sync import sync_system
from hub.workplace import Hub
from storage.schema.canonical import CANONICAL_TABLES
from tests.fakes.lumen_valley import LumenValley, change, lumen_valley

RECORDS = {table.name for table in CANONICAL_TABLES.values()}
FAMILIES: dict[str, Callable[[str], bool]] = {
    "raw records as they were read (landing)": lambda name: name == "landing",
    "bill lines (charge_line)": lambda name: name == "charge_line",
    "other canonical records with their history": lambda name: name in RECORDS and name != "charge_line",
    "all else": lambda name: name not in RECORDS and name != "landing",
}


def main() -> int:
    """Measure on both databases and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--subscribers", type=int, default=1000)
    parser.add_argument("--months", type=int, default=12)
    options = parser.parse_args()
    print(machine())
    rows = []
    with ExitStack() as stack:
        addresses = stack.enter_context(both_databases())
        for kind, address in addresses.items():
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            with lumen_valley(folder / "operator", options.subscribers, options.months) as operator:
                if address is not None:
                    change(operator.folder / "operator.yaml", r"\nlimits:", f"\ndatabase: {address}\nlimits:")
                with operator.hub(folder / "work") as hub:
                    rows.append(_measured(kind, operator, hub, options.subscribers))
    is_well = "postgresql" in addresses and all(each == rows[0] for each in rows)
    print("both databases hold the same rows" if is_well else "NOT the same rows in both databases")
    return 0 if is_well else 1


def _measured(kind: str, operator: LumenValley, hub: Hub, subscribers: int) -> dict[str, int]:
    now = operator.estate.as_of
    empty = table_bytes(hub.database)
    began = time.process_time()
    _pull(hub, operator, timedelta())
    took = time.process_time() - began
    pulled = table_bytes(hub.database)
    rows = row_numbers(hub.database, pulled)
    _tell(f"{kind}: pulled for the first time", growth(empty, pulled), rows, subscribers)
    print(f"  {took * 1000 / subscribers:.1f} ms of processor time each, the simulated systems included")
    _pull(hub, operator, timedelta(hours=1))
    again = table_bytes(hub.database)
    print(f"  pulled again, nothing has changed: {sum(growth(pulled, again).values()) / subscribers:,.0f} bytes each")
    for market in hub.operator.markets:
        reconcile_market(hub, market, now, now)
    judged = growth(again, table_bytes(hub.database))
    print(f"  reconciled once, database: {sum(judged.values()) / subscribers:,.0f} bytes each")
    for name in ("snapshots", "runs", "reports"):
        print(f"  reconciled once, {name}: {_folder_bytes(hub.workspace / name) / subscribers:,.0f} bytes each")
    return rows


def _pull(hub: Hub, operator: LumenValley, later: timedelta) -> None:
    for system in hub.operator.file.systems:
        if hub.operator.mappings.get(system):
            sync_system(hub, system, operator.estate.as_of + later)


def _tell(title: str, grown: Mapping[str, int], rows: Mapping[str, int], subscribers: int) -> None:
    print(f"{title}: {sum(grown.values()) / subscribers:,.0f} bytes a subscriber")
    for family, belongs in FAMILIES.items():
        size = sum(each for name, each in grown.items() if belongs(name))
        number = sum(each for name, each in rows.items() if belongs(name))
        print(
            f"  {family:<46} {number / subscribers:7.1f} rows, {size / subscribers:9,.0f} bytes each subscriber,"
            f" {size / max(number, 1):7,.0f} a row"
        )


def _folder_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


if __name__ == "__main__":
    sys.exit(main())
