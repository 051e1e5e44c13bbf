"""Measure many markets at once through Prefect: ``python -m benchmarks.markets_at_once [--markets 12]``.

An operator whose markets have a CRM and a billing system each, one Prefect server on PostgreSQL, and "machines"
(processes of `splice up --join`) with a worker for each of their markets' pools; the hub's database is the same
PostgreSQL server. Measured are one guard alone, the guards of all markets at once, all markets pulled and judged at
once, and all markets migrating at once: every migration asks its question, all are approved, every hand-off moves,
while the guards look. Ends with status 1 unless every run ended as it had to, in the pool of its market, every bill
line is known to the cent, and every hand-off moved once.
"""

import argparse
import base64
import os
import re
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg
from sqlalchemy import text

from benchmarks.machine import machine
from benchmarks.many_markets import APPROVER, HANDOFF, ManyMarkets, many_markets
from storage.database import open_database
from storage.takeover import moves_of
from tests.peers import listed_peers
from tests.postgresql import PostgresServer, postgres_server
from tests.waiting import wait_until

LOOK_EVERY_S = 0.5
ENDED = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}
STANDS = """
SELECT market, count(*) AS lines, sum(amount_minor) AS cents FROM charge_line
WHERE known_to > now() GROUP BY market
"""


@dataclass(frozen=True)
class Desk:
    """A running server with its workers.

    Attributes:
        api: its interface.
        parts: root processes of which processor time is counted, by what they are.
        own_bytes: tells the size of the server's own database.
    """

    api: httpx.Client
    own_bytes: Callable[[], int]
    parts: Mapping[str, psutil.Process]

    def post(self, path: str, **body: Any) -> Any:
        """Asked again while the server is busy."""
        while (answer := self.api.post(path, json=body)).status_code == httpx.codes.SERVICE_UNAVAILABLE:
            time.sleep(LOOK_EVERY_S)
        return answer.raise_for_status().json()

    def start(self, names: Sequence[str]) -> list[str]:
        """A run of each of these deployments; gives their ids."""
        known = {each["name"]: each["id"] for each in self.post("/deployments/filter", limit=200)}
        return [self.post(f"/deployments/{known[name]}/create_flow_run")["id"] for name in names]

    def runs(self, ids: Sequence[str]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.post("/flow_runs/filter", flow_runs={"id": {"any_": list(ids)}}, limit=200)
        return found

    def until(self, ids: Sequence[str], states: set[str], what: str) -> list[dict[str, Any]]:
        """Wait until all are in one of some states."""

        def there() -> bool:
            time.sleep(LOOK_EVERY_S)
            return all(each["state_type"] in states | ENDED for each in self.runs(ids))

        wait_until(there, what)
        return self.runs(ids)

    def cpu_s(self) -> dict[str, float]:
        """Processor time so far of each part with all that it started."""
        return {name: _tree_s(process) for name, process in self.parts.items()}


def main() -> int:
    """Measure, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--markets", type=int, default=12)
    parser.add_argument("--accounts", type=int, default=1000, help="of each market, with twelve bill lines each")
    parser.add_argument("--machines", type=int, default=3)
    options = parser.parse_args()
    print(machine())
    found, missing = listed_peers()["postgresql"].find()
    if missing:
        print(f"PostgreSQL is not installed: no {', '.join(missing)}")
        return 1
    with tempfile.TemporaryDirectory() as folder, postgres_server(found) as server:
        address = server.url(server.create_database())
        operator = many_markets(Path(folder), options.markets, options.accounts, address)
        with _desk(operator, Path(folder) / "work", server, options.machines) as desk:
            wrong = _measured(desk, operator, address)
    for line in wrong:
        print(f"WRONG  {line}")
    print("as wanted" if not wrong else "NOT as wanted")
    return 1 if wrong else 0


def _measured(desk: Desk, operator: ManyMarkets, address: str) -> list[str]:
    markets, wrong = list(operator.lines), []

    def guards(names: Sequence[str]) -> list[str]:
        return desk.start([f"guard-{name}" for name in names])

    guards_first = guards(markets[:1])  # the database is made, code is read from the disk
    wrong += _not(desk.until(guards_first, ENDED, "the first guard"), "COMPLETED")
    for title, names in (("one guard alone", markets[:1]), (f"{len(markets)} guards at once", markets)):
        with _timed(desk, title, len(names)):
            wrong += _not(desk.until(guards(names), ENDED, title), "COMPLETED")
    with _timed(desk, f"{len(markets)} markets pulled and judged at once", len(markets)):
        runs = desk.start([f"run-{name}" for name in markets])
        wrong += _not(desk.until(runs, ENDED, "market runs"), "COMPLETED")
    with _timed(desk, f"{len(markets)} markets migrating at once, with their guards", 3 * len(markets)):
        leads = desk.start([f"migrate-{name}" for name in markets])
        looks = guards(markets)
        asked = {
            each["id"]: each["state"]["state_details"]["pause_key"] for each in desk.until(leads, {"PAUSED"}, "asked")
        }
        for run in leads:
            said = {"decision": "approve", "approver": APPROVER, "reason": "measured"}
            desk.post(f"/flow_runs/{run}/resume", run_input=said)
        _until_asked_on(desk, asked)
        wrong += _not(desk.until(looks, ENDED, "guards"), "COMPLETED")
        wrong += _not(desk.runs(leads), "PAUSED")
    return [*wrong, *_untrue(operator, address)]


def _until_asked_on(desk: Desk, asked: Mapping[str, str]) -> None:
    """Wait until every migration waits for something else than before."""

    def there() -> bool:
        time.sleep(LOOK_EVERY_S)
        return all(
            each["state_type"] in ENDED
            or (each["state_type"] == "PAUSED" and each["state"]["state_details"]["pause_key"] != asked[each["id"]])
            for each in desk.runs(list(asked))
        )

    wait_until(there, "every migration has gone on")


@contextmanager
def _timed(desk: Desk, title: str, runs: int) -> Iterator[None]:
    load, before, size, began = os.getloadavg()[0], desk.cpu_s(), desk.own_bytes(), time.monotonic()
    yield
    took, after = time.monotonic() - began, desk.cpu_s()
    spent = {name: after[name] - before[name] for name in after}
    shares = ", ".join(f"{name} {each:.1f}" for name, each in spent.items())
    total = sum(spent.values())
    grown_kb = (desk.own_bytes() - size) / runs / 1000
    print(
        f"{title}: {took:.1f} s; processor time {total:.1f} s ({shares}), {total / runs:.2f} s for each run;"
        f" load before {load:.1f}; Prefect's database grew by {grown_kb:.0f} KB for each",
        flush=True,
    )


def _not(runs: Sequence[Mapping[str, Any]], wanted: str) -> list[str]:
    """Runs that did not end as wanted, or not in the pool of their market."""
    return [
        f"{each['name']}: {each['state_type']} in {each['work_pool_name']}: {each['state']['message']}"
        for each in runs
        if each["state_type"] != wanted
        or each["work_pool_name"] != f"splice-{each['parameters']['request']['market']}"
    ]


def _untrue(operator: ManyMarkets, address: str) -> list[str]:
    """What the hub's database does not say as it is."""
    wrong = []
    with closing(open_database(address)) as database, database.reading() as connection:
        known = {row.market: (row.lines, row.cents) for row in connection.execute(text(STANDS))}
        for market, lines in operator.lines.items():
            if known.get(market) != (lines, operator.cents[market]):
                wrong.append(
                    f"{market}: {known.get(market)} lines and cents, and not {lines, operator.cents[market]}"
                )
            moves = [(each.stage, each.actor) for each in moves_of(connection, market, HANDOFF)]
            if moves != [("shadow", APPROVER)]:
                wrong.append(f"{market}: moves {moves}, and not one to shadow")
    return wrong


@contextmanager
def _desk(operator: ManyMarkets, work: Path, server: PostgresServer, machines: int) -> Iterator[Desk]:
    login = f"desk:{secrets.token_hex(12)}"
    given = {**os.environ, "SPLICE_PREFECT_LOGIN": login, "COLUMNS": "200"}
    own = server.create_database()
    told = given | {"SPLICE_PREFECT_DATABASE": server.url(own)}
    place = ("-o", str(operator.folder), "-w", str(work))
    alone = ("--pool-per-market", "--no-workers", "--port", "0", "--reports-port", "0")
    pools = [f"splice-{market}" for market in operator.lines]
    with ExitStack() as stack:
        up, said = stack.enter_context(_splice_up(told, *place, *alone, "--prefect-file", str(operator.prefect_file)))
        ui = re.findall(r"http://\S+", said)[0]
        parts = {"PostgreSQL": psutil.Process(server.pid), "server": psutil.Process(up.pid)}
        for number in range(machines):
            mine = [option for pool in pools[number::machines] for option in ("--pool", pool)]
            process, _ = stack.enter_context(_splice_up(given, *place, "--join", ui, *mine))
            parts[f"machine {number + 1}"] = psutil.Process(process.pid)
        token = base64.b64encode(login.encode()).decode()
        headers = {"Authorization": f"Basic {token}"}
        with httpx.Client(base_url=f"{ui}/api", headers=headers, trust_env=False, timeout=120) as api:
            yield Desk(api, lambda: _bytes_of(server, own), parts)


@contextmanager
def _splice_up(environment: Mapping[str, str], *options: str) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    command = [sys.executable, "-m", "console.main", "up", *options]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            said = ""
            for line in process.stdout or ():
                said += line
                if "Ctrl-C" in line:
                    break
            yield process, said
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(300)


def _bytes_of(server: PostgresServer, database: str) -> int:
    with psycopg.connect(server.url(database)) as connection:
        (size,) = connection.execute("SELECT pg_database_size(current_database())").fetchone() or (0,)
        return int(size)


def _tree_s(root: psutil.Process) -> float:
    """Processor time of a process and all below it, those that have ended and were waited for included."""
    total = 0.0
    for process in (root, *root.children(recursive=True)):
        try:
            spent = process.cpu_times()
        except psutil.NoSuchProcess:  # it ends while we look; its parent has its time by now, or soon
            continue
        total += spent.user + spent.system + spent.children_user + spent.children_system
    return total


if __name__ == "__main__":
    sys.exit(main())
