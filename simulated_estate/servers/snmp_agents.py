"""One SNMP agent per network element, each on a UDP port of its own, all in one thread."""

import asyncio
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import cast

from simulated_estate.books import Books
from simulated_estate.faults.point import FaultPoint
from simulated_estate.servers.loop_thread import LoopThread
from simulated_estate.servers.snmp_ber import V2C, V3, BerError, version_of
from simulated_estate.servers.snmp_tables import vendor_of
from simulated_estate.servers.snmp_tree import ElementTree
from simulated_estate.servers.snmp_v2c import answer_v2c
from simulated_estate.servers.snmp_v3 import V3Agent

_Peer = tuple[str, int]


@dataclass(frozen=True, slots=True)
class SnmpCredentials:
    """Who may read: a v2c community, or a v3 user with SHA-1 authentication and AES-128 privacy."""

    community: str
    v3_user: str
    v3_auth_key: str
    v3_priv_key: str


class _Agent(asyncio.DatagramProtocol):
    """Answers the datagrams of one element; its v3 engine is made when the first v3 message comes."""

    def __init__(self, name: str, books: Books, credentials: SnmpCredentials, point: FaultPoint) -> None:
        self._name = name
        self._vendor = vendor_of(name)
        self._tree = ElementTree(
            name, self._vendor, lambda: [] if point.faults.missing_feed else books.network.get(name, [])
        )
        self._credentials = credentials
        self._point = point
        self._wire: asyncio.DatagramTransport | None = None
        self._v3: V3Agent | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._wire = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: _Peer) -> None:
        faults = self._point.faults
        if faults.missing or self._point.happens(faults.loss) or self._point.happens(faults.loss):
            return  # the second throw stands for the answer that would have been lost
        if faults.latency:
            asyncio.get_running_loop().call_later(faults.latency, self._answer, data, addr)
        else:
            self._answer(data, addr)

    def close(self) -> None:
        if self._v3 is not None:
            self._v3.close()
        if self._wire is not None:
            self._wire.close()

    def _answer(self, message: bytes, peer: _Peer) -> None:
        try:
            version = version_of(message)
            if version == V2C:
                reply = answer_v2c(message, self._tree, self._credentials.community.encode())
                if reply is not None and self._wire is not None:
                    self._wire.sendto(reply, peer)
            elif version == V3 and self._wire is not None:
                self._engine().answer(message, peer, self._wire)
        except BerError:
            return  # what is no SNMP gets no answer

    def _engine(self) -> V3Agent:
        if self._v3 is None:
            known = self._credentials
            number = self._vendor.number
            self._v3 = V3Agent(self._name, number, self._tree, known.v3_user, known.v3_auth_key, known.v3_priv_key)
        return self._v3


class SnmpAgents:
    """All agents of the network, each on a bound socket that its owner closes."""

    def __init__(
        self,
        books: Books,
        credentials: SnmpCredentials,
        points: Mapping[str, FaultPoint],
        sockets: Mapping[str, socket.socket],
    ) -> None:
        self._agents = {name: _Agent(name, books, credentials, points[name]) for name in sockets}
        self._sockets = sockets
        self._loop = LoopThread("estate-snmp")
        self._is_open = False

    def start(self) -> None:
        """Start answering."""
        self._loop.start()
        self._loop.run(self._open())

    def stop(self) -> None:
        """Close every agent and wait for the thread; harmless when it never started."""
        if self._is_open:
            self._loop.run(self._close())
        self._loop.stop()

    async def _open(self) -> None:
        loop = asyncio.get_running_loop()
        for name, agent in self._agents.items():
            await loop.create_datagram_endpoint(partial(_same, agent), sock=self._sockets[name])
        self._is_open = True

    async def _close(self) -> None:
        for agent in self._agents.values():
            agent.close()
        await asyncio.sleep(0)  # lets the transports give their sockets back


def _same(agent: _Agent) -> _Agent:
    return agent
