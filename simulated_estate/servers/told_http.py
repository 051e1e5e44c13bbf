"""A small HTTP server on loopback for controllers that are told of services, and the lies that they may tell."""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

Lie = Literal["", "forgets", "keeps_to_itself", "drops_a_setting", "loses_answer"]
"""What a controller does beside the truth: it says yes and writes nothing; it writes its own books and does not tell
the device; it leaves one setting out; it does what was asked, and the connection ends before its answer."""


@dataclass(frozen=True, slots=True)
class HttpAsked:
    """A request.

    Attributes:
        path: as it was sent, without the query.
        query: last value by name.
        headers: names in lower case.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body; None where there is none.

        Raises:
            ValueError: it is no JSON.
        """
        return json.loads(self.body) if self.body else None


@dataclass(frozen=True, slots=True)
class HttpTold:
    """An answer; content that is None has no body."""

    status: int
    content: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


Answering = Callable[[HttpAsked], HttpTold | None]
"""Answers a request; None closes the connection without a word."""


class ToldServer:
    """A server on a free port of loopback, in a thread of its own."""

    def __init__(self, name: str, answer: Answering) -> None:
        handler = type("_Handler", (_Handler,), {"answer": staticmethod(answer)})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        serve = self._server.serve_forever
        self._thread = threading.Thread(target=serve, args=(0.05,), name=f"estate-{name}", daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def stop(self) -> None:
        """End it; calling it twice is harmless."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    answer: Answering
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def _do(self) -> None:
        target = urlsplit(self.path)
        told = type(self).answer(
            HttpAsked(
                self.command,
                target.path,
                dict(parse_qsl(target.query, keep_blank_values=True)),
                {name.lower(): value for name, value in self.headers.items()},
                self.rfile.read(int(self.headers.get("Content-Length") or 0)),
            )
        )
        if told is None:
            self.close_connection = True
            return
        content = b"" if told.content is None else json.dumps(told.content).encode()
        self.send_response(told.status)
        if content:
            self.send_header("Content-Type", told.headers.get("Content-Type", "application/json"))
        for name, value in told.headers.items():
            if name != "Content-Type":
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _do  # noqa: N815 - as the library calls them

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the library calls it
        """Its own log would drown the demo's."""
