"""A TCP relay on loopback before a server: it waits, cuts connections with a reset, or refuses them."""

import random
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_CHUNK = 65_536


class TcpRelay:
    """Passes octets on in both directions.

    Attributes:
        port: where it listens.
        reset: probability that a piece of an answer is replaced by a reset.
        latency_s: how long each piece of an answer is held back.
        is_missing: whether who connects is cut at once.
    """

    def __init__(self, upstream_port: int, seed: int = 0) -> None:
        self.reset = 0.0
        self.latency_s = 0.0
        self.is_missing = False
        self._upstream_port = upstream_port
        self._chance = random.Random(seed)
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut_all(self) -> None:
        """Reset every connection that is open now."""
        for one in list(self._open):
            _reset(one)

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut_all()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self.is_missing:
                _reset(client)
                continue
            try:
                server = socket.create_connection(("127.0.0.1", self._upstream_port))
            except OSError:
                _reset(client)
                continue
            for one in (client, server):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._open |= {client, server}
            for source, target, is_answer in ((client, server, False), (server, client, True)):
                threading.Thread(target=self._pump, args=(source, target, is_answer), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket, is_answer: bool) -> None:
        with suppress(OSError):
            while piece := source.recv(_CHUNK):
                if is_answer:
                    time.sleep(self.latency_s)
                    if self._chance.random() < self.reset:
                        break
                target.sendall(piece)
        for one in (source, target):
            _reset(one)
            self._open.discard(one)


@contextmanager
def tcp_relay(upstream_port: int, seed: int = 0) -> Iterator[TcpRelay]:
    """A relay for the length of the block."""
    relay = TcpRelay(upstream_port, seed)
    try:
        yield relay
    finally:
        relay.close()


def _reset(one: socket.socket) -> None:
    """Close with RST instead of FIN, also where another thread waits on it."""
    with suppress(OSError):
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        one.shutdown(socket.SHUT_RDWR)
    with suppress(OSError):
        one.close()
