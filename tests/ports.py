"""Ports for servers that cannot be told to take any free one and say which."""

import os
import random
import socket

_RANGE = range(10_000, 20_000)
"""Below the ports that systems give to outgoing connections: a server binds some seconds after we looked."""
_CHANCE = random.SystemRandom()


def free_ports(number: int, kind: socket.SocketKind = socket.SOCK_STREAM) -> list[int]:
    """So many different ports of loopback that nobody has now, and that no other worker of this run is given."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    ours = _RANGE[worker::workers]
    found = [port for port in _CHANCE.sample(ours, 50 + number) if _is_free(port, kind)]
    assert len(found) >= number, f"no {number} free ports between {_RANGE.start} and {_RANGE.stop}"
    return found[:number]


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """One of them."""
    return free_ports(1, kind)[0]


def _is_free(port: int, kind: socket.SocketKind) -> bool:
    with socket.socket(socket.AF_INET, kind) as probe:
        if kind == socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
