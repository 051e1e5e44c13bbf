"""`splice listen`: take events from other systems over HTTP, and bring them into the canonical model."""

import logging
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from canonical_model.errors import ConfigurationError, SpliceError
from connectors.settings import is_loopback
from console.opened_hub import opened
from console.told_to_stop import until_told_to_stop
from console.workplace import EXAMPLE_OPERATOR, OperatorOption, WorkspaceOption, screen
from hub.workplace import Hub, database_address

log = logging.getLogger(__name__)

LOCK_WAIT_S = 5.0
"""How long an event waits for another writer of the database before its sender is asked to come again."""
PAGES_AT_ONCE = 5
AFTER_A_FAULT_S = 30.0


def listen(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.")] = 4202,
    tls_cert: Annotated[Path | None, typer.Option(help="PEM file of the certificate with its chain.")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="PEM file of the certificate's key.")] = None,
    plain_http: Annotated[
        bool, typer.Option("--plain-http", help="Unencrypted on another address than loopback, behind a proxy.")
    ] = False,
    trap_port: Annotated[int, typer.Option(help="UDP port for traps; 0 takes a free one.")] = 1162,
    accounting_port: Annotated[int, typer.Option(help="UDP port for accounting; 0 takes a free one.")] = 1813,
    every: Annotated[
        float, typer.Option(min=0.1, max=3600, help="Seconds between two times that the inbox is taken in.")
    ] = 2.0,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Keep what other systems send, answer 202 once it is stored, and take it in, until Ctrl-C."""
    # web server, pandas and the like take a second to import; no other command pays for them
    from console.web_server import Certificate, serving  # noqa: PLC0415
    from hub.listening.ears import listening  # noqa: PLC0415
    from hub.webhooks.endpoint import webhook_application  # noqa: PLC0415
    from hub.webhooks.group_commit import writing_to  # noqa: PLC0415
    from hub.webhooks.inlets import inlets_of  # noqa: PLC0415
    from storage.database import open_database  # noqa: PLC0415

    if (tls_cert is None) != (tls_key is None):
        raise ConfigurationError("--tls-cert and --tls-key go together")
    certificate = Certificate(tls_cert, tls_key) if tls_cert and tls_key else None
    if certificate is None and not plain_http and not is_loopback(host):
        raise ConfigurationError(
            f"{host} would take events unencrypted: give --tls-cert and --tls-key, or say --plain-http behind a proxy"
        )
    with opened(operator, workspace) as hub, _facts_in_the_log(), until_told_to_stop() as stop:
        inlets = inlets_of(hub.operator, hub.environment)
        address = database_address(hub.operator, hub.workspace, hub.environment)
        with closing(open_database(address, LOCK_WAIT_S)) as database:
            write = writing_to(database)
            application = webhook_application(inlets, write, _now)
            with (
                listening(hub, write, _now, host, trap_port, accounting_port) as ears,
                serving(application, "webhooks", host, port, certificate) as server,
            ):
                for place in ears.addresses:
                    screen.print(f"listening  {place}", highlight=False)
                for system, stream in inlets:
                    screen.print(f"listening  {server.address}/webhooks/{system}/{stream}", highlight=False)
                screen.print("Ctrl-C ends it", highlight=False)
                pause = 0.0
                while not stop.wait(pause):
                    server.must_run()
                    for line in ears.news():
                        screen.print(f"{_now():%H:%M:%S} {line}", highlight=False)
                    pause = _take_in(hub, every)
    screen.print("ended", highlight=False)


class _WithFacts(logging.Formatter):
    """Behind the message what a person needs to help a sender: where it happened, and why."""

    def format(self, record: logging.LogRecord) -> str:
        """The message with its facts."""
        known = vars(record)
        facts = [f"{name}={known[name]!r}" for name in ("system", "stream", "event_id", "cause") if name in known]
        return " ".join([super().format(record), *facts])


@contextmanager
def _facts_in_the_log() -> Iterator[None]:
    formatters = [(handler, handler.formatter) for handler in logging.getLogger().handlers]
    for handler, _ in formatters:
        handler.setFormatter(_WithFacts("%(asctime)s %(levelname)s %(message)s"))
    try:
        yield
    finally:
        for handler, formatter in formatters:
            handler.setFormatter(formatter)


def _take_in(hub: Hub, every: float) -> float:
    """Take in what waits; gives the seconds to wait until the next time.

    Whatever goes wrong, events are still received: they are safe in the inbox, and their senders would not wait.
    """
    from hub.inbox import LARGEST_PAGE, take_inbox  # noqa: PLC0415 - see above

    try:
        outcomes = take_inbox(hub, _now(), PAGES_AT_ONCE)
    except SpliceError as error:
        log.warning("the inbox cannot be taken in: %s", error)
        return AFTER_A_FAULT_S
    except Exception:
        log.exception("the inbox cannot be taken in: a defect; events are still received")
        return AFTER_A_FAULT_S
    for outcome in outcomes:
        named = f"{datetime.now(UTC):%H:%M:%S} {outcome.system} {outcome.stream}"
        if outcome.taken or outcome.rejected:
            screen.print(f"{named}: {outcome.taken} taken in, {outcome.rejected} rejected", highlight=False)
        if outcome.fault is not None:
            screen.print(f"{named}: events wait: {outcome.fault}", highlight=False, markup=False)
    if any(outcome.taken + outcome.rejected >= LARGEST_PAGE for outcome in outcomes):
        return 0.0
    return AFTER_A_FAULT_S if any(outcome.fault for outcome in outcomes) else every


def _now() -> datetime:
    return datetime.now(UTC)
