"""An HTTP server on loopback that answers as a test says, for what no well-behaved stand-in does."""

import os
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Asked:
    """A request as it arrived."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Reply:
    """What is sent back.

    Attributes:
        status: HTTP status.
        body: octets of the body.
        headers: beside Content-Length.
        promised: Content-Length, where it is not the true one.
        ending: after the body: "kept" leaves the connection open, "closed" ends it, "reset" cuts it (TCP RST),
            "silent" says nothing more until the server stops, "dripping" sends an octet now and then until it stops.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    promised: int | None = None
    ending: str = "kept"


@dataclass
class ScriptedServer:
    """A running server: its URL and every request that came."""

    url: str
    asked: list[Asked] = field(default_factory=list)


@contextmanager
def scripted_server(answer: Callable[[Asked], Reply], tls: ssl.SSLContext | None = None) -> Iterator[ScriptedServer]:
    """Serve what ``answer`` gives until the block ends; with a context over TLS."""
    ended = threading.Event()
    running = ScriptedServer("")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # head and body go out apart; the body shall not wait for an acknowledgement

        def _handle(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            asked = Asked(self.command, self.path, dict(self.headers), self.rfile.read(length))
            running.asked.append(asked)
            reply = answer(asked)
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            promised = len(reply.body) if reply.promised is None else reply.promised
            self.send_header("Content-Length", str(promised))
            self.end_headers()
            self.wfile.write(reply.body)
            self.wfile.flush()
            self._end(reply.ending)

        def _end(self, ending: str) -> None:
            if ending == "silent":
                ended.wait(300)
            while ending == "dripping" and not ended.wait(0.02):
                self.wfile.write(b" ")
            if ending == "reset":
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                os.close(self.connection.detach())
            self.close_connection = self.close_connection or ending != "kept"

        do_GET = do_POST = do_PATCH = do_PUT = _handle  # noqa: N815 - names of the standard library

        def handle(self) -> None:
            with suppress(OSError):  # the other side went away, or showed no certificate
                super().handle()

        def log_message(self, *_args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    running.url = f"{'http' if tls is None else 'https'}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield running
    finally:
        ended.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
