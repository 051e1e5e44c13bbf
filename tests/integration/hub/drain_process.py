"""A process that drains the journal, and that may die at the moment a test chooses."""

from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection as Pipe
from pathlib import Path

from connectors.discovery import open_sink
from connectors.ports import Sink, SystemSettings
from hub.effects.drain import drain
from hub.workplace import open_hub
from tests.fakes.doomed import DoomedSink, Fate, kill_this_process
from tests.fakes.effects import Stages

POINTS = {"never": 0, "before_send": 1, "after_send": 2}


def drain_and_tell(
    folder: Path, workspace: Path, environment: dict[str, str], ahead_s: float, when: str, pipe: Pipe
) -> None:
    """Say that the hub is open, wait for a word, and drain by a clock that is so many seconds ahead."""

    fate = Fate(POINTS[when], "sending", kill_this_process)

    def clock() -> datetime:
        return datetime.now(UTC) + timedelta(seconds=ahead_s)

    def opened(settings: SystemSettings) -> Sink:
        return DoomedSink(open_sink(settings), fate)

    with open_hub(folder, workspace, environment) as hub:
        pipe.send("ready")
        pipe.recv()
        drain(hub, clock, Stages(), open_sink=opened)
