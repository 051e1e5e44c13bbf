"""What a worker process works with, and how many threads do the work."""

from dataclasses import dataclass
from datetime import timedelta

from connectors.discovery import open_sink as open_sink_of_kind
from hub.effects.sinks import OpenSink
from hub.running_clock import Clock
from hub.sagas.desk import OpenDriver
from hub.takeover.authority import MayAct
from hub.workplace import Hub
from provisioning.network_file import NetworkFile


@dataclass(frozen=True, slots=True)
class Crew:
    """Who does the work.

    Attributes:
        leading: threads that lead sagas, each with drivers of its own.
        sending: threads that send effects, each with logins of its own.
    """

    leading: int = 4
    sending: int = 2


@dataclass(frozen=True, slots=True)
class Bench:
    """What the threads of a worker process work with.

    Attributes:
        network: what network.yaml says.
        open_driver: opens the driver of an element; each thread opens its own.
        clock: never goes back while the process lives (``hub.running_clock``).
        lease: how long a saga may be held between two writes to the journal.
        open_sink: opens a system for writing.
    """

    hub: Hub
    network: NetworkFile
    open_driver: OpenDriver
    clock: Clock
    may_act: MayAct
    lease: timedelta = timedelta(minutes=5)
    open_sink: OpenSink = open_sink_of_kind
