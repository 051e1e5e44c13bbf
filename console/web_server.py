"""A web application under uvicorn in a thread of its own, on a port that is bound before anything is served."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from canonical_model.errors import ConfigurationError, RetryableError

START_TIMEOUT_S = 30.0
STOP_TIMEOUT_S = 10
MOST_CONNECTIONS = 512


@dataclass(frozen=True, slots=True)
class Certificate:
    """Files in PEM: a certificate with its chain, and its key."""

    chain: Path
    key: Path

    def check(self) -> None:
        """Try the files.

        Raises:
            ConfigurationError: one cannot be read, or they do not belong together.
        """
        try:
            # a key under a passphrase would ask for it at the terminal
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(self.chain, self.key, password="")
        except OSError as error:  # ssl.SSLError is one
            raise ConfigurationError(
                f"certificate {self.chain} with key {self.key}: {error.strerror or error};"
                " PEM files without a passphrase are expected"
            ) from error


@dataclass(frozen=True, slots=True)
class WebServer:
    """A running server."""

    address: str
    _thread: threading.Thread

    def must_run(self) -> None:
        """Make sure that it still serves.

        Raises:
            RetryableError: it ended by itself.
        """
        if not self._thread.is_alive():
            raise RetryableError(f"the web server at {self.address} ended by itself; its message stands above")


@contextmanager
def serving(
    application: ASGIApp, name: str, host: str, port: int, certificate: Certificate | None = None
) -> Iterator[WebServer]:
    """Serve until the block is left; requests that are under way then are answered first.

    Args:
        application: what is served.
        name: of the thread.
        host: name or address of this machine.
        port: 0 takes a free one.
        certificate: for TLS.

    Raises:
        ConfigurationError: the host is none of this machine, the port is taken, or the certificate cannot be used.
        RetryableError: the server did not start.
    """
    if certificate is not None:
        certificate.check()
    with closing(_bound(host, port)) as bound:
        settings = uvicorn.Config(
            application,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            ws="none",
            lifespan="off",
            limit_concurrency=MOST_CONNECTIONS,
            timeout_graceful_shutdown=STOP_TIMEOUT_S,
            ssl_certfile=certificate.chain if certificate else None,
            ssl_keyfile=certificate.key if certificate else None,
        )
        server = uvicorn.Server(settings)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, name=name, daemon=True)
        thread.start()
        _wait_until_started(server, thread)
        scheme = "https" if certificate else "http"
        shown = f"[{host}]" if ":" in host else host
        try:
            yield WebServer(f"{scheme}://{shown}:{bound.getsockname()[1]}", thread)
        finally:
            server.should_exit = True
            thread.join()


def _bound(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        # asyncio sets TCP_NODELAY only where the protocol is named; without it answers wait for the client's ACK
        made = socket.socket(family, kind, protocol)
    except OSError as error:
        raise ConfigurationError(
            f"host {host}: {error.strerror or error}; an address of this machine is expected"
        ) from error
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
    except OSError as error:
        made.close()
        raise ConfigurationError(f"{host} port {port} cannot be had: {error.strerror}; name another one") from error
    return made


def _wait_until_started(server: uvicorn.Server, thread: threading.Thread) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise RetryableError("the web server did not start; its message stands above")
        time.sleep(0.01)
