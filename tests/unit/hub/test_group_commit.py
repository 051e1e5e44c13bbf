"""Requests that share a commit: bounded, fair, and each with the answer to its own events."""

import asyncio
import threading
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from canonical_model.errors import RetryableError
from hub.webhooks.group_commit import MOST_IN_ONE, MOST_WAITING, GroupCommit
from storage.inbox import IncomingEvent

NOW = datetime(2026, 4, 5, 12, tzinfo=UTC)


def event(name: str, payload: str = "{}") -> IncomingEvent:
    return IncomingEvent("jobs", "done", name, NOW, None, payload, "digest")


class Writer:
    """Writes nothing, and holds each commit up until it is let go."""

    def __init__(self) -> None:
        self.commits: list[list[str]] = []
        self.go_on = threading.Event()
        self.fails = 0

    def __call__(self, events: Sequence[IncomingEvent]) -> set[int]:
        self.commits.append([one.event_id for one in events])
        self.go_on.wait(120)
        if self.fails:
            self.fails -= 1
            raise RetryableError("database: busy")
        return {place for place, one in enumerate(events) if one.event_id.startswith("again")}


def test_whoever_comes_during_a_commit_shares_the_next_and_gets_its_own_answer() -> None:
    async def run() -> None:
        writer = Writer()
        commits = GroupCommit(writer)
        first = asyncio.create_task(commits.keep([event("a")]))
        await asyncio.sleep(0.01)
        names = (["b", "again 1"], ["c"], ["again 2", "d", "again 3"])
        others = [asyncio.create_task(commits.keep([event(name) for name in some])) for some in names]
        await asyncio.sleep(0.01)
        writer.go_on.set()
        assert await first == set()
        assert await asyncio.gather(*others) == [{1}, set(), {0, 2}]
        assert writer.commits == [["a"], ["b", "again 1", "c", "again 2", "d", "again 3"]]

    asyncio.run(run())


def test_a_commit_that_fails_is_told_to_all_who_share_it_and_to_nobody_else() -> None:
    async def run() -> None:
        writer = Writer()
        writer.fails = 1
        commits = GroupCommit(writer)
        first = asyncio.create_task(commits.keep([event("a")]))
        await asyncio.sleep(0.01)
        second = asyncio.create_task(commits.keep([event("b")]))
        await asyncio.sleep(0.01)
        writer.go_on.set()
        with pytest.raises(RetryableError):
            await first
        assert await second == set()

    asyncio.run(run())


def test_whoever_gives_up_does_not_disturb_the_others() -> None:
    async def run() -> None:
        writer = Writer()
        commits = GroupCommit(writer)
        tasks = [asyncio.create_task(commits.keep([event(name)])) for name in "abc"]
        await asyncio.sleep(0.01)
        tasks[1].cancel()
        writer.go_on.set()
        assert await tasks[0] == await tasks[2] == set()
        assert [name for some in writer.commits for name in some] == ["a", "b", "c"]

    asyncio.run(run())


def test_a_commit_and_the_queue_before_it_are_bounded() -> None:
    async def run() -> None:
        writer = Writer()
        commits = GroupCommit(writer)
        first = asyncio.create_task(commits.keep([event("a")]))
        await asyncio.sleep(0.01)
        half = MOST_IN_ONE // 2 + 1
        several = [asyncio.create_task(commits.keep([event(f"{n}-{m}") for m in range(half)])) for n in range(3)]
        await asyncio.sleep(0.01)
        with pytest.raises(RetryableError, match="too many events wait"):
            await commits.keep([event("large", "x" * MOST_WAITING)])
        writer.go_on.set()
        await asyncio.gather(first, *several)
        assert [len(some) for some in writer.commits] == [1, half, half, half]
        assert await commits.keep([event("large", "x" * MOST_WAITING)]) == set()

    asyncio.run(run())
