"""Let flows that are called in this process report to a server, whatever this person's Prefect is set to."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from flows.server import PrefectServer

DRAIN_TIMEOUT_S = 10.0


@contextmanager
def reporting_to(server: PrefectServer, inherited: Mapping[str, str] | None = None) -> Iterator[None]:
    """Speak to a server until the block is left; the environment of the process is that of a client meanwhile.

    Heartbeats are off: they tell a server that a process was lost, cost every flow a second at its end, and a
    person who waits for a flow sees the loss without them.

    Args:
        server: which server.
        inherited: environment to build on, such as the addresses that references name; the process's own where None.
    """
    before = dict(os.environ)
    _become(server.environment(before if inherited is None else inherited))
    try:
        # Prefect reads the environment when it is first imported and takes a second for it
        from prefect.context import use_profile  # noqa: PLC0415
        from prefect.events.worker import EventsWorker  # noqa: PLC0415
        from prefect.logging.handlers import APILogWorker  # noqa: PLC0415
        from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, Profile, temporary_settings  # noqa: PLC0415

        with (
            use_profile(Profile(name="splice", settings={}), include_current_context=False),
            temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}),
        ):
            try:
                yield
            finally:
                # else they try to reach a server that is gone when the process ends, for a minute
                APILogWorker.drain_all(timeout=DRAIN_TIMEOUT_S)
                EventsWorker.drain_all(timeout=DRAIN_TIMEOUT_S)
    finally:
        _become(before)


def _become(environment: Mapping[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment)
