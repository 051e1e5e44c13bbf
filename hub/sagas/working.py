"""The loop of a worker process: sagas are led on, effects sent and events taken in, each as soon as it can be.

Three kinds of threads do the work, one guards what they do, and one looks ten times a second whether something is
due, so that what another process has written is seen as well. Inside the process nobody waits for that look: who
takes a completion in wakes those who lead sagas, who releases a service wakes those who send, and who has sent wakes
the saga again. Any number of processes may work over one database: a lease says whose turn each saga and each effect
is.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from canonical_model.errors import RetryableError
from hub.effects.drain import drain
from hub.effects.sinks import OpenSinks
from hub.inbox import take_inbox
from hub.sagas.advance import MOVING, advance
from hub.sagas.bells import Bell
from hub.sagas.bench import Bench, Crew
from hub.sagas.desk import Desk
from hub.sagas.element_health import ElementHealth
from hub.sagas.look_turns import LookTurns
from hub.takeover.at_work import GuardAtWork
from rules.quality import load_library
from storage.saga_wakes import WaitingWork, newest_event, waiting_work, wake_after_clock_went_back

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.1
"""So late is seen at the latest what another process has written."""
AFTER_A_FAULT_S = 5.0
"""So long a thread rests when the hub's database is out of reach."""
LEFT_ALONE_S = 30.0
"""So long a system is left alone that cannot be written to, and events that cannot be taken in."""
KEPT_OPEN_S = 20.0
"""So long a connection to a system stays open that is not used; a login costs more than what is sent with it."""
CLOCK_EVERY_S = 60.0
LOOK_AGAIN_EVERY_S = 2.0
"""So late is seen at the latest that something new is known of a job which a gate holds."""


@dataclass(slots=True)
class WorkDone:
    """What a worker process came to.

    Attributes:
        sagas: how often a saga was taken up and given back.
        effects: likewise of effects.
        events: that were taken in, or rejected.
        overtaken: sagas and effects that another process took over meanwhile.
    """

    sagas: int = 0
    effects: int = 0
    events: int = 0
    overtaken: int = 0


def work(bench: Bench, until: threading.Event, crew: Crew | None = None) -> WorkDone:
    """Do whatever is due until told to stop; what is under way then ends its step, and every lease is given back.

    What a process that was killed has left is taken up when its leases end.

    Args:
        bench: what is worked with.
        until: set by whoever wants it to stop.
        crew: how many threads.

    Raises:
        Exception: a defect in a thread; the others have stopped, and what they held is given back.
    """
    return _Shift(bench, until, crew or Crew()).worked()


@dataclass(slots=True)
class _Shift:
    """One run of the loop."""

    bench: Bench
    until: threading.Event
    crew: Crew
    done: WorkDone = field(default_factory=WorkDone)
    _for_sagas: Bell = field(default_factory=Bell)
    _for_effects: Bell = field(default_factory=Bell)
    _for_events: Bell = field(default_factory=Bell)
    _for_guard: Bell = field(default_factory=Bell)
    _broken: threading.Event = field(default_factory=threading.Event)
    _counting: threading.Lock = field(default_factory=threading.Lock)
    _away: dict[str, tuple[str, float]] = field(default_factory=dict)
    _resting_event: tuple[int, float] = (0, 0.0)
    _guarding: GuardAtWork = field(init=False)

    def __post_init__(self) -> None:
        self._guarding = GuardAtWork(self.bench.hub)

    def worked(self) -> WorkDone:
        """Start the threads, watch, and wait for their end."""
        load_library()  # the first completion would wait for it, and a thread would see packages of it half imported
        network = self.bench.network
        health = ElementHealth({name: block.at_once for name, block in network.elements.items()})
        looks = LookTurns()
        tasks = [
            *[lambda: self._lead(health, looks)] * self.crew.leading,
            *[self._send] * self.crew.sending,
            self._take_in,
            self._guard,
        ]
        with ThreadPoolExecutor(len(tasks), "worker") as pool:
            threads = [pool.submit(task) for task in tasks]
            try:
                self._watch(threads)
            finally:
                self._broken.set()
                for bell in (self._for_sagas, self._for_effects, self._for_events, self._for_guard):
                    bell.ring()
        for thread in threads:
            thread.result()
        return self.done

    def _stops(self) -> bool:
        return self.until.is_set() or self._broken.is_set()

    def _watch(self, threads: list[Future[None]]) -> None:
        """Ring when something is due, until it is time to stop or a thread has failed."""
        clock_looked_at = looked_again_at = float("-inf")
        while not self.until.is_set() and not any(thread.done() for thread in threads):
            pause = LOOK_EVERY_S
            try:
                if time.monotonic() - clock_looked_at > CLOCK_EVERY_S:
                    with self.bench.hub.database.writing() as connection:
                        wake_after_clock_went_back(connection, self.bench.clock())
                    clock_looked_at = time.monotonic()
                with self.bench.hub.database.reading() as connection:
                    waiting = waiting_work(  # of what nobody rests for they find out by themselves
                        connection,
                        MOVING,
                        self._left_alone(),
                        sagas=self._for_sagas.is_waited_for,
                        effects=self._for_effects.is_waited_for,
                    )
                pause = self._rung_for(waiting)
                if time.monotonic() - looked_again_at > LOOK_AGAIN_EVERY_S:
                    self._for_sagas.ring()  # who leads looks at what is held, too
                    self._for_guard.ring()
                    looked_again_at = time.monotonic()
            except RetryableError as error:
                log.warning("the worker cannot look what is due: %s", error)
                pause = AFTER_A_FAULT_S
            self.until.wait(pause)

    def _rung_for(self, waiting: WaitingWork) -> float:
        """Ring for what is due; gives the seconds to the next look."""
        now, pause = self.bench.clock(), LOOK_EVERY_S
        for due, bell in ((waiting.saga_at, self._for_sagas), (waiting.effect_at, self._for_effects)):
            if due is not None and due <= now:
                bell.ring()
            elif due is not None:
                pause = min(pause, (due - now).total_seconds())
        resting, rests_until = self._resting_event
        if waiting.newest_event > (resting if time.monotonic() < rests_until else 0):
            self._for_events.ring()
        return pause

    def _lead(self, health: ElementHealth, looks: LookTurns) -> None:
        given = self.bench
        desk = Desk(
            given.hub,
            given.network,
            given.open_driver,
            given.clock,
            given.may_act,
            given.lease,
            health,
            self._stops,
            looks,
        )

        def led() -> bool:
            outcome = advance(desk, most=1)
            self._count(sagas=len(outcome.settled), overtaken=outcome.overtaken)
            if any(saga.step == "release" and saga.state == "running" for saga in outcome.settled):
                self._for_effects.ring()
            acted = (each for each in outcome.settled if each.state != "running" and each.kind != "adopt")
            ended = [each for each in acted if each.order_number is not None]
            self._touch((each.market, f"order/{each.order_number}") for each in ended)
            return bool(outcome.settled or outcome.overtaken)

        with desk:
            self._whenever(self._for_sagas, led)

    def _send(self) -> None:
        given = self.bench
        used_at = time.monotonic()

        def sent() -> bool:
            nonlocal used_at
            if time.monotonic() - used_at > KEPT_OPEN_S:
                sinks.close()
            outcome = drain(
                given.hub,
                given.clock,
                given.may_act,
                away=self._left_alone(),
                shall_stop=self._stops,
                sinks=sinks,
            )
            used_at = time.monotonic()
            for system in outcome.away.keys() - self._away.keys():
                self._away[system] = outcome.away[system], time.monotonic() + LEFT_ALONE_S
            self._count(effects=len(outcome.settled), overtaken=outcome.overtaken)
            if outcome.settled:
                self._for_sagas.ring()
            self._touch((each.market, each.acts_on) for each in outcome.settled if each.state == "done")
            return bool(outcome.settled)

        with OpenSinks(given.hub, given.open_sink, given.clock) as sinks:
            self._whenever(self._for_effects, sent)

    def _take_in(self) -> None:
        def taken() -> bool:
            with self.bench.hub.database.reading() as connection:
                newest = newest_event(connection)
            outcomes = take_inbox(self.bench.hub, self.bench.clock())
            if any(outcome.fault for outcome in outcomes):
                self._resting_event = newest, time.monotonic() + LEFT_ALONE_S
            events = sum(outcome.taken + outcome.rejected for outcome in outcomes)
            self._count(events=events)
            if events:
                self._for_sagas.ring()
            return events > 0

        self._whenever(self._for_events, taken)

    def _touch(self, works: Iterable[tuple[str, str]]) -> None:
        """Let the guard look at what was done."""
        found = list(works)
        if found:
            self._guarding.touch(found)
            self._for_guard.ring()

    def _guard(self) -> None:
        def guarded() -> bool:
            self._guarding.look(self.bench.clock())
            return False

        self._whenever(self._for_guard, guarded)

    def _whenever(self, bell: Bell, do: Callable[[], bool]) -> None:
        """Do something whenever the bell rings, and again for as long as there was something to do."""
        while not self._stops():
            since = bell.rung()
            try:
                found = do()
            except RetryableError as error:
                log.warning("a worker rests: %s", error)
                self.until.wait(AFTER_A_FAULT_S)
                found = False
            if not found and not self._stops():
                bell.wait(since)

    def _left_alone(self) -> dict[str, str]:
        now = time.monotonic()
        for system in [name for name, (_, until) in list(self._away.items()) if until <= now]:
            self._away.pop(system, None)
        return {name: why for name, (why, _) in list(self._away.items())}

    def _count(self, **more: int) -> None:
        with self._counting:
            for name, number in more.items():
                setattr(self.done, name, getattr(self.done, name) + number)
