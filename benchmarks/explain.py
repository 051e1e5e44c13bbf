"""Explain single accounts of a large snapshot: ``python -m benchmarks.explain [--services 2000000]``.

Each by the command itself, `splice explain`, in a process of its own over a workspace in which the snapshot was
reconciled: from the imports to the last line on the screen, the database opened and all checksums verified. Ends with
status 1 where one takes longer than two seconds, or where less is explained than was planted.
"""

import argparse
import sys
from pathlib import Path

import pyarrow.parquet as pq

from benchmarks.generate import make_snapshot
from benchmarks.machine import machine
from benchmarks.measure import run_module
from benchmarks.measured_operator import MARKET
from benchmarks.reconciled import explained_minor, open_reconciled

MOST_S = 2.0
ASKED = 5


def main() -> int:
    """Explain some services with findings and say how long each took."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.explain", description=__doc__)
    parser.add_argument("--services", type=int, default=2_000_000, help="services in the snapshot")
    parser.add_argument("--folder", type=Path, default=Path("var/bench"), help="where snapshots are made and kept")
    options = parser.parse_args()
    print(machine())
    made = make_snapshot(options.folder, options.services)
    truth = pq.read_table(made.truth, filters=[("rule_id", "=", "RL-A01"), ("exposure_class", "=", "recoverable")])
    slowest, wrong = 0.0, 0
    with open_reconciled(made.snapshot, options.folder / "workspace") as archive:
        for row in truth.to_pylist()[:: max(1, truth.num_rows // ASKED)][:ASKED]:
            subject, workspace = row["subject"], str(archive.workspace.resolve())
            asked = ["console.main", "explain", subject, "--market", MARKET.id, "--workspace", workspace]
            spent = run_module(asked, f"explaining {subject}", is_silent=True)
            slowest = max(slowest, spent.wall_s)
            missing = explained_minor(archive, subject)
            wrong += missing < row["exposure_minor"]
            print(
                f"  {subject}: {spent.wall_s:.2f} s, CPU {spent.cpu_s:.2f} s, {spent.peak_mb:.0f} MB, {missing} cents"
            )
    print(f"{options.services:,} services: the slowest took {slowest:.2f} s; the target is {MOST_S:.0f} s")
    if wrong:
        print(f"less was explained than was planted, {wrong} times")
    return int(slowest > MOST_S or wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
