"""The loop of a worker process: many sagas at once, each as soon as what it waits for has come."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from canonical_model.errors import RetryableError
from connectors.discovery import open_sink
from connectors.ports import Sink, SystemSettings
from hub.running_clock import running_clock
from hub.sagas.advance import MOVING, advance
from hub.sagas.beginning import begin_saga
from hub.sagas.bench import Bench, Crew
from hub.sagas.desk import Desk
from hub.sagas.working import WorkDone, work
from hub.workplace import Hub
from provisioning.driver import NetworkDriver
from provisioning.line import Line, Observation
from provisioning.network_file import NetworkFile
from storage.saga_leases import claim, settle
from storage.saga_wakes import wake_for_work_orders
from storage.sagas import Saga, saga_with, steps_of
from tests.fakes.activations import OpenOrders, arrive, completion, serial_of
from tests.fakes.effects import START, HandClock, Stages
from tests.fakes.lines import NETWORK, line
from tests.fakes.lumen_valley import LumenValley, change
from tests.fakes.told_network import ToldElement, ToldNetwork
from tests.integration.conftest import DIALECTS, MakeDatabase
from tests.waiting import wait_until

MINUTE = timedelta(minutes=1)


@dataclass
class Shift:
    """A worker loop in a thread."""

    until: threading.Event = field(default_factory=threading.Event)
    done: list[WorkDone] = field(default_factory=list)


@contextmanager
def at_work(bench: Bench, crew: Crew | None = None) -> Iterator[Shift]:
    shift = Shift()
    thread = threading.Thread(target=lambda: shift.done.append(work(bench, shift.until, crew)))
    thread.start()
    try:
        yield shift
    finally:
        shift.until.set()
        thread.join(120)
    assert shift.done, "the loop has ended with an error"


@pytest.fixture
def orders(operator: LumenValley) -> OpenOrders:
    return OpenOrders(operator)


@pytest.fixture
def bench(hub: Hub, network: ToldNetwork, stages: Stages) -> Bench:
    return Bench(hub, NETWORK, network.driver, running_clock(START), stages)


def now_of(hub: Hub, saga: Saga) -> Saga:
    with hub.database.reading() as connection:
        found = saga_with(connection, saga.id)
    assert found is not None
    return found


def ends(hub: Hub, sagas: list[Saga], state: str = "done") -> Callable[[], bool]:
    return lambda: {now_of(hub, saga).state for saga in sagas} == {state}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_from_the_completion_in_the_inbox_to_the_bill(
    operator: LumenValley,
    orders: OpenOrders,
    network: ToldNetwork,
    stages: Stages,
    make_database: MakeDatabase,
    tmp_path: Path,
    dialect: str,
) -> None:
    change(operator.folder / "operator.yaml", r"\nlimits:", f"\ndatabase: {make_database(dialect)}\nlimits:")
    with operator.hub(tmp_path / "work") as hub:
        bench = Bench(hub, NETWORK, network.driver, running_clock(START), stages)
        wishes = [orders.facts(number, has_job=True) for number in range(1, 7)]
        sagas = [begin_saga(hub, "activate", wish, START) for wish in wishes]
        for number in range(1, 7):
            network.plug(serial_of(number), "1/1/1")
        with at_work(bench):
            wait_until(
                lambda: {now_of(hub, saga).step for saga in sagas} == {"gate"}, "all wait for their completion"
            )
            assert operator.running.write_log.of("billing") == []
            arrive(hub.database, *[completion(wish, START) for wish in wishes])
            wait_until(ends(hub, sagas), "all are billed")
        assert len(operator.running.write_log.of("billing")) == len(wishes)
        assert sorted(network.heard_of(wishes[0].line.service_id)) == ["aaa-1", "acs-1", "olt-1"]
        for wish in wishes:
            assert len(network.heard_of(wish.line.service_id)) == 3


def test_who_sends_logs_in_once_for_many_services(
    hub: Hub, bench: Bench, orders: OpenOrders, network: ToldNetwork
) -> None:
    opened: list[str] = []

    def open_and_count(settings: SystemSettings) -> Sink:
        opened.append(settings.name)
        return open_sink(settings)

    with at_work(replace(bench, open_sink=open_and_count), Crew(leading=2, sending=1)):
        for number in range(1, 4):
            wish = orders.facts(number, has_job=True)
            network.plug(serial_of(number), "1/1/1")
            saga = begin_saga(hub, "activate", wish, START)
            arrive(hub.database, completion(wish, START))
            wait_until(ends(hub, [saga]), "it is billed before the next one comes")
    assert sorted(opened) == ["billing", "crm", "fsm"]


def test_a_completion_wakes_the_saga_that_waits_for_it_and_no_other(
    hub: Hub, desk: Desk, orders: OpenOrders, network: ToldNetwork, clock: HandClock
) -> None:
    wishes = [orders.facts(number, has_job=True) for number in (1, 2)]
    sagas = [begin_saga(hub, "activate", wish, START) for wish in wishes]
    for number in (1, 2):
        network.plug(serial_of(number), "1/1/1")
    for _ in range(4):
        advance(desk)
        clock.move(seconds=61)
    advance(desk)
    assert [now_of(hub, saga).due_at for saga in sagas] == [clock() + timedelta(seconds=60)] * 2
    clock.move(seconds=1)
    arrive(hub.database, completion(wishes[1], START))
    with at_work(Bench(hub, NETWORK, network.driver, clock, desk.may_act), Crew(leading=1)):
        wait_until(ends(hub, sagas[1:]), "the one whose job is done is billed")
    assert now_of(hub, sagas[0]).step == "gate"


def test_what_comes_while_the_saga_is_held_makes_it_due_again(hub: Hub, orders: OpenOrders) -> None:
    wish = orders.facts(1, has_job=True)
    begin_saga(hub, "activate", wish, START)
    with hub.database.writing() as connection:
        saga = claim(connection, "here", START + MINUTE, MINUTE, states=MOVING)
    assert saga is not None
    later = START + MINUTE + timedelta(seconds=1)
    with hub.database.writing() as connection:
        assert wake_for_work_orders(connection, ["wo_1", "wo_2"], later) == 1
        waits = {"state": "running", "due_at": later + 10 * MINUTE}
        assert settle(connection, saga, waits, [], later + MINUTE).due_at == later + MINUTE
    with hub.database.writing() as connection:
        again = claim(connection, "here", later + 2 * MINUTE, MINUTE, states=MOVING)
        assert again is not None
        assert settle(connection, again, waits, [], later + 2 * MINUTE).due_at == later + 10 * MINUTE


@dataclass
class HeldUp:
    """An element that answers nothing until it is let go, and counts who asks."""

    inner: ToldElement
    let_go: threading.Event
    asked: list[str]

    def observe(self, asked_for: Line) -> Observation:
        self.asked.append(asked_for.service_id)
        assert self.let_go.wait(120)
        return self.inner.observe(asked_for)

    def __getattr__(self, name: str) -> object:
        return getattr(self.inner, name)


def two_olts() -> NetworkFile:
    told = NETWORK.model_dump()
    told["elements"]["olt-2"] = told["elements"]["olt-1"]
    return NetworkFile.model_validate(told)


def test_an_element_that_is_slow_keeps_one_thread_and_not_the_others(
    bench: Bench, orders: OpenOrders, network: ToldNetwork
) -> None:
    asked: list[str] = []
    let_go = threading.Event()

    def opened(element: str) -> NetworkDriver:
        driver = network.driver(element)
        return HeldUp(driver, let_go, asked) if element == "olt-1" else driver  # type: ignore[return-value]

    slow = [begin_saga(bench.hub, "activate", orders.facts(number), START) for number in range(1, 6)]
    fast = [
        begin_saga(bench.hub, "activate", orders.facts(number, line=line(number, element="olt-2")), START)
        for number in range(6, 9)
    ]
    for number in range(1, 9):
        network.plug(serial_of(number), "1/1/1")
    with at_work(replace(bench, network=two_olts(), open_driver=opened), Crew(leading=3)):
        try:
            wait_until(ends(bench.hub, fast), "those at the other OLT are done")
            assert len(asked) == 1
            assert {now_of(bench.hub, saga).state for saga in slow} == {"running"}
        finally:
            let_go.set()
        wait_until(ends(bench.hub, slow), "the others are done later")


def test_an_element_that_is_down_is_asked_now_and_then_and_stalls_nobody(
    hub: Hub, orders: OpenOrders, network: ToldNetwork, stages: Stages, clock: HandClock
) -> None:
    opens: list[str] = []

    def opened(element: str) -> NetworkDriver:
        opens.append(element)
        if element == "olt-1":
            raise RetryableError("olt-1: cannot be reached")
        return network.driver(element)

    down = [begin_saga(hub, "activate", orders.facts(number), START) for number in range(1, 10)]
    up = [
        begin_saga(hub, "activate", orders.facts(number, line=line(number, element="olt-2")), START)
        for number in range(10, 12)
    ]
    for number in range(1, 12):
        network.plug(serial_of(number), "1/1/1")
    bench = Bench(hub, two_olts(), opened, clock, stages)
    with at_work(bench, Crew(leading=2)):
        wait_until(ends(hub, up), "those at the other OLT are done")
        wait_until(lambda: all(now_of(hub, saga).reason for saga in down), "all have waited for it")
    assert opens.count("olt-1") == 2
    assert "left alone until" in now_of(hub, down[-1]).reason
    assert {now_of(hub, saga).state for saga in down} == {"running"}

    network_is_back = replace(bench, open_driver=network.driver)
    clock.move(seconds=61)
    with at_work(network_is_back):
        wait_until(ends(hub, down), "they are done once it is back")


def test_a_session_that_is_lost_is_opened_again(
    hub: Hub, orders: OpenOrders, network: ToldNetwork, stages: Stages, clock: HandClock
) -> None:
    sessions: list[str] = []

    @dataclass
    class Session:
        """Dies at its second question, as one does that the element has ended."""

        inner: ToldElement
        number: int
        asked: int = 0

        def observe(self, asked_for: Line) -> Observation:
            self.asked += 1
            if self.number == 1 and self.asked > 1:
                raise RetryableError("olt-1: the session was lost")
            return self.inner.observe(asked_for)

        def close(self) -> None:
            sessions.append(f"closed {self.number}")

        def __getattr__(self, name: str) -> object:
            return getattr(self.inner, name)

    def opened(element: str) -> NetworkDriver:
        if element != "olt-1":
            return network.driver(element)
        number = 1 + sum(each.startswith("opened") for each in sessions)
        sessions.append(f"opened {number}")
        return Session(network.driver(element), number)  # type: ignore[return-value]

    saga = begin_saga(hub, "activate", orders.facts(1), START)
    network.plug(serial_of(1), "1/1/1")
    with Desk(hub, NETWORK, opened, clock, stages) as desk:
        advance(desk)
        assert now_of(hub, saga).reason == "olt-1: the session was lost"
        clock.move(seconds=61)
        advance(desk)
        assert now_of(hub, saga).step == "release"
    assert sessions == ["opened 1", "closed 1", "opened 2", "closed 2"]


def test_told_to_stop_it_ends_its_step_and_gives_the_lease_back(
    bench: Bench, orders: OpenOrders, network: ToldNetwork
) -> None:
    asked: list[str] = []
    let_go = threading.Event()

    def opened(element: str) -> NetworkDriver:
        return HeldUp(network.driver(element), let_go, asked)  # type: ignore[return-value]

    saga = begin_saga(bench.hub, "activate", orders.facts(1), START)
    network.plug(serial_of(1), "1/1/1")
    with at_work(replace(bench, open_driver=opened)) as shift:
        wait_until(lambda: asked, "the element is asked")
        assert now_of(bench.hub, saga).lease_until is not None
        shift.until.set()
        let_go.set()
        wait_until(lambda: shift.done, "the loop ends")
    stopped = now_of(bench.hub, saga)
    assert (stopped.state, stopped.step, stopped.lease_until) == ("running", "configure_access", None)
    assert network.heard() == []
    with at_work(bench):
        wait_until(ends(bench.hub, [saga]), "the next loop goes on")


def test_told_to_stop_while_it_takes_a_saga_up_it_begins_no_step(
    hub: Hub, orders: OpenOrders, network: ToldNetwork, stages: Stages, clock: HandClock
) -> None:
    """Another thread may have given it back a moment ago, for the same reason."""
    saga = begin_saga(hub, "activate", orders.facts(1), START)
    network.plug(serial_of(1), "1/1/1")
    told = iter([False, True])
    with Desk(hub, NETWORK, network.driver, clock, stages, shall_stop=lambda: next(told)) as desk:
        assert advance(desk).settled == []
    found = now_of(hub, saga)
    assert (found.step, found.lease_until, found.fence) == (saga.step, None, saga.fence)
    with Desk(hub, NETWORK, network.driver, clock, stages) as desk:
        assert advance(desk).settled


def test_what_a_lost_process_held_is_taken_up_when_its_lease_ends(
    hub: Hub, orders: OpenOrders, network: ToldNetwork, stages: Stages, clock: HandClock
) -> None:
    saga = begin_saga(hub, "activate", orders.facts(1), START)
    network.plug(serial_of(1), "1/1/1")
    with hub.database.writing() as connection:
        assert claim(connection, "lost/1", START, 5 * MINUTE, states=MOVING)
    bench = Bench(hub, NETWORK, network.driver, clock, stages)
    with at_work(bench) as shift:
        wait_until(lambda: shift.done or now_of(hub, saga).fence == 1, "nobody touches it")
        assert network.heard() == []
        clock.move(minutes=6)
        wait_until(ends(hub, [saga]), "it is taken up")
    with hub.database.reading() as connection:
        steps = steps_of(connection, saga.id)
    assert [each.said for each in steps if each.event == "lapsed"] == ["lost/1 held it and was lost"]


def test_a_clock_that_goes_back_delays_nothing_for_long_and_does_nothing_twice(
    hub: Hub, operator: LumenValley, orders: OpenOrders, network: ToldNetwork, stages: Stages
) -> None:
    wishes = [orders.facts(number) for number in (1, 2)]
    sagas = [begin_saga(hub, "activate", wish, START) for wish in wishes]
    network.plug(serial_of(1), "1/1/1")
    ahead = HandClock(START + 60 * MINUTE)
    with Desk(hub, NETWORK, network.driver, ahead, stages) as desk:
        advance(desk)
    assert [now_of(hub, saga).step for saga in sagas] == ["release", "discover"]
    assert now_of(hub, sagas[1]).due_at > START + 60 * MINUTE

    network.plug(serial_of(2), "1/1/1")
    with at_work(Bench(hub, NETWORK, network.driver, running_clock(START + MINUTE), stages)):
        wait_until(lambda: now_of(hub, sagas[1]).step == "release", "nobody waits for an hour")
    assert sorted(network.heard_of(wishes[0].line.service_id)) == ["aaa-1", "acs-1", "olt-1"]
    assert sorted(network.heard_of(wishes[1].line.service_id)) == ["aaa-1", "acs-1", "olt-1"]
    with at_work(Bench(hub, NETWORK, network.driver, running_clock(START + 62 * MINUTE), stages)):
        wait_until(ends(hub, sagas), "both are billed")
    assert len(operator.running.write_log.of("billing")) == 2
