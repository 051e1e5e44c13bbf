"""The comparison alone, beside datacompy: ``python -m benchmarks.compare_step [--services 500000]``.

What should be on the bills and what is, summed to the cent by service, charge and month, lies in two files; each way
reads both and says how many cells differ and by how much money. datacompy gets an environment of its own under the
folder of the benchmarks. Ends with status 1 where two ways do not say the same.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import duckdb

from benchmarks.generate import make_snapshot
from benchmarks.handwritten import SERVICE_TABLES, SMALL_TABLES, script_of
from benchmarks.machine import machine

DATACOMPY = ("datacompy==1.1.0", "pandas==3.0.6", "polars==1.44.2", "pyarrow==26.0.1")
RUNS = 3
_CELL = "service_id, charge_id, period_id"
_DIFFERENCES = f"""
SELECT count(*), sum(cents)::BIGINT
FROM (SELECT sum(cents) AS cents
      FROM (SELECT {_CELL}, cents FROM 'expected.parquet' UNION ALL SELECT {_CELL}, -cents FROM 'billed.parquet')
      GROUP BY {_CELL}
      HAVING sum(cents) <> 0)
"""


def main() -> int:
    """Compare in each way in turn and say what it took."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compare_step", description=__doc__)
    parser.add_argument("--services", type=int, default=500_000, help="services in the snapshot")
    parser.add_argument("--folder", type=Path, default=Path("var/bench"), help="where snapshots are made and kept")
    options = parser.parse_args()
    folder = (options.folder / "compared").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    cells = _write_sides(make_snapshot(options.folder, options.services).snapshot, folder)
    print(f"{machine()}; cells {cells:,}")
    script = [str(_environment(folder)), str(Path(__file__).with_name("with_datacompy.py")), str(folder)]
    ways = {
        "one sum in DuckDB": [sys.executable, "-c", _in_duckdb()],
        "datacompy on pandas": [*script, "pandas"],
        "datacompy on polars": [*script, "polars"],
    }
    said = set()
    for _ in range(RUNS):
        for way, command in ways.items():
            answer, wall, cpu, peak_mb = _run(command, folder)
            said.add(answer)
            print(f"  {way:20} wall {wall:6.2f} s  CPU {cpu:6.2f} s  peak {peak_mb:6.0f} MB  differ, cents: {answer}")
    return int(len(said) != 1)


def _write_sides(snapshot: Path, folder: Path) -> int:
    """Write ``expected.parquet`` and ``billed.parquet``; gives how many rows they have together."""
    with duckdb.connect() as connection:
        for table in SERVICE_TABLES:
            files = snapshot / "by_service" / "*" / f"{table}.parquet"
            connection.execute(f"CREATE VIEW {table} AS FROM read_parquet('{files}')")
        for table in SMALL_TABLES:
            connection.execute(f"CREATE VIEW {table} AS FROM '{snapshot / 'dimensions' / table}.parquet'")
        macro, price, wrong, *_ = script_of("services").split(";\n")
        connection.execute(f"{macro}; {price};")
        pieces = wrong[
            wrong.index("FROM (") + len("FROM (") : wrong.index(
                "UNION ALL\n    SELECT service_id, charge_id, period_id, -"
            )
        ]
        sides = {"expected": pieces, "billed": f"SELECT {_CELL}, amount_minor AS cents FROM billed"}
        for side, rows in sides.items():
            summed = (
                f"SELECT {_CELL}, sum(cents)::BIGINT AS cents FROM ({rows}) GROUP BY {_CELL} HAVING sum(cents) <> 0"
            )
            connection.execute(f"COPY ({summed}) TO '{folder / side}.parquet' (FORMAT parquet)")
        (count,) = connection.execute(f"SELECT count(*) FROM read_parquet('{folder}/*.parquet')").fetchone() or (0,)
    return int(count)


def _environment(folder: Path) -> Path:
    """The interpreter of an environment with datacompy in it, made where there is none."""
    place = folder / "datacompy"
    if not (place / "bin" / "datacompy-is-in").is_file():
        uv = str(Path(sys.executable).with_name("uv"))
        subprocess.run([uv, "venv", "-q", "--clear", str(place)], check=True)
        subprocess.run([uv, "pip", "install", "-q", "--python", str(place), *DATACOMPY], check=True)
        (place / "bin" / "datacompy-is-in").touch()
    return place / "bin" / "python"


def _in_duckdb() -> str:
    return f"import duckdb; print(*duckdb.sql('''{_DIFFERENCES}''').fetchall()[0])"


def _run(command: Sequence[str], folder: Path) -> tuple[str, float, float, float]:
    """What a command says, its wall and processor time, and the largest resident set of it."""
    started = time.perf_counter()
    with (folder / "said").open("w") as said:
        child = subprocess.Popen(command, cwd=folder, stdout=said)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{command[0]} ended with {child.returncode}")
    wall = time.perf_counter() - started
    answer = (folder / "said").read_text().strip()
    return answer, wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / 1e6


if __name__ == "__main__":
    sys.exit(main())
