"""A process that was warmed up, and forks one that leads sagas for each time that it is asked; those are killed.

It has one thread and no open database, so that forking is safe and takes a few milliseconds.
"""

import gc
import os
import threading
import time
import traceback
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from typing import Any

from connectors.discovery import open_sink
from connectors.ports import Sink, SystemSettings
from handoffs.effect_states import WAITING
from hub.effects.drain import drain
from hub.effects.sinks import OpenSink
from hub.inbox import take_inbox
from hub.operator_folder.load import Operator, load_operator
from hub.sagas.advance import advance
from hub.sagas.bench import Bench, Crew
from hub.sagas.desk import Desk, OpenDriver
from hub.sagas.working import work
from hub.workplace import Hub, database_address
from provisioning.driver import NetworkDriver
from storage.database import open_database
from storage.effects import effects
from storage.sagas import saga_with
from tests.fakes.doomed import DoomedDatabase, DoomedDriver, DoomedSink, Fate, Side, kill_this_process
from tests.fakes.effects import HandClock, Stages
from tests.fakes.lines import NETWORK
from tests.fakes.told_network import ToldNetwork
from tests.kill.ending import ended

TIME_RUNS = 20.0
"""Seconds of the hub's time in one of ours, where threads are at work."""
LONGEST_S = 3.0
"""One that waits for the lease of a killed one would wait for a minute."""
LEASE = timedelta(minutes=20)
"""By that clock: a minute of ours, so that nobody is taken for lost who is only slow."""


@dataclass(frozen=True)
class Leading:
    """What one process shall do, and when it dies.

    Attributes:
        saga: that it leads, with everything else that is due.
        begins_at: by its clock.
        moves: seconds by which its clock is moved after each round; empty where the loop with all its threads runs,
            by a clock that is twenty times too fast.
        side: at whose points it dies.
        point: number of the point; 0 where it dies at none.
        killed_after_s: when it is killed from outside; None where it is not.
    """

    saga: int
    begins_at: datetime
    moves: tuple[float, ...] = ()
    side: Side | None = None
    point: int = 0
    killed_after_s: float | None = None


@dataclass(frozen=True)
class Workplace:
    """Where the processes work."""

    operator: Path
    workspace: Path
    environment: dict[str, str]
    network: ToldNetwork


def lead_when_asked(place: Workplace, pipe: Pipe) -> None:
    """Fork a process for each ``Leading`` of a list that comes through the pipe, and tell how each ended.

    Answers with a list of the signals that ended them (0 where one came to its end by itself).
    """
    operator = load_operator(place.operator)
    assert threading.active_count() == 1
    gc.freeze()  # a collection would touch every page that is shared with the forked ones
    pipe.send("ready")
    while (asked := pipe.recv()) is not None:
        children = {_forked(place, operator, each): each for each in asked}
        pipe.send([ended(pid, each.killed_after_s, each) for pid, each in children.items()])


def _forked(place: Workplace, operator: Operator, leading: Leading) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        _lead(place, operator, leading)
        code = 0
    except BaseException:  # noqa: BLE001 - whatever it is, nobody else would tell
        traceback.print_exc()
    finally:
        os._exit(code)


def _lead(place: Workplace, operator: Operator, leading: Leading) -> None:
    fate = Fate(leading.point, leading.side, kill_this_process)
    address = database_address(operator, place.workspace, place.environment)

    def opened(element: str) -> NetworkDriver:
        return DoomedDriver(place.network.driver(element), fate)

    def sink(settings: SystemSettings) -> Sink:
        return DoomedSink(open_sink(settings), fate)

    with closing(open_database(address)) as database:
        doomed: Any = DoomedDatabase(database, fate)
        hub = Hub(operator, doomed, place.workspace, place.environment)
        if leading.moves:
            _lead_alone(hub, opened, sink, leading)
        else:
            _lead_together(hub, opened, sink, leading)


def _lead_alone(hub: Hub, opened: OpenDriver, sink: OpenSink, leading: Leading) -> None:
    """One thread, in rounds: everything that is due, then time goes by."""
    clock, may_act = HandClock(leading.begins_at), Stages()
    with Desk(hub, NETWORK, opened, clock, may_act) as desk:
        for seconds in (0.0, *leading.moves):
            clock.move(seconds=seconds)
            take_inbox(hub, clock())
            advance(desk)
            drain(hub, clock, may_act, open_sink=sink)
            advance(desk)
            if _is_over(hub, leading.saga):
                return


def _lead_together(hub: Hub, opened: OpenDriver, sink: OpenSink, leading: Leading) -> None:
    """The loop, with all its threads."""
    began, until = time.monotonic(), threading.Event()

    def clock() -> datetime:
        return leading.begins_at + timedelta(seconds=TIME_RUNS * (time.monotonic() - began))

    def look() -> None:
        while time.monotonic() < began + LONGEST_S and not _is_over(hub, leading.saga):
            time.sleep(0.02)
        until.set()

    looking = threading.Thread(target=look)
    looking.start()
    work(Bench(hub, NETWORK, opened, clock, Stages(), LEASE, sink), until, Crew(leading=2, sending=2))
    looking.join()


def _is_over(hub: Hub, saga_id: int) -> bool:
    """Whether the saga moves no more by itself, and nothing that it has told anybody is still on its way."""
    with hub.database.reading() as connection:
        saga = saga_with(connection, saga_id)
        waiting = effects(connection, states=WAITING, most=10_000)
    if saga is None or saga.state not in ("done", "held", "undone"):
        return False
    return not any(each.idempotency_key.startswith(f"{saga.key}/") for each in waiting)
