"""Measure how fast the sql connector reads: ``python -m benchmarks.read_sql [--rows 1000000] [--runs 3]``.

A private PostgreSQL serves a table of bill lines. The bare driver takes its rows as tuples from a server-side cursor;
the connector gives them as pages of raw records, in the order of cursor and key, ready for a mapping. Both run in
processes of their own, in turn. Ends with status 1 if the connector takes more than twice the time, gives other rows,
or holds more memory at the end than after the first tenth.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg

from benchmarks.machine import machine
from connectors.discovery import open_source
from connectors.ports import StreamRead, SystemSettings
from tests.peers import listed_peers
from tests.postgresql import PostgresServer, postgres_server

MOST_TIMES, MOST_GROWTH_MB = 2.0, 20.0
PAGE, EARLY_ROWS = 2_000, 100_000
COLUMNS = ("line_id", "bill", "account", "code", "rate", "amount", "first_day", "last_day", "changed", "note")
TABLE = """
CREATE TABLE bill_line AS
SELECT number::bigint AS line_id, 'RB2610-' || lpad((number / 3)::text, 8, '0') AS bill,
       lpad((number / 36)::text, 10, '0') AS account, 'INT-FBR-0500' AS code,
       (5999 + number % 4000) / 100.0::numeric(12,2) AS rate, (5999 + number % 4000)::numeric(12,2) / 100 AS amount,
       DATE '2026-10-01' + (number % 28)::int AS first_day, DATE '2026-10-31' AS last_day,
       TIMESTAMPTZ '2026-01-01 00:00:00+00' + number * INTERVAL '1.5 seconds' AS changed,
       CASE WHEN number % 5 = 0 THEN NULL ELSE 'Fiber 500, monthly' END AS note
FROM generate_series(1, {rows}) AS number
"""


def main() -> int:
    """Serve the table, let both contenders read it in turn, and print what was measured."""
    options = _options()
    if options.contender:
        print(json.dumps(_read(options.contender, options.address)))
        return 0
    print(machine())
    found, missing = listed_peers()["postgresql"].find()
    if missing:
        print(f"PostgreSQL is not installed: no {', '.join(missing)}")
        return 1
    with postgres_server(found) as server:
        address = _filled(server, options.rows)
        runs: dict[str, list[dict[str, float]]] = {"driver": [], "connector": []}
        for _ in range(options.runs):
            for contender, of in runs.items():
                of.append(_child(contender, address))
                told = "  ".join(f"{name} {value:,.2f}" for name, value in of[-1].items())
                print(f"  {contender:9}  {told}")
    return _verdict(runs, options.rows)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.read_sql", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3, help="runs of each contender, in turn")
    parser.add_argument("--contender", choices=["driver", "connector"], help=argparse.SUPPRESS)
    parser.add_argument("--address", help=argparse.SUPPRESS)
    return parser.parse_args()


def _filled(server: PostgresServer, rows: int) -> str:
    address = server.url(server.create_database())
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(TABLE.format(rows=rows).encode())
        connection.execute("CREATE UNIQUE INDEX ON bill_line (changed, line_id)")
        connection.execute("VACUUM ANALYZE bill_line")
    return address


def _child(contender: str, address: str) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.read_sql", "--contender", contender, "--address", address]
    done = subprocess.run(command, cwd=Path(__file__).parents[1], check=True, capture_output=True, text=True)
    measured: dict[str, float] = json.loads(done.stdout)
    return measured


def _read(contender: str, address: str) -> dict[str, float]:
    batches = {"driver": _with_driver, "connector": _with_connector}[contender](address)
    rows = total = 0
    early_mb = 0.0
    wall, cpu = time.perf_counter(), time.process_time()
    for numbers in batches:
        rows += len(numbers)
        total += sum(numbers)
        early_mb = early_mb or (_peak_mb() if rows >= EARLY_ROWS else 0.0)
    return {
        "wall_s": time.perf_counter() - wall,
        "cpu_s": time.process_time() - cpu,
        "rows": rows,
        "sum": total,
        "growth_mb": _peak_mb() - (early_mb or _peak_mb()),
        "peak_mb": _peak_mb(),
    }


def _with_driver(address: str) -> Iterator[list[int]]:
    with psycopg.connect(address) as connection, connection.cursor("bench") as cursor:
        cursor.execute(f"SELECT {', '.join(COLUMNS)} FROM bill_line ORDER BY changed, line_id".encode())
        while batch := cursor.fetchmany(PAGE):
            yield [row[0] for row in batch]


def _with_connector(address: str) -> Iterator[list[int]]:
    settings = SystemSettings("bench", "sql", address, {"login": "none"}, timeout_s=60.0)
    read = StreamRead("lines", "bill_line", COLUMNS, ("line_id",), "changed", page_size=PAGE)
    with closing(open_source(settings)) as source:
        for page in source.pages(read, None):
            yield [record["line_id"] for record in page.records]


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def _verdict(runs: dict[str, list[dict[str, float]]], rows: int) -> int:
    wall = {name: statistics.median(run["wall_s"] for run in of) for name, of in runs.items()}
    cpu = {name: statistics.median(run["cpu_s"] for run in of) for name, of in runs.items()}
    growth = max(run["growth_mb"] for run in runs["connector"])
    print(f"median: driver {wall['driver']:.2f} s, connector {wall['connector']:.2f} s wall")
    print(f"        x{wall['connector'] / wall['driver']:.2f} wall, x{cpu['connector'] / cpu['driver']:.2f} CPU")
    print(f"        the connector grew by {growth:.1f} MB after its first tenth")
    truth = (rows, rows * (rows + 1) / 2)
    is_whole = all((run["rows"], run["sum"]) == truth for of in runs.values() for run in of)
    print("both read every row once" if is_whole else "rows are MISSING or came twice")
    is_right = is_whole and wall["connector"] <= MOST_TIMES * wall["driver"] and growth <= MOST_GROWTH_MB
    print("within the targets" if is_right else "NOT within the targets")
    return 0 if is_right else 1


if __name__ == "__main__":
    sys.exit(main())
