"""An ASGI application under uvicorn in a thread of its own."""

import threading
import time

import uvicorn
from starlette.types import ASGIApp

from simulated_estate.servers.loopback import port_of, tcp_socket

_START_S = 60.0
_STOP_S = 60.0


class HttpThread:
    """One uvicorn server on a free port; logs nothing but errors, since its own log would drown the demo's."""

    def __init__(self, name: str, application: ASGIApp) -> None:
        self._socket = tcp_socket()
        self.port = port_of(self._socket)
        config = uvicorn.Config(
            application,
            http="h11",
            loop="asyncio",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_keep_alive=3600,
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, name=f"estate-{name}", daemon=True)

    def start(self) -> None:
        """Start serving.

        Raises:
            RuntimeError: the server did not come up.
        """
        self._thread.start()
        deadline = time.monotonic() + _START_S
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > deadline:
                raise RuntimeError(f"{self._thread.name} did not start")
            time.sleep(0.005)

    def ask_to_stop(self) -> None:
        """Let the server wind down, without waiting for it."""
        self._server.should_exit = True

    def stop(self) -> None:
        """Stop serving and wait for the thread; harmless when it never started."""
        self.ask_to_stop()
        if self._thread.ident is not None:
            self._thread.join(_STOP_S)
        self._socket.close()

    def _run(self) -> None:
        self._server.run(sockets=[self._socket])
