"""An ASGI application under uvicorn in a thread of its own."""

import asyncio
import socket
import threading
import time
from contextlib import suppress

import uvicorn
from starlette.types import ASGIApp

from simulated_estate.servers.loopback import port_of, tcp_socket

_START_S = 60.0
_STOP_S = 60.0
_TICK_S = 1.0
"""How often the date of the answers is written anew."""


class _Server(uvicorn.Server):
    """Ends as soon as it is told to; uvicorn's own looks ten times a second, and waits for who is connected."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._told = asyncio.Event()

    def ask_to_stop(self) -> None:
        """Wind down; from any thread, before the start and after the end as well."""
        self.should_exit = True
        if self._loop is not None:
            with suppress(RuntimeError):  # it has ended already
                self._loop.call_soon_threadsafe(self._told.set)

    async def main_loop(self) -> None:
        """See ``uvicorn.Server``."""
        self._loop = asyncio.get_running_loop()
        while not await self.on_tick(0):
            with suppress(TimeoutError):
                await asyncio.wait_for(self._told.wait(), _TICK_S)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """See ``uvicorn.Server``; whoever is still being answered is cut off."""
        for listening in (*self.servers, *(sockets or ())):
            listening.close()
        for task in (tasks := list(self.server_state.tasks)):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for connection in list(self.server_state.connections):
            connection.shutdown()


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
        )
        self._server = _Server(config)
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
        self._server.ask_to_stop()

    def stop(self) -> None:
        """Stop serving and wait for the thread; harmless when it never started."""
        self.ask_to_stop()
        if self._thread.ident is not None:
            self._thread.join(_STOP_S)
        self._socket.close()

    def _run(self) -> None:
        self._server.run(sockets=[self._socket])
