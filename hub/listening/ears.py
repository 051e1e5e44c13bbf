"""The ports that are listened on, in a thread and an event loop of their own."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Protocol

from connectors.radius.accounting import AccountingReceiver
from connectors.snmp.notifications import NotificationReceiver
from hub.listening import accounting, traps
from hub.running_clock import Clock
from hub.webhooks.group_commit import GroupCommit, Write
from hub.workplace import Hub


class Receiver(Protocol):
    """What listens on a port, inside one event loop."""

    async def open(self, host: str, port: int) -> int:
        """Begin; gives the port."""
        ...

    async def counts(self) -> dict[str, int]:
        """What was not taken, by reason."""
        ...

    async def close(self) -> None:
        """End, with what is under way kept."""
        ...


class Ears:
    """What listens.

    Attributes:
        addresses: what is listened on, in words.
    """

    def __init__(self) -> None:
        self.addresses: list[str] = []
        self._counts: dict[str, Callable[[], dict[str, int]]] = {}
        self._told: dict[tuple[str, str], int] = {}

    def news(self) -> list[str]:
        """What was not taken since this was asked last, by reason."""
        counts = {(what, reason): number for what, ask in self._counts.items() for reason, number in ask().items()}
        fresh = {key: number - self._told.get(key, 0) for key, number in counts.items()}
        self._told = counts
        return [f"{what} not taken: {number} ({reason})" for (what, reason), number in fresh.items() if number]

    def add(self, what: str, systems: list[str], place: str, counts: Callable[[], dict[str, int]]) -> None:
        """Another port."""
        self.addresses += [f"{what} of {system} on {place}" for system in systems]
        self._counts[what] = counts


@contextmanager
def listening(
    hub: Hub, write: Write, clock: Clock, host: str, trap_port: int, accounting_port: int = 0
) -> Iterator[Ears]:
    """Listen until the end of the block; what is under way is kept first.

    Raises:
        ConfigurationError: a port is taken, or a login cannot be resolved.
    """
    ears = Ears()
    trappers, accountants = traps.senders(hub), accounting.senders(hub)
    with ExitStack() as stack:
        if trappers or accountants:
            loop = stack.enter_context(_running_loop())
            commits = GroupCommit(write)
        if trappers:
            keep_trap = traps.keeping(commits, traps.streams(hub), clock)
            heard = NotificationReceiver(hub.operator.file.operator, trappers, keep_trap)
            stack.enter_context(_open(ears, loop, "traps", [one.system for one in trappers], heard, host, trap_port))
        if accountants:
            accounted = AccountingReceiver(accountants, accounting.keeping(commits, accounting.streams(hub), clock))
            named = [one.system for one in accountants]
            stack.enter_context(_open(ears, loop, "accounting", named, accounted, host, accounting_port))
        yield ears


@contextmanager
def _open(
    ears: Ears,
    loop: asyncio.AbstractEventLoop,
    what: str,
    systems: list[str],
    receiver: Receiver,
    host: str,
    port: int,
) -> Iterator[None]:
    taken = asyncio.run_coroutine_threadsafe(receiver.open(host, port), loop).result()
    counts = lambda: asyncio.run_coroutine_threadsafe(receiver.counts(), loop).result()  # noqa: E731 - one use
    ears.add(what, systems, f"{host} port {taken}", counts)
    try:
        yield
    finally:
        asyncio.run_coroutine_threadsafe(receiver.close(), loop).result()


@contextmanager
def _running_loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="listening", daemon=True)
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
