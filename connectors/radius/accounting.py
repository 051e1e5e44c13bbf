"""Accounting-Requests (RFC 2866) that are heard: believed by their secret, answered when what they say is safe."""

import asyncio
import hashlib
import hmac
import struct
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any, cast

from pyrad.packet import AccountingRequest, AcctPacket, PacketError

from canonical_model.errors import ConfigurationError
from connectors.radius.dictionary import dictionary

MOST_UNDER_WAY = 5_000
_HEAD = 20
_UNREADABLE = (PacketError, struct.error, ValueError, LookupError, TypeError, AttributeError)
"""What pyrad raises over attributes that are not of their form."""
_CHANGES_WHEN_SENT_AGAIN = frozenset({"Acct-Delay-Time", "Message-Authenticator"})


@dataclass(frozen=True, slots=True)
class AccountingSender:
    """A system that may send accounting."""

    system: str
    networks: tuple[IPv4Network | IPv6Network, ...]
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class AccountingRecord:
    """One request that is believed.

    Attributes:
        sender: address that it came from.
        values: the first value of each attribute by its name; octets as hex.
    """

    system: str
    sender: str
    values: dict[str, str | int]

    @property
    def digest(self) -> str:
        """The same for a request that is sent again, another for whatever else the sender accounts for."""
        told = sorted((name, value) for name, value in self.values.items() if name not in _CHANGES_WHEN_SENT_AGAIN)
        return hashlib.sha256(repr((self.sender, told)).encode()).hexdigest()


Keep = Callable[[AccountingRecord], Awaitable[bool]]
"""Keeps a record; whether it is safe now."""


class AccountingReceiver(asyncio.DatagramProtocol):
    """Listens on a UDP port, inside a running event loop, in which alone it may be called."""

    def __init__(self, senders: Sequence[AccountingSender], keep: Keep) -> None:
        self._senders = senders
        self._keep = keep
        self._tasks: set[asyncio.Task[None]] = set()
        self._dropped: Counter[str] = Counter()
        self._wire: asyncio.DatagramTransport | None = None

    async def open(self, host: str, port: int) -> int:
        """Begin to listen; gives the port.

        Raises:
            ConfigurationError: the port is taken or not ours to take.
        """
        loop = asyncio.get_running_loop()
        try:
            wire, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(host, port))
        except OSError as error:
            told = error.strerror
            raise ConfigurationError(f"accounting cannot be heard on {host} port {port}: {told}") from error
        taken: int = wire.get_extra_info("sockname")[1]
        return taken

    async def counts(self) -> dict[str, int]:
        """What was not taken, by reason; only ever grows."""
        return dict(self._dropped)

    async def close(self) -> None:
        """Take nothing more in, and wait for what is under way."""
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._wire is not None:
            self._wire.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The port is open."""
        self._wire = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Believe a request or count it."""
        possible = [one for one in self._senders if any(ip_address(addr[0]) in network for network in one.networks)]
        if not possible:
            self._dropped["unknown sender"] += 1
            return
        if len(self._tasks) >= MOST_UNDER_WAY:
            self._dropped["too many at once"] += 1
            return
        if not _is_request(data):
            self._dropped["no accounting request"] += 1
            return
        sender = next((one for one in possible if _is_signed(data, one.secret)), None)
        if sender is None:
            self._dropped["wrong secret"] += 1
            return
        try:
            request = AcctPacket(packet=data, secret=sender.secret.encode(), dict=dictionary())
            values = _values(request)
        except _UNREADABLE:
            self._dropped["no accounting request"] += 1
            return
        record = AccountingRecord(sender.system, addr[0], values)
        task = asyncio.get_running_loop().create_task(self._kept(record, request, addr))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _kept(self, record: AccountingRecord, request: Any, addr: tuple[str, int]) -> None:
        if not await self._keep(record):
            self._dropped["could not be kept"] += 1
        elif self._wire is not None:
            self._wire.sendto(request.CreateReply().ReplyPacket(), addr)


def _is_request(data: bytes) -> bool:
    """Whether octets begin as a request does, and are as many as its header announces; more are padding."""
    return len(data) >= _HEAD and data[0] == AccountingRequest and _HEAD <= _length(data) <= len(data)


def _is_signed(data: bytes, secret: str) -> bool:
    """Whether a request is signed with a secret (RFC 2866, 3)."""
    signed = data[:4] + bytes(16) + data[_HEAD : _length(data)] + secret.encode()
    return hmac.compare_digest(hashlib.md5(signed).digest(), data[4:_HEAD])  # noqa: S324 - the protocol's own


def _length(data: bytes) -> int:
    return int.from_bytes(data[2:4], "big")


def _values(request: Any) -> dict[str, str | int]:
    """The first value of each attribute; octets, and what is not of the attribute's own form, as hex."""
    values: dict[str, str | int] = {}
    for name, raw in zip(request.keys(), dict.values(request), strict=True):  # by name, and as they came
        try:
            value = request[name][0]
        except _UNREADABLE:
            value = raw[0] if isinstance(raw, list) else repr(raw).encode()
        values[str(name)] = value if isinstance(value, int | str) else bytes(value).hex()
    return values
