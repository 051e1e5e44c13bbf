"""A private Prefect server on loopback, for as long as a block lasts. Importing this does not import Prefect."""

import os
import secrets
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from canonical_model.errors import ConfigurationError, RetryableError
from flows.child_process import Child, child
from flows.server_settings import LOOPBACK, client_environment, server_environment

START_TIMEOUT_S = 120.0
STOP_PATIENCE_S = 10.0
PORTS = range(20_000, 30_000)
"""Below the ports that systems give to outgoing connections, since a server binds seconds after we looked."""


@dataclass(frozen=True, slots=True)
class LocalServer:
    """A running server.

    Attributes:
        ui_url: what a person opens in a browser.
        home: folder of its database and logs; clients keep their things there too.
        child: the process.
    """

    ui_url: str
    home: Path
    child: Child

    @property
    def api_url(self) -> str:
        """What clients speak to."""
        return f"{self.ui_url}/api"

    def environment(self, inherited: Mapping[str, str]) -> dict[str, str]:
        """The environment of a process that shall report to this server."""
        return client_environment(inherited, self.home, self.api_url)


@contextmanager
def local_server(home: Path, port: int = 0, inherited: Mapping[str, str] | None = None) -> Iterator[LocalServer]:
    """Start a server and wait until it answers.

    Args:
        home: folder for its database and logs; the same folder brings back what was there.
        port: on loopback; 0 takes a free one.
        inherited: environment to build on; the process's own where None.

    Raises:
        ConfigurationError: the port is taken.
        RetryableError: it did not come up; the message holds the last lines of its log.
    """
    chosen = free_port() if port == 0 else _wanted(port)
    home.mkdir(parents=True, exist_ok=True)
    environment = server_environment(os.environ if inherited is None else inherited, home, chosen)
    command = [sys.executable, "-m", "prefect", "server", "start"]
    with child("the Prefect server", command, environment, home / "server.log", STOP_PATIENCE_S) as process:
        server = LocalServer(f"http://{LOOPBACK}:{chosen}", home, process)
        _wait_until_healthy(server)
        yield server


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


def _wait_until_healthy(server: LocalServer) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    with httpx.Client(trust_env=False, timeout=2.0) as client:
        while True:
            server.child.must_run()
            try:
                if client.get(f"{server.api_url}/health").is_success:
                    return
            except httpx.TransportError:
                pass
            if time.monotonic() > deadline:
                raise RetryableError(f"the Prefect server did not come up; {server.child.said()}")
            time.sleep(0.1)
