"""Measure the webhook endpoint: ``python -m benchmarks.webhooks [--database URL ...]``.

Three times for each database, with `splice listen` as a process that takes the inbox in meanwhile:

* *flat out*: as many events as it takes, over several connections;
* *paced*: 5,000 a minute, whatever the answers do; how long does each one take?
* *killed*: kill -9 in the middle of a burst, start it again, send everything again.

Ends with status 1 if an event that was answered with 202 is not in the inbox exactly once, if a record is missing or
doubled once everything is taken in, or if fewer than 5,000 events a minute are taken.
"""

import argparse
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from itertools import cycle, islice
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table
from sqlalchemy import delete, func, select

from benchmarks.machine import machine
from canonical_model.field_work import FieldCompletion
from hub.inbox import take_inbox
from hub.workplace import Hub, open_hub
from simulated_estate.books import Row
from simulated_estate.estate import build_estate
from simulated_estate.servers.field_service_webhook import Event, event_of, signed_headers
from storage.schema.canonical import CANONICAL_TABLES
from storage.schema.columns import STILL_KNOWN
from storage.schema.inbox import INBOX

OPERATOR = Path("examples/lumen_valley")
SECRET = "a secret of this benchmark"  # noqa: S105
WANTED_PER_MINUTE = 5_000
CONNECTIONS = 16
STREAM = "/webhooks/fsm/completions"


@dataclass
class Burst:
    """What became of events that were sent; one entry an answer.

    Attributes:
        taken_s: seconds each acknowledged event took.
        acknowledged: their ids.
        others: answers other than 202, and connections that broke.
    """

    taken_s: list[float] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)
    others: int = 0
    wall_s: float = 0.0
    server_cpu_s: float = 0.0


def main() -> int:
    """Measure every database and print what was found."""
    options = _options()
    console = Console(width=112)
    console.print(machine())
    table = Table(title=f"{CONNECTIONS} connections, one event a request")
    for heading in (
        "database",
        "burst",
        "acknowledged",
        "a minute",
        "CPU ms each",
        "p50 ms",
        "p99 ms",
        "max ms",
        "wrong",
    ):
        table.add_column(heading, justify="left" if heading in ("database", "burst") else "right")
    is_right = True
    with tempfile.TemporaryDirectory() as folder:
        addresses = options.database or [f"sqlite:///{folder}/hub.sqlite"]
        for number, address in enumerate(addresses):
            for name, burst, wrong in _measured(Path(folder) / str(number), address, options.events, options.seconds):
                per_minute = len(burst.acknowledged) / burst.wall_s * 60
                is_right &= not wrong and (name == "killed" or per_minute >= WANTED_PER_MINUTE * 0.98)
                table.add_row(address.partition(":")[0], name, *_figures(burst, per_minute), str(wrong))
    console.print(table)
    return 0 if is_right else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.webhooks", description=__doc__)
    parser.add_argument("--database", nargs="*", help="empty databases; a SQLite file of its own where none is named")
    parser.add_argument("--events", type=int, default=5_000, help="events of a burst flat out")
    parser.add_argument("--seconds", type=int, default=20, help="length of the paced burst")
    return parser.parse_args()


def _figures(burst: Burst, per_minute: float) -> tuple[str, ...]:
    times = sorted(burst.taken_s)
    p99 = times[int(len(times) * 0.99) - 1]
    each = burst.server_cpu_s / len(times) * 1000
    told = (f"{1000 * value:.1f}" for value in (statistics.median(times), p99, times[-1]))
    return f"{len(times):,}", f"{per_minute:,.0f}", f"{each:.2f}", *told


def _measured(folder: Path, address: str, events: int, seconds: int) -> Iterator[tuple[str, Burst, int]]:
    """Name, burst and number of wrongs of each measurement."""
    environment = {"LUMEN_VALLEY_FSM_WEBHOOK": SECRET, "SPLICE_BENCHMARK_DATABASE": address}
    operator = folder / "operator"
    operator.mkdir(parents=True)
    for file in (*OPERATOR.glob("*.yaml"), *OPERATOR.glob("mappings/*.yaml")):
        target = operator / file.relative_to(OPERATOR)
        target.parent.mkdir(exist_ok=True)
        target.write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    with (operator / "operator.yaml").open("a", encoding="utf-8") as file:
        file.write("\ndatabase: env:SPLICE_BENCHMARK_DATABASE\n")
    rows = build_estate(400, 2, 1).books.field_service["completions"]
    with open_hub(operator, folder / "work", environment) as hub:
        sent = _events(rows, events, "flat")
        with _listening(operator, folder / "work", environment) as (port, process):
            burst = _flat_out(port, sent, process)
        yield "flat out", burst, _wrong(hub, sent, burst)
        _empty(hub)
        sent = _events(rows, seconds * WANTED_PER_MINUTE // 60, "paced")
        with _listening(operator, folder / "work", environment) as (port, process):
            burst = _paced(port, sent, seconds, process)
        yield "paced", burst, _wrong(hub, sent, burst)
        _empty(hub)
        sent = _events(rows, events, "killed")
        with _listening(operator, folder / "work", environment) as (port, process):
            burst = _flat_out(port, sent, process, kill_after=events // 2)
        lost = _lost(hub, burst)
        with _listening(operator, folder / "work", environment) as (port, process):
            again = _flat_out(port, sent, process)
        yield "killed", burst, lost + _wrong(hub, sent, again)
        _empty(hub)


def _events(rows: Sequence[Row], number: int, name: str) -> list[Event]:
    """As many completions as are wanted, each of a work order of its own."""
    return [
        event_of("completions", row | {"id": f"cmp_{name}_{place}", "work_order_id": f"wo_{name}_{place}"})
        for place, row in enumerate(islice(cycle(rows), number))
    ]


@contextmanager
def _listening(
    operator: Path, workspace: Path, environment: dict[str, str]
) -> Iterator[tuple[int, "subprocess.Popen[str]"]]:
    command = [sys.executable, "-m", "console.main", "listen", "--port", "0"]
    command += ["--operator", str(operator), "--workspace", str(workspace)]
    with subprocess.Popen(command, env=os.environ | environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None  # noqa: S101
        line = process.stdout.readline()
        threading.Thread(target=process.stdout.read, daemon=True).start()
        port = re.search(r":(\d+)/webhooks", line)
        if port is None:
            raise RuntimeError(f"splice listen did not start: {line}")
        try:
            yield int(port[1]), process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def _flat_out(
    port: int, events: Sequence[Event], process: "subprocess.Popen[str]", kill_after: int | None = None
) -> Burst:
    """Send everything as fast as it is answered; kill the server once so many are."""
    burst = Burst()
    waiting = iter(events)
    lock = threading.Lock()

    def send() -> None:
        with closing(HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
            while True:
                with lock:
                    event = next(waiting, None)
                if event is None or not _post(connection, event, burst):
                    return
                if kill_after is not None and len(burst.acknowledged) >= kill_after:
                    process.kill()

    return _timed(burst, process, [threading.Thread(target=send) for _ in range(CONNECTIONS)])


def _paced(port: int, events: Sequence[Event], seconds: int, process: "subprocess.Popen[str]") -> Burst:
    """Send each event at its moment, whether the ones before have been answered or not."""
    burst = Burst()
    began = time.perf_counter()
    due = [began + seconds * place / len(events) for place in range(len(events))]

    def send(first: int) -> None:
        with closing(HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
            for place in range(first, len(events), CONNECTIONS):
                time.sleep(max(0.0, due[place] - time.perf_counter()))
                _post(connection, events[place], burst, due[place])

    return _timed(burst, process, [threading.Thread(target=send, args=(first,)) for first in range(CONNECTIONS)])


def _timed(burst: Burst, process: "subprocess.Popen[str]", threads: list[threading.Thread]) -> Burst:
    server = psutil.Process(process.pid)
    before, began = server.cpu_times(), time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    burst.wall_s = time.perf_counter() - began
    if server.is_running() and server.status() != psutil.STATUS_ZOMBIE:
        after = server.cpu_times()
        burst.server_cpu_s = after.user + after.system - before.user - before.system
    return burst


def _post(connection: HTTPConnection, event: Event, burst: Burst, due: float | None = None) -> bool:
    began = time.perf_counter() if due is None else due
    try:
        connection.request("POST", STREAM, event.body, signed_headers(SECRET, event.body, time.time()))
        answer = connection.getresponse()
        answer.read()
    except (OSError, HTTPException):
        burst.others += 1
        return False
    if answer.status != 202:
        burst.others += 1
        return True
    burst.taken_s.append(time.perf_counter() - began)
    burst.acknowledged.append(event.id)
    return True


def _lost(hub: Hub, burst: Burst) -> int:
    """Acknowledged events that are not in the inbox, and events that are in it twice."""
    with hub.database.reading() as connection:
        kept = list(connection.execute(select(INBOX.c.event_id)).scalars())
    return len(set(burst.acknowledged) - set(kept)) + len(kept) - len(set(kept))


def _wrong(hub: Hub, sent: Sequence[Event], burst: Burst) -> int:
    """What is not as it should be once everything is taken in: events, and records."""
    wrong = _lost(hub, burst) + burst.others
    wrong += sum(outcome.rejected + (outcome.fault is not None) for outcome in take_inbox(hub, datetime.now(UTC)))
    table = CANONICAL_TABLES[FieldCompletion]
    with hub.database.reading() as connection:
        states = connection.execute(select(INBOX.c.state, func.count()).group_by(INBOX.c.state)).all()
        records = select(func.count(), func.count(table.c.landed_id.distinct())).where(
            table.c.known_to == STILL_KNOWN
        )
        versions, different = connection.execute(records).one()
    wrong += sum(number for state, number in states if state != "taken")
    return wrong + abs(versions - len(sent)) + abs(different - len(sent))


def _empty(hub: Hub) -> None:
    with hub.database.writing() as connection:
        connection.execute(delete(INBOX))
        connection.execute(delete(CANONICAL_TABLES[FieldCompletion]))


if __name__ == "__main__":
    sys.exit(main())
