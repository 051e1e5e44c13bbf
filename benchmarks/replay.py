"""How many orders a second a hand-off is replayed over: ``python -m benchmarks.replay [--subscribers 20000]``.

A year of the example operator's riverbend is written as a snapshot, with an inventory that agrees with its network,
and each hand-off is replayed over all of its orders. Ends with status 1 where one is slower than ``LEAST``.
"""

import argparse
import statistics
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.machine import machine
from canonical_model.intervals import DateInterval
from handoffs.stages import HANDOFFS
from hub.operator_folder.comparisons_folder import shipped_comparisons
from hub.operator_folder.load import load_operator
from hub.takeover.shadow.replay import replay_snapshot
from hub.takeover.shadow.tables import market_tables
from reconciliation.snapshot.manifest import Feed, Manifest, read_manifest
from reconciliation.snapshot.write import SnapshotRequest, write_snapshot
from simulated_estate.estate import build_estate
from tests.fakes.estate_plant_records import plant_records
from tests.fakes.estate_records import estate_records
from tests.fakes.judged_estate import CATALOGUE, MARKETS, ROLES, estate_months, in_market
from tests.fakes.lumen_valley import FOLDER
from tests.fakes.shipped_rules import rules_text
from tests.fakes.small_operator import batches_by_entity

MARKET = MARKETS[0]
LEAST = 1_000
"""Orders in a second of CPU time."""


def main() -> int:
    """Replay every hand-off, and print what was measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.replay", description=__doc__)
    parser.add_argument("--subscribers", type=int, default=20_000, help="of the whole estate; a third is replayed")
    parser.add_argument("--months", type=int, default=12)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    print(machine())
    with TemporaryDirectory() as folder:
        snapshot = Path(folder) / MARKET.id
        manifest = _snapshot(snapshot, options.subscribers, options.months)
        return 0 if _measured(snapshot, manifest, options.runs) else 1


def _snapshot(folder: Path, subscribers: int, months: int) -> Manifest:
    estate = build_estate(subscribers, months=months, seed=1)
    own = estate_records(estate)
    records = in_market([*own, *plant_records(estate)], MARKET.id)
    feeds = tuple(Feed(role=role, system=role, stream="all", last_success_at=estate.as_of) for role in ROLES)
    asked = SnapshotRequest(
        "Lumen Valley", MARKET, estate.as_of, CATALOGUE, rules_text(), {}, feeds, months=estate_months(estate)
    )
    write_snapshot(folder, asked, batches_by_entity(records))
    return read_manifest(folder)


def _measured(snapshot: Path, manifest: Manifest, runs: int) -> bool:
    tables, slowest = market_tables(MARKET, load_operator(FOLDER)), float("inf")
    period = DateInterval(MARKET.local_date(manifest.as_of).replace(year=2000), manifest.period_to)
    for handoff in HANDOFFS:
        walls, cpus, report = [], [], None
        for _ in range(runs):
            began = time.process_time()
            report = replay_snapshot(snapshot, manifest, tables, shipped_comparisons()[handoff], handoff, period)
            cpus.append(time.process_time() - began)
            walls.append(report.seconds)
        if report is None:
            continue
        rate = report.orders / statistics.median(cpus)
        slowest = min(slowest, rate)
        print(
            f"{handoff:24} {report.orders:7,} orders  wall {statistics.median(walls):6.2f} s"
            f"  CPU {statistics.median(cpus):6.2f} s  {rate:7,.0f} orders a CPU second"
        )
    return slowest >= LEAST


if __name__ == "__main__":
    sys.exit(main())
