"""One SNMP agent per network element, each on a UDP port of its own, all in one thread."""

import asyncio
import socket
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from simulated_estate.books import Books, DeviceRow
from simulated_estate.faults.point import FaultPoint
from simulated_estate.servers.loop_thread import LoopThread
from simulated_estate.servers.snmp_ber import V2C, V3, BerError, version_of
from simulated_estate.servers.snmp_tables import vendor_of
from simulated_estate.servers.snmp_tree import ElementTree
from simulated_estate.servers.snmp_v2c import Communities, answer_v2c
from simulated_estate.servers.snmp_v3 import V3Agent, V3Users
from simulated_estate.servers.snmp_values import Oid, Value
from simulated_estate.servers.snmp_writes import RESOURCE_UNAVAILABLE
from simulated_estate.servers.write_log import WriteLog

CONTEXTS = ("", "provisioning")
"""Contexts of v3, which show the same tree."""
_Peer = tuple[str, int]


@dataclass(frozen=True, slots=True)
class SnmpCredentials:
    """Who may read, and who may write as well: communities of v2c, users of v3 (SHA-1 and AES-128)."""

    community: str
    write_community: str
    v3_user: str
    v3_writer: str
    v3_auth_key: str
    v3_priv_key: str


class Agent(asyncio.DatagramProtocol):
    """Answers the datagrams of one element; its v3 engine is made when the first v3 message comes.

    Attributes:
        vendor: how it shows its devices.
    """

    def __init__(
        self, name: str, books: Books, credentials: SnmpCredentials, point: FaultPoint, log: WriteLog
    ) -> None:
        self._name = name
        self._log = log
        self.vendor = vendor_of(name)
        self._tree = ElementTree(
            name, self.vendor, lambda: [] if point.faults.missing_feed else books.network.get(name, [])
        )
        self._credentials = credentials
        self._point = point
        self._wire: asyncio.DatagramTransport | None = None
        self._v3: V3Agent | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See ``asyncio.DatagramProtocol``."""
        self._wire = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: _Peer) -> None:
        """See ``asyncio.DatagramProtocol``."""
        faults = self._point.faults
        if faults.missing or self._point.happens(faults.loss) or self._point.happens(faults.loss):
            return  # the second throw stands for the answer that would have been lost
        if faults.latency:
            asyncio.get_running_loop().call_later(faults.latency, self._answer, data, addr)
        else:
            self._answer(data, addr)

    def index_of(self, row: DeviceRow) -> int:
        """The index of a device on the element."""
        return self._tree.index_of(row)

    def loses(self) -> bool:
        """Whether a datagram that the element sends is lost."""
        return self._point.faults.missing or self._point.happens(self._point.faults.loss)

    def close(self) -> None:
        """Answer no more."""
        if self._v3 is not None:
            self._v3.close()
        if self._wire is not None:
            self._wire.close()

    def _answer(self, message: bytes, peer: _Peer) -> None:
        known = self._credentials
        communities = Communities(known.community.encode(), known.write_community.encode())
        try:
            version = version_of(message)
            if version == V2C:
                writes = len(self._log.applied)
                reply = answer_v2c(message, self._tree, communities, self._write)
                if reply is not None:
                    self._send(reply, peer, is_of_write=len(self._log.applied) > writes)
            elif version == V3 and self._wire is not None:
                self._engine().answer(message, peer, self._wire)
        except BerError:
            return  # what is no SNMP gets no answer

    def _write(self, bindings: Sequence[tuple[Oid, Value]]) -> tuple[int, int] | None:
        faults = self._point.faults
        if self._point.happens(faults.write_lost):
            return None
        if self._point.happens(faults.busy):
            return RESOURCE_UNAVAILABLE, 1
        outcome = self._tree.check(bindings)
        if outcome == (0, 0) and not self._point.happens(faults.hollow):
            self._log.note(self._name, "SET", "", self._tree.write(bindings))
        return outcome

    def _send(self, reply: bytes, peer: _Peer, *, is_of_write: bool) -> None:
        faults, wait = self._point.faults, 0.0
        if is_of_write:
            if self._point.happens(faults.answer_lost):
                return
            if self._point.happens(faults.rubbish):
                reply = bytes(reversed(reply))
            wait = faults.answer_late
        if self._wire is not None and wait:
            asyncio.get_running_loop().call_later(wait, self._wire.sendto, reply, peer)
        elif self._wire is not None:
            self._wire.sendto(reply, peer)

    def _engine(self) -> V3Agent:
        if self._v3 is None:
            known = self._credentials
            users = V3Users(known.v3_user, known.v3_writer, known.v3_auth_key, known.v3_priv_key)
            self._v3 = V3Agent(self._name, self.vendor.number, self._tree, users, self._write, CONTEXTS)
        return self._v3


class SnmpAgents:
    """All agents of the network, each on a bound socket that its owner closes.

    Attributes:
        by_name: each by the name of its element.
    """

    def __init__(
        self,
        books: Books,
        credentials: SnmpCredentials,
        points: Mapping[str, FaultPoint],
        sockets: Mapping[str, socket.socket],
        log: WriteLog,
    ) -> None:
        self.by_name = {name: Agent(name, books, credentials, points[name], log) for name in sockets}
        self._sockets = sockets
        self._loop = LoopThread("estate-snmp")
        self._is_open = False
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Start answering."""
        self._loop.start()
        self._loop.run(self._open())

    def stop(self) -> None:
        """Close every agent and wait for the thread; harmless when it never started."""
        if self._is_open:
            self._loop.run(self._close())
        self._loop.stop()

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Begin something in the agents' loop; what still runs when they stop is given up."""

        async def began() -> None:
            task = asyncio.get_running_loop().create_task(work)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

        self._loop.run(began())

    async def _open(self) -> None:
        loop = asyncio.get_running_loop()
        for name, agent in self.by_name.items():
            await loop.create_datagram_endpoint(partial(_same, agent), sock=self._sockets[name])
        self._is_open = True

    async def _close(self) -> None:
        for agent in self.by_name.values():
            agent.close()
        await asyncio.sleep(0)  # lets the transports give their sockets back


def _same(agent: Agent) -> Agent:
    return agent
