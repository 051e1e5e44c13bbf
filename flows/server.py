"""A Prefect server: our own on loopback, for as long as a block lasts, or one elsewhere. Prefect is not imported."""

import os
import secrets
import socket
import ssl
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from canonical_model.errors import ConfigurationError, RetryableError
from flows.child_process import Child, child
from flows.server_settings import (
    LOGIN_VARIABLE,
    LOOPBACK,
    client_environment,
    secrets_in,
    server_environment,
)

START_TIMEOUT_S = 120.0
STOP_PATIENCE_S = 10.0
PORTS = range(20_000, 30_000)
"""Below the ports that systems give to outgoing connections, since a server binds seconds after we looked."""


@dataclass(frozen=True, slots=True)
class PrefectServer:
    """A running server, and what its clients on this machine need.

    Attributes:
        ui_url: what a person opens in a browser.
        home: folder of what clients keep; of the server's database and logs too where it is our own.
        child: its process; None where it runs elsewhere.
        login: ``user:password``, where it asks for one.
    """

    ui_url: str
    home: Path
    child: Child | None = None
    login: str | None = field(default=None, repr=False)

    @property
    def api_url(self) -> str:
        """What clients speak to."""
        return f"{self.ui_url}/api"

    @property
    def is_running(self) -> bool:
        """Whether it has not ended, as far as can be told from here."""
        return self.child is None or self.child.is_running

    def environment(self, inherited: Mapping[str, str]) -> dict[str, str]:
        """The environment of a process that shall report to this server."""
        return client_environment(inherited, self.home, self.api_url, self.login)


@contextmanager
def local_server(home: Path, port: int = 0, inherited: Mapping[str, str] | None = None) -> Iterator[PrefectServer]:
    """Start a server and wait until it answers.

    Args:
        home: folder for its logs, and for its database where it has no other; the same brings back what was there.
        port: on loopback; 0 takes a free one.
        inherited: environment to build on, which may name a database and a login; the process's own where None.

    Raises:
        ConfigurationError: the port is taken, or the environment names what cannot be.
        RetryableError: it did not come up; the message holds the last lines of its log.
    """
    given = os.environ if inherited is None else inherited
    hidden = secrets_in(given)
    chosen = free_port() if port == 0 else _wanted(port)
    home.mkdir(parents=True, exist_ok=True)
    environment = server_environment(given, home, chosen, hidden)
    command = [sys.executable, "-m", "prefect", "server", "start"]
    with child("the Prefect server", command, environment, home / "server.log", STOP_PATIENCE_S) as process:
        server = PrefectServer(f"http://{LOOPBACK}:{chosen}", home, process, hidden.login)
        _wait_until_healthy(server)
        yield server


def server_elsewhere(url: str, home: Path, inherited: Mapping[str, str]) -> PrefectServer:
    """A server that runs on another machine, once it answers and lets us in.

    Args:
        url: what a person opens in a browser.
        home: folder for what its clients here keep; made where it is missing.
        inherited: the environment, which may name a login.

    Raises:
        ConfigurationError: it does not let us in, or what answers is no Prefect server.
        RetryableError: it does not answer.
    """
    home.mkdir(parents=True, exist_ok=True)
    server = PrefectServer(url.rstrip("/"), home, None, secrets_in(inherited).login)
    _wait_until_healthy(server)
    login = None if server.login is None else httpx.BasicAuth(*server.login.split(":", 1))
    with _asking() as client:
        status = client.get(f"{server.api_url}/admin/version", auth=login).status_code
    if status == httpx.codes.UNAUTHORIZED:
        raise ConfigurationError(f"{server.ui_url} does not let us in: {LOGIN_VARIABLE} has to say USER:PASSWORD")
    if status != httpx.codes.OK:
        raise ConfigurationError(f"{server.ui_url} answers with status {status}: a Prefect server was expected")
    return server


def free_port() -> int:
    """A port of loopback that nobody listens on now."""
    for port in secrets.SystemRandom().sample(PORTS, 100):
        if _is_free(port):
            return port
    raise RetryableError(f"no free port between {PORTS.start} and {PORTS.stop}")


def _wanted(port: int) -> int:
    if not _is_free(port):
        raise ConfigurationError(f"port {port} is taken: name another one, or 0 for any that is free")
    return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def _wait_until_healthy(server: PrefectServer) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    said = "it does not answer"
    with _asking() as client:
        while True:
            if server.child is not None:
                server.child.must_run()
            try:
                answer = client.get(f"{server.api_url}/health")
                if answer.is_success:
                    return
                said = f"it answers with status {answer.status_code}"
            except httpx.TransportError as error:
                said = str(error)
            if time.monotonic() > deadline:
                log = said if server.child is None else server.child.said()
                raise RetryableError(f"the Prefect server at {server.ui_url} did not come up; {log}")
            time.sleep(0.1)


def _asking() -> httpx.Client:
    # the machine's own authorities, or those of SSL_CERT_FILE; no proxy of the person's
    return httpx.Client(trust_env=False, timeout=2.0, verify=ssl.create_default_context())
