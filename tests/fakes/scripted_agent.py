"""An SNMP agent that answers what a test tells it to, rubbish and silence among it."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from simulated_estate.servers.snmp_ber import END_OF_MIB_VIEW, Request, binding, raw_binding, read_request, response
from simulated_estate.servers.snmp_values import Oid, Value

Answer = Callable[[Request], list[tuple[float, bytes]]]
"""Seconds to wait and octets to send, for each datagram that answers a question."""
Table = dict[Oid, Value]


def rows_after(table: Table, request: Request) -> list[bytes]:
    """The bindings of a GETBULK of one column over a table."""
    (behind,) = request.oids
    found = [(oid, value) for oid, value in sorted(table.items()) if oid > behind][: request.second]
    encoded = [binding(oid, value) for oid, value in found]
    short = request.second - len(found)
    return encoded + [raw_binding(max(table), END_OF_MIB_VIEW)] * min(short, 1)


def honest(table: Table) -> Answer:
    """Answers as an agent should."""
    return lambda request: [(0.0, response(request, rows_after(table, request)))]


@contextmanager
def scripted_agent(answer: Answer) -> Iterator[str]:
    """The address of an agent on loopback."""
    wire = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    wire.bind(("127.0.0.1", 0))
    wire.settimeout(0.1)
    ended = threading.Event()

    def serve() -> None:
        while not ended.is_set():
            try:
                message, peer = wire.recvfrom(65_535)
            except TimeoutError:
                continue
            for wait, octets in answer(read_request(message)):
                time.sleep(wait)
                wire.sendto(octets, peer)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"127.0.0.1:{wire.getsockname()[1]}"
    finally:
        ended.set()
        thread.join()
        wire.close()
