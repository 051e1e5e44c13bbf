"""Many requests, one transaction: whatever waits while one commit is under way goes into the next one.

A request that comes alone is written at once; nothing waits for company. Under load the number of commits is bound
by how long a commit takes, and not by how many requests come.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence

from canonical_model.errors import RetryableError
from storage.database import Database
from storage.inbox import IncomingEvent, keep_events

MOST_IN_ONE = 1_000
"""Events in one transaction; a body that has more is a transaction of its own."""
MOST_WAITING = 64 * 2**20
"""Characters of payload that may wait in memory."""

Write = Callable[[Sequence[IncomingEvent]], set[int]]


class _Request:
    """The events of one request, and the future that tells the places of those in conflict."""

    def __init__(self, events: Sequence[IncomingEvent], kept: "asyncio.Future[set[int]]") -> None:
        self.events = events
        self.kept = kept
        self.size = sum(len(event.payload) for event in events)


class GroupCommit:
    """Writes events for all requests of one event loop, one transaction at a time."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._waiting: deque[_Request] = deque()
        self._size = 0
        self._writer: asyncio.Task[None] | None = None

    async def keep(self, events: Sequence[IncomingEvent]) -> set[int]:
        """Keep events; once it returns they are committed. Gives the places of those in conflict.

        Raises:
            RetryableError, ConfigurationError: nothing was kept: the database is out of reach, or too much waits.
        """
        request = _Request(events, asyncio.get_running_loop().create_future())
        if self._size + request.size > MOST_WAITING:
            raise RetryableError("too many events wait to be stored; send again later")
        self._waiting.append(request)
        self._size += request.size
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_all())
        return await request.kept

    async def _write_all(self) -> None:
        while self._waiting:
            batch = self._next_batch()
            events = [event for request in batch for event in request.events]
            # an error is handed to those who wait, and does not end the writing for others
            (outcome,) = await asyncio.gather(asyncio.to_thread(self._write, events), return_exceptions=True)
            self._size -= sum(request.size for request in batch)
            place = 0
            for request in batch:
                places = range(place, place + len(request.events))
                place = places.stop
                if request.kept.done():  # who asked has gone
                    continue
                if isinstance(outcome, BaseException):
                    request.kept.set_exception(outcome)
                else:
                    request.kept.set_result({at - places.start for at in outcome if at in places})

    def _next_batch(self) -> list[_Request]:
        batch = [self._waiting.popleft()]
        number = len(batch[0].events)
        while self._waiting and number + len(self._waiting[0].events) <= MOST_IN_ONE:
            number += len(self._waiting[0].events)
            batch.append(self._waiting.popleft())
        return batch


def writing_to(database: Database) -> Write:
    """Write events into the inbox of a database, in one transaction."""

    def write(events: Sequence[IncomingEvent]) -> set[int]:
        with database.journaling() as connection:
            return keep_events(connection, events)

    return write
