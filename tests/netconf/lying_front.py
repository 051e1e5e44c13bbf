"""A NETCONF server that lies: stands between sshd and the real subsystem, and tells what its file says.

Called as ``lying_front.py FILE COMMAND...``. The file holds one of the lies of ``told_http.Lie``, or nothing. Framing
is that of RFC 6242: the end of message first, chunks once both sides have said base 1.1.
"""

import os
import re
import subprocess
import sys
import threading
from pathlib import Path

_END = b"]]>]]>"
_CHUNKS_END = b"\n##\n"
_CHUNK = re.compile(rb"\n#(\d+)\n")
_ID = re.compile(rb"message-id=\"([^\"]*)\"")
_OK = '<rpc-reply xmlns="urn:ietf:params:xml:ns:netconf:base:1.0" message-id="{}"><ok/></rpc-reply>'
_DROPPED = re.compile(rb"<(\w+:)?enabled(\s[^>]*)?>[^<]*</(\w+:)?enabled>")


class Front:
    """One session: what comes from the client is looked at, what comes from the server is passed on."""

    def __init__(self, lie_file: Path, command: list[str]) -> None:
        self._lie_file = lie_file
        self._server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._to, self._from = self._server.stdin.fileno(), self._server.stdout.fileno()
        self._hello, self._silent, self._spoke = threading.Event(), threading.Event(), threading.Event()
        self._server_chunks = self._chunked = False
        threading.Thread(target=self._pass_on, daemon=True).start()

    def run(self) -> None:
        """Until the client ends it."""
        buffer = b""
        while data := os.read(sys.stdin.fileno(), 65536):
            buffer += data
            while (cut := _cut(buffer, self._chunked)) is not None:
                raw, buffer = buffer[:cut], buffer[cut:]
                self._told(raw)
        self._end()

    def _told(self, raw: bytes) -> None:
        message = b"".join(_contents(raw)) if self._chunked else raw.removesuffix(_END)
        lie = self._lie_file.read_text() if self._lie_file.exists() else ""
        if _swallowed(message, lie):
            found = _ID.search(message)
            answer = _OK.format(found[1].decode() if found else "").encode()
            _write(sys.stdout.fileno(), _framed(answer, self._chunked))
            return
        if lie == "drops_a_setting" and b"edit-config" in message:
            raw = _framed(_DROPPED.sub(b"", message), self._chunked)
        if lie == "loses_answer" and _is_commit(message) and b"confirmed" not in message:
            self._silent.set()
        _write(self._to, raw)
        if self._silent.is_set():
            self._spoke.wait(20)
            self._end()
        if not self._chunked and b"hello" in message:
            self._hello.wait(20)
            self._chunked = b"netconf:base:1.1" in message and self._server_chunks

    def _pass_on(self) -> None:
        seen = b""
        while data := os.read(self._from, 65536):
            if self._silent.is_set():
                self._spoke.set()
                continue
            if not self._hello.is_set():
                seen += data
                if _END in seen:
                    self._server_chunks = b"netconf:base:1.1" in seen
                    self._hello.set()
            _write(sys.stdout.fileno(), data)
        self._end()

    def _end(self) -> None:
        self._server.kill()  # it holds the channel open otherwise
        os._exit(0)


def _swallowed(message: bytes, lie: str) -> bool:
    if lie == "forgets":
        return b"edit-config" in message
    return lie == "keeps_to_itself" and _is_commit(message)


def _is_commit(message: bytes) -> bool:
    return re.search(rb"<(\w+:)?commit[\s/>]", message) is not None


def _cut(buffer: bytes, chunked: bool) -> int | None:
    """Where the first whole message ends; None where it has not come yet."""
    if not chunked:
        place = buffer.find(_END)
        return None if place < 0 else place + len(_END)
    place = 0
    while found := _CHUNK.match(buffer, place):
        place = found.end() + int(found[1])
    return place + len(_CHUNKS_END) if buffer[place : place + len(_CHUNKS_END)] == _CHUNKS_END else None


def _contents(raw: bytes) -> list[bytes]:
    found, place = [], 0
    while chunk := _CHUNK.match(raw, place):
        place = chunk.end() + int(chunk[1])
        found.append(raw[chunk.end() : place])
    return found


def _framed(message: bytes, chunked: bool) -> bytes:
    return b"\n#%d\n%b%b" % (len(message), message, _CHUNKS_END) if chunked else message + _END


def _write(to: int, data: bytes) -> None:
    while data:
        data = data[os.write(to, data) :]


Front(Path(sys.argv[1]), sys.argv[2:]).run()
