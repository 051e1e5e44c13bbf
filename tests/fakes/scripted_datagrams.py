"""A UDP port that answers what a test tells it to, and keeps what came."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

Answer = Callable[[bytes], list[bytes]]
"""The datagrams that answer one."""


@dataclass
class ScriptedPort:
    """An open port; ``came`` has every datagram with the place it came from."""

    port: int
    came: list[tuple[bytes, tuple[str, int]]] = field(default_factory=list)

    @property
    def octets(self) -> list[bytes]:
        """What came."""
        return [octets for octets, _ in self.came]


@contextmanager
def scripted_port(answer: Answer) -> Iterator[ScriptedPort]:
    """A port on loopback."""
    wire = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    wire.bind(("127.0.0.1", 0))
    wire.settimeout(0.1)
    opened = ScriptedPort(wire.getsockname()[1])
    ended = threading.Event()

    def serve() -> None:
        while not ended.is_set():
            try:
                octets, peer = wire.recvfrom(65_535)
            except TimeoutError:
                continue
            opened.came.append((octets, peer))
            for reply in answer(octets):
                wire.sendto(reply, peer)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield opened
    finally:
        ended.set()
        thread.join()
        wire.close()
