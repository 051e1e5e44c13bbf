"""The worker process that the benchmark of activations measures, and what it works with."""

import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection as Pipe
from pathlib import Path

from hub.running_clock import running_clock
from hub.sagas.bench import Bench, Crew
from hub.sagas.working import work
from hub.takeover.authority import authority_of
from hub.workplace import open_hub
from provisioning.discovery import open_driver
from provisioning.driver import ElementSettings, NetworkDriver
from tests.fakes.lines import NETWORK
from tests.fakes.told_network import ToldNetwork


@dataclass(frozen=True)
class ToldElements:
    """How elements are reached: the OLT is a file, the others are spoken to by their drivers."""

    olt: ToldNetwork
    others: Mapping[str, ElementSettings]

    def driver(self, element: str) -> NetworkDriver:
        settings = self.others.get(element)
        return self.olt.driver(element) if settings is None else open_driver(settings)


@dataclass(frozen=True)
class WorkPlace:
    """What a worker process is started with."""

    operator: Path
    workspace: Path
    environment: Mapping[str, str]
    elements: ToldElements


def loop(place: WorkPlace, leading: int, sending: int, pipe: Pipe) -> None:
    """Run the loop until anything comes through the pipe."""
    with open_hub(place.operator, place.workspace, place.environment) as hub:
        until = threading.Event()

        def wait_for_the_end() -> None:
            with suppress(EOFError):  # who measures was lost
                pipe.recv()
            until.set()

        threading.Thread(target=wait_for_the_end, daemon=True).start()
        clock = running_clock(datetime.now(UTC))
        bench = Bench(hub, NETWORK, place.elements.driver, clock, authority_of(hub, clock))
        pipe.send("ready")
        work(bench, until, Crew(leading, sending))
