"""The ports that are listened on, in a thread and an event loop of their own."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from connectors.snmp.notifications import NotificationReceiver
from hub.listening import traps
from hub.webhooks.group_commit import GroupCommit, Write
from hub.workplace import Hub


class Ears:
    """What listens.

    Attributes:
        addresses: what is listened on, in words.
    """

    def __init__(self, addresses: list[str], counts: Callable[[], dict[str, int]]) -> None:
        self.addresses = addresses
        self._counts = counts
        self._told: dict[str, int] = {}

    def news(self) -> list[str]:
        """What was not taken since this was asked last, by reason."""
        counts = self._counts()
        fresh = {reason: number - self._told.get(reason, 0) for reason, number in counts.items()}
        self._told = counts
        return [f"traps not taken: {number} ({reason})" for reason, number in fresh.items() if number]


@contextmanager
def listening(hub: Hub, write: Write, clock: traps.Clock, host: str, trap_port: int) -> Iterator[Ears]:
    """Listen until the end of the block; what is under way is kept first.

    Raises:
        ConfigurationError: a port is taken, or a login cannot be resolved.
    """
    known = traps.senders(hub)
    if not known:
        yield Ears([], dict)
        return
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="listening", daemon=True)
    thread.start()

    async def opened() -> tuple[NotificationReceiver, int]:
        keep = traps.keeping(GroupCommit(write), traps.streams(hub), clock)
        receiver = NotificationReceiver(hub.operator.file.operator, known, keep)
        return receiver, await receiver.open(host, trap_port)

    try:
        receiver, port = asyncio.run_coroutine_threadsafe(opened(), loop).result()
        try:
            addresses = [f"traps of {one.system} on {host} port {port}" for one in known]
            yield Ears(addresses, lambda: asyncio.run_coroutine_threadsafe(receiver.counts(), loop).result())
        finally:
            asyncio.run_coroutine_threadsafe(receiver.close(), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
