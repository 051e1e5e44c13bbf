"""Explain single accounts of a large snapshot: ``python -m benchmarks.explain [--services 2000000]``.

Each in a process of its own, as `splice explain` does it: from the imports on, all checksums verified. Ends with
status 1 where one takes longer than two seconds, or where less is explained than was planted.
"""

import argparse
import os
import platform
import sys
from pathlib import Path

import pyarrow.parquet as pq

from benchmarks.generate import make_snapshot
from benchmarks.measure import run_module

MOST_S = 2.0
ASKED = 5


def main() -> int:
    """Explain some services with findings and say how long each took."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.explain", description=__doc__)
    parser.add_argument("--services", type=int, default=2_000_000, help="services in the snapshot")
    parser.add_argument("--folder", type=Path, default=Path("var/bench"), help="where snapshots are made and kept")
    options = parser.parse_args()
    print(f"{platform.platform()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    made = make_snapshot(options.folder, options.services)
    truth = pq.read_table(made.truth, filters=[("rule_id", "=", "RL-A01"), ("exposure_class", "=", "recoverable")])
    slowest = 0.0
    for row in truth.to_pylist()[:: max(1, truth.num_rows // ASKED)][:ASKED]:
        asked = ["benchmarks.explain_one", str(made.snapshot), row["subject"], str(row["exposure_minor"])]
        spent = run_module(asked, f"explaining {row['subject']}")
        slowest = max(slowest, spent.wall_s)
        print(f"  {row['subject']}: {spent.wall_s:.2f} s, CPU {spent.cpu_s:.2f} s, {spent.peak_mb:.0f} MB")
    print(f"{options.services:,} services: the slowest took {slowest:.2f} s; the target is {MOST_S:.0f} s")
    return int(slowest > MOST_S)


if __name__ == "__main__":
    sys.exit(main())
