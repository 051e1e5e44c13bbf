"""Sockets bound to 127.0.0.1; port 0 takes a free one."""

import socket


def tcp_socket(port: int = 0) -> socket.socket:
    """A TCP socket that does not listen yet.

    Raises:
        OSError: the port is taken.
    """
    # asyncio sets TCP_NODELAY only where the protocol is named; without it each answer waits 40 ms for an ACK
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return _bind(bound, port)


def udp_socket(port: int = 0) -> socket.socket:
    """A UDP socket with room for a burst of requests.

    Raises:
        OSError: the port is taken.
    """
    bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    bound.setblocking(False)
    return _bind(bound, port)


def port_of(bound: socket.socket) -> int:
    """The port of a bound socket."""
    port: int = bound.getsockname()[1]
    return port


def _bind(made: socket.socket, port: int) -> socket.socket:
    try:
        made.bind(("127.0.0.1", port))
    except OSError:
        made.close()
        raise
    return made
