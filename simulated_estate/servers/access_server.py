"""Access equipment with sessions: it takes orders for them and accounts for what becomes of them.

An order that comes again is known by where it came from, its identifier and its authenticator, and answered as before
(RFC 5080); one that somebody else plays again, or that is older than a few minutes, is passed over (RFC 5176, 6.3).
"""

import asyncio
import socket
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import cast

from simulated_estate.books import SessionRow
from simulated_estate.faults.point import FaultPoint
from simulated_estate.servers import radius_packets as radius
from simulated_estate.servers.accounting import Accounting
from simulated_estate.servers.loop_thread import LoopThread
from simulated_estate.servers.radius_packets import Packet
from simulated_estate.servers.write_log import WriteLog

OLDEST_ORDER = timedelta(minutes=5)
_REMEMBERED = 1_000
_UNSUPPORTED, _MISSING, _OTHER_NAS, _BAD_VALUE, _NOT_FOUND, _BUSY, _SEVERAL = 401, 402, 403, 407, 503, 506, 508
_IDENTIFYING: dict[int, Callable[[SessionRow], bytes]] = {
    radius.USER_NAME: lambda row: row.username.encode(),
    radius.ACCT_SESSION_ID: lambda row: row.session_id.encode(),
    radius.FRAMED_IP_ADDRESS: lambda row: radius.address(row.framed_address),
    radius.NAS_PORT_ID: lambda row: row.port.encode(),
}
_ABOUT_THE_ORDER = (radius.NAS_IP_ADDRESS, radius.EVENT_TIMESTAMP, radius.MESSAGE_AUTHENTICATOR)
_ANSWERS = {
    radius.CHANGE: (radius.CHANGE_ACK, radius.CHANGE_NAK, "CoA-Request"),
    radius.DISCONNECT: (radius.DISCONNECT_ACK, radius.DISCONNECT_NAK, "Disconnect-Request"),
}
_Peer = tuple[str, int]


@dataclass(frozen=True, slots=True)
class _Refused(Exception):  # noqa: N818 - a NAK is no fault of the program
    """Why an order is not carried out: an Error-Cause."""

    cause: int


class AccessServer(asyncio.DatagramProtocol):
    """The order port of one piece of equipment.

    Attributes:
        accounting: where what becomes of sessions is told.
        replayed: orders that were passed over since somebody played them again, or since they are too old.
    """

    def __init__(
        self,
        name: str,
        sessions: list[SessionRow],
        secret: str,
        point: FaultPoint,
        clock: Callable[[], datetime],
        log: WriteLog,
    ) -> None:
        self.accounting = Accounting(secret.encode(), clock)
        self.replayed = 0
        self._name = name
        self._sessions = sessions
        self._profiles = {row.profile for row in sessions}
        self._secret = secret.encode()
        self._point = point
        self._clock = clock
        self._log = log
        self._wire: asyncio.DatagramTransport | None = None
        self._answered: OrderedDict[bytes, tuple[_Peer, bytes]] = OrderedDict()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The port is open."""
        self._wire = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: _Peer) -> None:
        """Carry an order out and answer it."""
        faults = self._point.faults
        if faults.missing or self._point.happens(faults.loss) or self._point.happens(faults.write_lost):
            return
        try:
            order = radius.read_packet(data)
        except radius.PacketError:
            return
        if order.code not in _ANSWERS or not radius.is_signed(data, self._secret):
            return  # equipment meets what is not signed with its secret with silence
        reply = self._reply(order, addr)
        if reply is None or self._point.happens(faults.answer_lost) or self._wire is None:
            return
        if self._point.happens(faults.rubbish):
            reply = reply[:4] + bytes(reversed(reply[4:]))
        asyncio.get_running_loop().call_later(faults.latency + faults.answer_late, self._wire.sendto, reply, addr)

    def close(self) -> None:
        """Take no more orders."""
        if self._wire is not None:
            self._wire.close()
        self.accounting.close()

    def _reply(self, order: Packet, peer: _Peer) -> bytes | None:
        known = self._answered.get(order.authenticator)
        if known is not None and known[0] == peer:
            return known[1]
        if known is not None or self._is_old(order):
            self.replayed += 1
            return None
        acknowledged, refused, operation = _ANSWERS[order.code]
        try:
            reply = radius.answer(order, acknowledged, self._secret)
            self._carry_out(order, operation)
        except _Refused as told:
            cause = ((radius.ERROR_CAUSE, radius.integer(told.cause)),)
            reply = radius.answer(order, refused, self._secret, cause)
        self._answered[order.authenticator] = (peer, reply)
        while len(self._answered) > _REMEMBERED:
            self._answered.popitem(last=False)
        return reply

    def _is_old(self, order: Packet) -> bool:
        stamp = order.value(radius.EVENT_TIMESTAMP)
        if stamp is None or len(stamp) != 4:
            return False
        age = self._clock().timestamp() - int.from_bytes(stamp, "big")
        return abs(age) > OLDEST_ORDER.total_seconds()

    def _carry_out(self, order: Packet, operation: str) -> None:
        """Do what an order says.

        Raises:
            _Refused: it is not done.
        """
        if self._point.happens(self._point.faults.busy):
            raise _Refused(_BUSY)
        session = self._session(order)
        change = dict(self._changes(order))
        if self._point.happens(self._point.faults.hollow):
            return
        self._log.note(self._name, operation, "", session.session_id)
        if order.code == radius.CHANGE:
            session.profile = change[radius.FILTER_ID]
            self.accounting.tell("Interim-Update", session)
        else:
            session.ended_at, session.end_cause = self._clock(), "Admin-Reset"
            self.accounting.tell("Stop", session)

    def _session(self, order: Packet) -> SessionRow:
        wanted = [(number, octets) for number, octets in order.attributes if number in _IDENTIFYING]
        if not wanted:
            raise _Refused(_MISSING)
        nas = order.value(radius.NAS_IP_ADDRESS)
        if nas is not None and nas != radius.address("127.0.0.1"):
            raise _Refused(_OTHER_NAS)
        found = [
            row
            for row in self._sessions
            if row.ended_at is None and all(_IDENTIFYING[number](row) == octets for number, octets in wanted)
        ]
        if len(found) != 1:
            raise _Refused(_SEVERAL if found else _NOT_FOUND)
        return found[0]

    def _changes(self, order: Packet) -> Iterator[tuple[int, str]]:
        for number, octets in order.attributes:
            if number in _IDENTIFYING or number in _ABOUT_THE_ORDER:
                continue
            if number != radius.FILTER_ID or order.code != radius.CHANGE:
                raise _Refused(_UNSUPPORTED)
            if octets.decode("utf-8", "replace") not in self._profiles:
                raise _Refused(_BAD_VALUE)
            yield number, octets.decode()
        if order.code == radius.CHANGE and order.value(radius.FILTER_ID) is None:
            raise _Refused(_MISSING)


class AccessServers:
    """All equipment with sessions, each on a bound socket that its owner closes.

    Attributes:
        by_name: each by its name.
    """

    def __init__(self, servers: dict[str, AccessServer], sockets: dict[str, socket.socket]) -> None:
        self.by_name = servers
        self._sockets = sockets
        self._loop = LoopThread("estate-access")
        self._is_open = False

    def start(self) -> None:
        """Start taking orders."""
        self._loop.start()
        self._loop.run(self._open())

    def account_for(self, name: str, status: str, session: SessionRow) -> None:
        """Let equipment tell of a session by itself, as it does when one begins, or now and then."""

        async def tell() -> None:
            self.by_name[name].accounting.tell(status, session)

        self._loop.run(tell())

    def stop(self) -> None:
        """Close every order port and wait for the thread; harmless when it never started."""
        if self._is_open:
            self._loop.run(self._close())
        self._loop.stop()

    async def _open(self) -> None:
        loop = asyncio.get_running_loop()
        for name, server in self.by_name.items():
            await loop.create_datagram_endpoint(partial(_same, server), sock=self._sockets[name])
        self._is_open = True

    async def _close(self) -> None:
        for server in self.by_name.values():
            server.close()
        await asyncio.sleep(0)  # lets the transports give their sockets back


def _same(server: AccessServer) -> AccessServer:
    return server
