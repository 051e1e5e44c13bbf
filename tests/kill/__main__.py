"""Kill processes at random moments, many times: ``python -m tests.kill [--runs 1000] [--through-flows 20]``.

Each run leads one service through one use case while the processes that lead it are killed, at a point of the hub's
journal, of what it sends or of what it reads, or from outside at any moment; often two race, and devices and systems
time out after they have committed. Some runs more lead services by flow runs that report to a Prefect server, and
kill those. Ends with status 1 where a service is not in its one right state afterwards.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path

from benchmarks.machine import machine
from flows.server import local_server
from tests.kill.runs import Found, planned, world
from tests.kill.through_flows import flow_world, planned_flow
from tests.peers import listed_peers
from tests.postgresql import PostgresServer, postgres_server

RUNS_IN_A_WORLD = 100
SUBSCRIBERS = 120


def main() -> int:
    """Run both kinds and tell what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1, help="of the first run; each next one has the next")
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--through-flows", type=int, default=20, help="runs more, through flows of a Prefect server")
    options = parser.parse_args()
    print(machine())
    failed = killed_without_prefect(options.seed, options.runs, options.database) if options.runs else 0
    failed += killed_in_flows(options.seed, options.through_flows) if options.through_flows else 0
    return 1 if failed else 0


def killed_without_prefect(seed: int, runs: int, database: str) -> int:
    """Run, tell what was found, and how to see each failure again; gives the number of failures."""
    began, failed = time.monotonic(), 0
    killed: Counter[str] = Counter()
    cases: Counter[str] = Counter()
    for number, found in enumerate(all_found(seed, runs, database), start=1):
        killed += found.killed
        cases[found.plan.case.name] += 1
        if found.wrong:
            failed += 1
            print(found, flush=True)
        if number % 100 == 0:
            took = time.monotonic() - began
            print(f"{number} runs, {killed.total()} kills, {failed} wrong, {took:.0f} s", flush=True)
    print(f"{runs} runs in {time.monotonic() - began:.0f} s: {failed} wrong")
    print("killed: " + ", ".join(f"{number} {side}" for side, number in sorted(killed.items())))
    print("use cases: " + ", ".join(f"{number} {name}" for name, number in sorted(cases.items())))
    return failed


def killed_in_flows(seed: int, runs: int) -> int:
    """The same through flows."""
    began, failed, killed = time.monotonic(), 0, 0
    cases: Counter[str] = Counter()
    with (
        tempfile.TemporaryDirectory() as folder,
        local_server(Path(folder) / "prefect") as server,
        flow_world(Path(folder), server) as world,
    ):
        for each in range(seed, seed + runs):
            found = world.run(planned_flow(each))
            killed += found.killed
            cases[found.plan.case.name] += 1
            if found.wrong:
                failed += 1
                print(found, flush=True)
    print(f"{runs} runs through flows in {time.monotonic() - began:.0f} s: {killed} killed, {failed} wrong")
    print("flows: " + ", ".join(f"{number} {name}" for name, number in sorted(cases.items())))
    return failed


def all_found(seed: int, runs: int, database: str) -> Iterator[Found]:
    """What the runs of so many seeds come to, a hundred in each world."""
    seeds = iter(range(seed, seed + runs))
    kinds = ["sqlite", "postgresql"] if database == "both" else [database]
    with ExitStack() as stack:
        server: PostgresServer | None = None
        if "postgresql" in kinds:
            programs, missing = listed_peers()["postgresql"].find()
            if missing:
                raise SystemExit(f"PostgreSQL is not installed: no {', '.join(missing)}; try --database sqlite")
            server = stack.enter_context(postgres_server(programs))
        turn = 0
        while some := list(islice(seeds, RUNS_IN_A_WORLD)):
            kind = kinds[turn % len(kinds)]
            turn += 1
            address = server.url(server.create_database()) if server and kind == "postgresql" else None
            with (
                tempfile.TemporaryDirectory() as folder,
                world(Path(folder), address, subscribers=SUBSCRIBERS) as place,
            ):
                for each in some:
                    yield place.run(planned(each))


if __name__ == "__main__":
    sys.exit(main())
