"""A process that drains the journal, and that may die at the moment a test chooses."""

import os
import signal
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection as Pipe
from pathlib import Path

from connectors.discovery import open_sink
from connectors.ports import Look, RawRecord, Receipt, Sink, SystemSettings, Write
from hub.effects.drain import drain
from hub.workplace import open_hub
from tests.fakes.effects import Stages


class DoomedSink:
    """Dies before or after its first write, by a signal that nobody can catch."""

    def __init__(self, sink: Sink, when: str) -> None:
        self._sink = sink
        self._when = when

    def send(self, write: Write) -> Receipt:
        self._die("before_send")
        receipt = self._sink.send(write)
        self._die("after_send")
        return receipt

    def observe(self, look: Look) -> RawRecord | None:
        return self._sink.observe(look)

    def close(self) -> None:
        self._sink.close()

    def _die(self, when: str) -> None:
        if self._when == when:
            os.kill(os.getpid(), signal.SIGKILL)


def drain_and_tell(
    folder: Path, workspace: Path, environment: dict[str, str], ahead_s: float, when: str, pipe: Pipe
) -> None:
    """Say that the hub is open, wait for a word, and drain by a clock that is so many seconds ahead."""

    def clock() -> datetime:
        return datetime.now(UTC) + timedelta(seconds=ahead_s)

    def opened(settings: SystemSettings) -> Sink:
        return DoomedSink(open_sink(settings), when)

    with open_hub(folder, workspace, environment) as hub:
        pipe.send("ready")
        pipe.recv()
        drain(hub, clock, Stages(), open_sink=opened)
