"""Bars for work that goes on elsewhere: what the hub's database says of its pulls, looked at a few times a second."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import Progress, TaskID

from console.sync import progress_bars
from storage.database import Database
from storage.pulls import progress_of_pulls

LOOK_EVERY_S = 0.25


@contextmanager
def watched_pulls(database: Database) -> Iterator[Progress]:
    """Show a bar for every pull that begins while the block runs."""
    ended = threading.Event()
    with progress_bars() as bars:
        tasks: dict[int, TaskID] = {}

        def look() -> None:
            with database.reading() as connection:
                for pull in progress_of_pulls(connection):
                    if pull.id not in tasks:
                        tasks[pull.id] = bars.add_task(f"{pull.system} {pull.stream}", total=None)
                    total = pull.source_total if pull.outcome == "running" else max(1, pull.read)
                    bars.update(tasks[pull.id], completed=max(pull.read, pull.outcome != "running"), total=total)

        def watch() -> None:
            while not ended.wait(LOOK_EVERY_S):
                look()

        watcher = threading.Thread(target=watch, name="watch-pulls", daemon=True)
        watcher.start()
        try:
            yield bars
        finally:
            ended.set()
            watcher.join()
            look()
