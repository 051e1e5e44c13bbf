"""Measure from a job's completion to its bill: ``python -m benchmarks.activation``.

Two worker processes run their loops over one database; the operator's systems are in a third process, which also
plays the devices, and answer at once. A completion is committed to the inbox as `splice listen` does it, by another
process than those that work. On SQLite and on PostgreSQL:

* *waiting*: the service is proven and waits for the completion, one at a time; how long until billing is started and
  seen in the billing system?
* *whole*: the same where nothing is configured yet, so that all of it happens after the completion;
* *burst*: so many completions at once; how many are worked off in a second?

AAA and CPE are told by the drivers that production uses, over SQL and HTTP; the OLT is a file that remembers what it
was told, since a real one takes seconds to commit. Who may act is asked as in production, of hand-offs that are taken
over. Speed test and soak take no time. Ends with status 1 where one is
not billed exactly once, where p95 is 3 seconds or more, or below 20 a second.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

from benchmarks.activation_worker import WorkPlace, loop
from benchmarks.both_databases import both_databases
from benchmarks.machine import machine
from benchmarks.table_sizes import growth, table_bytes
from benchmarks.told_elements import Elements, told_elements
from handoffs.stages import HANDOFFS
from hub.sagas.beginning import begin_saga
from hub.workplace import Hub
from provisioning.facts import SagaFacts
from storage.effects import effects
from storage.sagas import Saga, sagas
from tests.fakes.activations import OpenOrders, arrive, completion
from tests.fakes.lumen_valley import LumenValley, change, lumen_valley
from tests.waiting import wait_until

MOST_P95_MS = 3_000.0
LEAST_A_SECOND = 20.0
WARM_UP = 3
LOOK_EVERY_S = 0.25
LOOK_AT_MANY_EVERY_S = 1.5
"""Who looks more often takes from those who work; when a saga was done is read from the saga itself."""
SUBSCRIBERS_PER_ORDER = 0.85


@dataclass(frozen=True)
class Measured:
    """A hub whose worker process runs, with the orders that are not used yet."""

    operator: LumenValley
    hub: Hub
    elements: Elements
    orders: OpenOrders
    numbers: Iterator[int]
    workers: tuple[int, ...] = ()

    def worked_ms(self) -> float:
        """Processor time of the worker processes so far."""
        ticks = sum(
            int(each)
            for worker in self.workers
            for each in Path(f"/proc/{worker}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[11:13]
        )
        return ticks * 1000 / os.sysconf("SC_CLK_TCK")

    def wishes(self, count: int) -> list[SagaFacts]:
        """Open orders with a job, their terminals connected and their lines in session."""
        wishes = [self.orders.facts(next(self.numbers), has_job=True) for _ in range(count)]
        for wish in wishes:
            self.elements.connect(wish)
        return wishes

    def begin(self, wishes: Sequence[SagaFacts]) -> None:
        for wish in wishes:
            begin_saga(self.hub, "activate", wish, datetime.now(UTC))

    def complete(self, wishes: Sequence[SagaFacts]) -> datetime:
        """Commit the completions of their jobs; gives the moment after the commit."""
        arrive(self.hub.database, *[completion(wish, datetime.now(UTC)) for wish in wishes])
        return datetime.now(UTC)

    def sagas_of(self, wishes: Sequence[SagaFacts]) -> list[Saga]:
        wanted = {wish.line.service_id for wish in wishes}
        with self.hub.database.reading() as connection:
            return [saga for saga in sagas(connection, most=100_000) if saga.service_id in wanted]

    def until(self, wishes: Sequence[SagaFacts], state: str, step: str) -> list[Saga]:
        """Wait until all stand there."""

        def there() -> bool:
            time.sleep(LOOK_EVERY_S if len(wishes) < 10 else LOOK_AT_MANY_EVERY_S)
            return all((saga.state, saga.step) == (state, step) for saga in self.sagas_of(wishes))

        wait_until(there, f"{len(wishes)} sagas are {state} at {step}")
        return self.sagas_of(wishes)


def main() -> int:
    """Measure on both databases and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--single", type=int, default=60, help="completions one at a time, of each kind")
    parser.add_argument("--burst", type=int, default=500, help="completions at once")
    parser.add_argument("--processes", type=int, default=2, help="worker processes over one database")
    parser.add_argument("--leading", type=int, default=4, help="threads that lead sagas")
    parser.add_argument("--sending", type=int, default=2, help="threads that send effects")
    options = parser.parse_args()
    print(machine())
    with both_databases() as addresses:
        is_well = "postgresql" in addresses
        for kind, address in addresses.items():
            with tempfile.TemporaryDirectory() as folder:
                is_well &= _measured(kind, Path(folder), address, options)
    print("as wanted" if is_well else "NOT as wanted")
    return 0 if is_well else 1


def _measured(kind: str, folder: Path, address: str | None, options: argparse.Namespace) -> bool:
    orders = WARM_UP + 2 * options.single + options.burst
    with _at_work(folder, address, orders, options) as measured:
        warm = measured.wishes(WARM_UP)
        measured.begin(warm)
        measured.complete(warm)
        measured.until(warm, "done", "release")
        waiting = [_one(measured, is_proven=True) for _ in range(options.single)]
        whole = [_one(measured, is_proven=False) for _ in range(options.single)]
        burst = measured.wishes(options.burst)
        before = table_bytes(measured.hub.database)
        measured.begin(burst)
        measured.until(burst, "running", "gate")
        worked_before, played_before = measured.worked_ms(), time.process_time()
        began = measured.complete(burst)
        ended = max(saga.changed_at for saga in measured.until(burst, "done", "release"))
        speed = options.burst / (ended - began).total_seconds()
        own_ms = (measured.worked_ms() - worked_before) / options.burst
        played_ms = (time.process_time() - played_before) * 1000 / options.burst
        grown = sum(growth(before, table_bytes(measured.hub.database)).values()) / options.burst
        wrong = _wrong(measured)
    print(f"{kind:<10} waiting  {_told(waiting)}")
    print(f"{kind:<10} whole    {_told(whole)}")
    print(f"{kind:<10} burst    {options.burst} in {(ended - began).total_seconds():.1f} s: {speed:.1f} a second")
    print(
        f"{kind:<10} burst    {own_ms:.0f} ms of the workers' own processor time for each, {played_ms:.0f} ms beside"
    )
    print(f"{kind:<10} burst    {grown:,.0f} bytes of the database for each, from its saga's beginning to the bill")
    for line in wrong:
        print(f"{kind:<10} WRONG    {line}")
    return not wrong and _p95(waiting) < MOST_P95_MS and _p95(whole) < MOST_P95_MS and speed >= LEAST_A_SECOND


def _one(measured: Measured, *, is_proven: bool) -> float:
    """Milliseconds from the commit of a completion to billing started, seen in the billing system, and known here."""
    wishes = measured.wishes(1)
    if is_proven:
        measured.begin(wishes)
        measured.until(wishes, "running", "gate")
        began = measured.complete(wishes)
    else:
        began = measured.complete(wishes)
        measured.begin(wishes)
    (saga,) = measured.until(wishes, "done", "release")
    return (saga.changed_at - began).total_seconds() * 1000


def _wrong(measured: Measured) -> list[str]:
    """What is not as it has to be at the end."""
    with measured.hub.database.reading() as connection:
        states = Counter(saga.state for saga in sagas(connection, most=100_000))
        sent = effects(connection, most=100_000)
    wrong = [] if set(states) == {"done"} else [f"sagas: {dict(states)}"]
    if {each.state for each in sent} != {"done"}:
        wrong.append(f"effects: {dict(Counter(each.state for each in sent))}")
    applied = Counter(each.key for each in measured.operator.running.write_log.of("billing"))
    started = Counter(each.request_id for each in sent if each.command == "start_billing")
    if applied != started or len(started) != states.total():
        wrong.append(f"billing was started {applied.total()} times for {states.total()} services")
    return [*wrong, *measured.elements.wrong(states.total())]


@contextmanager
def _at_work(folder: Path, address: str | None, orders: int, options: argparse.Namespace) -> Iterator[Measured]:
    subscribers = int(orders * SUBSCRIBERS_PER_ORDER) + 20
    with lumen_valley(folder / "operator", subscribers=subscribers, months=2) as operator, ExitStack() as stack:
        if address is not None:
            change(operator.folder / "operator.yaml", r"\nlimits:", f"\ndatabase: {address}\nlimits:")
        taken_over = "".join(f"    {handoff}: active\n" for handoff in HANDOFFS)
        with (operator.folder / "handoffs.yaml").open("a", encoding="utf-8") as file:
            file.write(f"declared:\n  riverbend:\n{taken_over}")
        hub = stack.enter_context(operator.hub(folder / "work"))
        elements = stack.enter_context(told_elements(folder / "elements"))
        known = OpenOrders(operator)
        if known.number < orders:
            raise SystemExit(f"the operator has {known.number} orders, and {orders} are needed")
        place = WorkPlace(operator.folder, folder / "work", operator.environment, elements.told())
        workers = tuple(stack.enter_context(_worker(place, options)) for _ in range(options.processes))
        yield Measured(operator, hub, elements, known, iter(range(1, orders + 1)), workers)


@contextmanager
def _worker(place: WorkPlace, options: argparse.Namespace) -> Iterator[int]:
    """The id of a worker process, which runs until the block is left."""
    processes = get_context("spawn")
    mine, theirs = processes.Pipe()
    given = (place, options.leading, options.sending, theirs)
    process = processes.Process(target=loop, args=given)
    process.start()
    try:
        if not mine.poll(120) or mine.recv() != "ready":
            raise SystemExit("the worker did not start")
        yield process.pid or 0
    finally:
        mine.send("stop")
        process.join(60)
        process.kill()


def _p95(found: Sequence[float]) -> float:
    return statistics.quantiles(found, n=20, method="inclusive")[-1]


def _told(found: Sequence[float]) -> str:
    median = statistics.median(found)
    return f"{len(found)} completions: p50 {median:.0f} ms, p95 {_p95(found):.0f} ms, max {max(found):.0f} ms"


if __name__ == "__main__":
    sys.exit(main())
