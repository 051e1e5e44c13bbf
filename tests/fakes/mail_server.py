"""A mail server on loopback that says what a test wants it to say, and hangs up where the test wants it to."""

import socket
import socketserver
import struct
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

SILENT = "silent"
RESET = "reset"


@dataclass
class ScriptedMail:
    """A running server.

    Attributes:
        messages: what it took over after DATA, dots unstuffed.
        said: every command that came.
    """

    port: int = 0
    messages: list[bytes] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


SCRIPT = {
    "greeting": "220 mail.invalid",
    "EHLO": "250 mail.invalid",
    "MAIL": "250 ok",
    "RCPT": "250 ok",
    "DATA": "354 go ahead",
    "message": "250 2.0.0 taken over",
    "QUIT": "221 bye",
}


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, script: Mapping[str, str]) -> None:
        self.script = script
        self.ended = threading.Event()
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.running = ScriptedMail(self.server_address[1])


class _Conversation(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        if not self._say("greeting"):
            return
        for line in self.rfile:
            command = line.decode("latin-1").strip()
            self.server.running.said.append(command)
            if not self._answer(command.partition(" ")[0].upper()):
                return

    def _answer(self, word: str) -> bool:
        """Answer a command; whether the conversation goes on."""
        goes_on = self._say(word) and word != "QUIT"
        if goes_on and word == "DATA" and self.server.script["DATA"].startswith("354"):
            self.server.running.messages.append(self._message())
            return self._say("message")
        return goes_on

    def _say(self, what: str) -> bool:
        reply = self.server.script.get(what, "500 what")
        if reply == SILENT:
            self.server.ended.wait(300)
            return False
        if reply == RESET:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return False
        self.wfile.write(reply.encode() + b"\r\n")
        return True

    def _message(self) -> bytes:
        lines = []
        for line in self.rfile:
            if line == b".\r\n":
                break
            lines.append(line[1:] if line.startswith(b".") else line)
        return b"".join(lines)


@contextmanager
def scripted_mail(answers: Mapping[str, str] | None = None) -> Iterator[ScriptedMail]:
    """Serve until the block ends.

    Args:
        answers: reply by what it answers: ``greeting``, a command such as ``MAIL``, or ``message`` for what comes
            after the message itself; `SILENT` says nothing more, `RESET` cuts the connection.
    """
    with _Server({**SCRIPT, **(answers or {})}) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server.running
        finally:
            server.ended.set()
            server.shutdown()
            thread.join(5)
