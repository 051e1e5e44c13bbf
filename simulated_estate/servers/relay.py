"""A TCP relay before an HTTP server: resets connections, cuts bodies short, loses writes and answers to writes.

It reads one exchange at a time, so that a probability is one per request whatever the sizes of the packets.
"""

import asyncio
import re
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from simulated_estate.faults.point import FaultPoint
from simulated_estate.servers.loopback import port_of, tcp_socket

_BLANK_LINE = b"\r\n\r\n"
_BODILESS = (204, 304)
_RUBBISH = b"<!DOCTYPE html>\n<html><body><h1>Welcome</h1>gateway</body></html>\n"
_RUBBISH_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(_RUBBISH)
_ORDERED = re.compile(rb"(?i)\r\nsoapaction:[^\r\n]*/((start|change|stop)billing|postadjustment)")
_READS = ("GET ", "HEAD ", "OPTIONS ")
_BREAKS = (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError, ValueError)

IsWrite = Callable[[str, bytes, bytes], bool]
"""Whether a request changes something, by its first line, its head and its body."""


@dataclass(frozen=True, slots=True)
class _Message:
    """An HTTP message: its first line, all of its head, its body; ``ends`` says that the connection does."""

    first_line: str
    head: bytes
    body: bytes
    ends: bool


class Relay:
    """Listens on a bound socket and passes each exchange on to a server on another port of this machine."""

    def __init__(
        self, bound: socket.socket, upstream_port: int, point: FaultPoint, is_write: IsWrite | None = None
    ) -> None:
        self._bound = bound
        self._port = port_of(bound)
        self._upstream_port = upstream_port
        self._point = point
        self._is_write = is_write or changes_something
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def apply(self) -> None:
        """Listen, or stop listening, as the fault ``missing`` of the moment wants it."""
        if self._point.faults.missing:
            await self.close()
            self._bound = tcp_socket(self._port)  # keeps the port from others; who connects is refused
        elif self._server is None:
            self._server = await asyncio.start_server(self._serve, sock=self._bound)

    async def close(self) -> None:
        """Stop listening and reset every open connection."""
        if self._server is not None:
            self._server.close()
            for writer in self._writers:
                writer.transport.abort()
            await self._server.wait_closed()
            self._server = None
        self._bound.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        upstream: asyncio.StreamWriter | None = None
        try:
            answers, upstream = await asyncio.open_connection("127.0.0.1", self._upstream_port)
            while await self._exchange(reader, writer, answers, upstream):
                pass
        except _BREAKS:
            pass  # either side hung up or sent no HTTP, which ends the other side's connection as well
        finally:
            self._writers.discard(writer)
            for open_writer in filter(None, (writer, upstream)):
                with suppress(ConnectionError):
                    open_writer.close()

    async def _exchange(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        answers: asyncio.StreamReader,
        upstream: asyncio.StreamWriter,
    ) -> bool:
        """Pass on a request and its answer; whether the connection lives on."""
        request = await _read(reader, is_bodiless=False)
        faults = self._point.faults
        is_write = self._is_write(request.first_line, request.head, request.body)
        if is_write and self._point.happens(faults.write_lost):
            _reset(writer)
            return False
        if is_write and faults.write_late:
            await self._point.late(faults.write_late)
        upstream.write(request.head + request.body)
        await upstream.drain()
        answer = await _read(answers, is_bodiless=request.first_line.startswith("HEAD "))
        if is_write and await self._answer_to_write_fails(writer):
            return False
        if self._point.happens(faults.reset):
            await self._send(writer, answer, self._point.share())
            _reset(writer)
            return False
        if answer.body and self._point.happens(faults.truncate):
            await self._send(writer, answer, self._point.share())
            return False
        writer.write(answer.head + answer.body)
        await writer.drain()
        return not (request.ends or answer.ends)

    async def _answer_to_write_fails(self, writer: asyncio.StreamWriter) -> bool:
        """Whether the answer to a write that was done is lost, or replaced by rubbish; waits where it is late."""
        faults = self._point.faults
        if self._point.happens(faults.answer_lost):
            _reset(writer)
            return True
        if self._point.happens(faults.rubbish):
            writer.write(_RUBBISH_HEAD + _RUBBISH)
            await writer.drain()
            return True
        if faults.answer_late:
            await self._point.late(faults.answer_late)
        return False

    async def _send(self, writer: asyncio.StreamWriter, answer: _Message, share: float) -> None:
        """Send the head and a share of the body, and let the client see it."""
        writer.write(answer.head + answer.body[: int(len(answer.body) * share)])
        await writer.drain()
        await asyncio.sleep(0.01)


def changes_something(first_line: str, _head: bytes, body: bytes) -> bool:
    """Whether a request of a REST interface changes something: by its method, logging in left out.

    Of a composite request the methods of its parts tell.
    """
    if "/composite " in first_line:
        return b'"PATCH"' in body
    return not first_line.startswith(_READS) and "/token " not in first_line and "/Soap/" not in first_line


def orders_billing(_first_line: str, head: bytes, _body: bytes) -> bool:
    """Whether a SOAP request changes something: by the operation that its SOAPAction names."""
    return _ORDERED.search(head) is not None


async def _read(reader: asyncio.StreamReader, *, is_bodiless: bool) -> _Message:
    head = await reader.readuntil(_BLANK_LINE)
    lines = head.decode("latin-1").split("\r\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    words = lines[0].split()
    is_empty_answer = lines[0].startswith("HTTP/") and len(words) > 1 and int(words[1]) in _BODILESS
    if headers.get("transfer-encoding", "").lower() == "chunked":
        body = await _chunks(reader)
    else:
        size = 0 if is_bodiless or is_empty_answer else int(headers.get("content-length", "0"))
        body = await reader.readexactly(size)
    return _Message(lines[0], head, body, headers.get("connection", "").lower() == "close")


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    """A body in chunks as it stands on the wire, to its last empty line."""
    body = b""
    while True:
        line = await reader.readuntil(b"\r\n")
        size = int(line.partition(b";")[0], 16)
        body += line
        if not size:
            break
        body += await reader.readexactly(size + 2)
    while line != b"\r\n":
        line = await reader.readuntil(b"\r\n")
        body += line
    return body


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close with RST instead of FIN."""
    raw = writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
