"""Traps and informs, v1, v2c and v3: who may send them, and an inform that is acknowledged when what it says is safe.

pysnmp speaks the protocol. Its own receiver acknowledges before anybody has seen the inform, and takes a message of a
user without a signature, as no access is asked for; both are done here.
"""

import asyncio
import hashlib
import socket
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any

from pyasn1.codec.ber import decoder  # type: ignore[import-untyped]
from pyasn1.error import PyAsn1Error  # type: ignore[import-untyped]
from pysnmp.carrier.asyncio.dgram import udp
from pysnmp.entity import config, engine
from pysnmp.entity.rfc3413 import ntfrcv
from pysnmp.error import PySnmpError
from pysnmp.proto import rfc1902, rfc3411
from pysnmp.proto.api import v2c
from pysnmp.proto.proxy import rfc2576

from canonical_model.errors import ConfigurationError
from connectors.snmp.engines import AUTHENTICATION, PRIVACY
from connectors.snmp.logins import CommunityLogin, Login
from connectors.snmp.oids import dotted
from connectors.snmp.questions import plain
from connectors.snmp.values import SnmpValue

MOST_UNDER_WAY = 5_000
"""Notifications that wait to be kept; what comes beyond is dropped and counted, and an inform comes again."""
_RECEIVE_BUFFER = 4 * 2**20
_UPTIME, _KIND = "1.3.6.1.2.1.1.3.0", "1.3.6.1.6.3.1.1.4.1.0"
_REFUSED = {
    "unknown community": ("__SNMPv2-MIB", "snmpInBadCommunityNames"),
    "no SNMP": ("__SNMPv2-MIB", "snmpInASNParseErrs"),
    "unknown user": ("__SNMP-USER-BASED-SM-MIB", "usmStatsUnknownUserNames"),
    "unknown engine, or a question for ours": ("__SNMP-USER-BASED-SM-MIB", "usmStatsUnknownEngineIDs"),
    "wrong signature": ("__SNMP-USER-BASED-SM-MIB", "usmStatsWrongDigests"),
    "not to be decrypted": ("__SNMP-USER-BASED-SM-MIB", "usmStatsDecryptionErrors"),
    "old or repeated": ("__SNMP-USER-BASED-SM-MIB", "usmStatsNotInTimeWindows"),
}


@dataclass(frozen=True, slots=True)
class NotificationSender:
    """A system that may send notifications.

    Attributes:
        networks: where they come from.
        login: how it signs them.
        engine_id: v3: the engine of the system, in hex; without it only its informs can be checked.
    """

    system: str
    networks: tuple[IPv4Network | IPv6Network, ...]
    login: Login
    engine_id: str | None = None


@dataclass(frozen=True, slots=True)
class Notification:
    """A trap or inform that is believed.

    Attributes:
        sender: address that it came from.
        kind: its snmpTrapOID.
        uptime: sysUpTime of the sender, in hundredths of a second.
        request_id: the sender's number; the same when an inform is sent again.
        values: what it says, by OID, in its order.
    """

    system: str
    sender: str
    kind: str
    uptime: int
    request_id: int
    values: tuple[tuple[str, SnmpValue], ...]

    @property
    def digest(self) -> str:
        """The same for a copy, another for whatever else the sender has to say."""
        parts = (self.sender, self.kind, self.uptime, self.request_id, self.values)
        return hashlib.sha256(repr(parts).encode()).hexdigest()


Keep = Callable[[Notification], Awaitable[bool]]
"""Keeps a notification; whether it is safe now."""


class NotificationReceiver:
    """Listens on a UDP port, inside a running event loop, in which alone it may be called."""

    def __init__(self, name: str, senders: Sequence[NotificationSender], keep: Keep) -> None:
        identity = hashlib.sha256(name.encode()).hexdigest()[:16]
        self._engine = engine.SnmpEngine(rfc1902.OctetString(hexValue=f"8000000005{identity}"))
        self._senders = senders
        self._keep = keep
        self._names = _register(self._engine, senders)
        self._tasks: set[asyncio.Task[None]] = set()
        self._dropped: Counter[str] = Counter()

    async def open(self, host: str, port: int) -> int:
        """Begin to listen; gives the port.

        Raises:
            ConfigurationError: the port is taken or not ours to take.
        """
        try:
            wire = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
            wire.bind((host, port))
        except OSError as error:
            raise ConfigurationError(f"traps cannot be heard on {host} port {port}: {error.strerror}") from error
        transport = udp.UdpAsyncioTransport()
        transport.open_server_mode(sock=wire)
        config.add_transport(self._engine, udp.DOMAIN_NAME, transport)
        _Receiver(self._engine, self._take)
        taken: int = wire.getsockname()[1]
        return taken

    async def counts(self) -> dict[str, int]:
        """What was not taken, by reason; only ever grows."""
        builder = self._engine.get_mib_builder()
        refused = {reason: int(builder.import_symbols(*symbol)[0].syntax) for reason, symbol in _REFUSED.items()}
        return {reason: number for reason, number in {**refused, **self._dropped}.items() if number}

    async def close(self) -> None:
        """Take nothing more in, and wait for what is under way."""
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._engine.transport_dispatcher.close_dispatcher()

    def _take(
        self, name: str, level: int, sender: str, pdu: Any, number: int, acknowledge: Callable[[], None]
    ) -> None:
        system = self._system(name, level, sender)
        if system is None:
            self._dropped["unknown sender"] += 1
        elif len(self._tasks) >= MOST_UNDER_WAY:
            self._dropped["too many at once"] += 1
        else:
            task = asyncio.get_running_loop().create_task(
                self._kept(_notification(system, sender, pdu, number), acknowledge)
            )
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _kept(self, notification: Notification, acknowledge: Callable[[], None]) -> None:
        if not await self._keep(notification):
            self._dropped["could not be kept"] += 1
            return
        try:
            acknowledge()
        except (PySnmpError, PyAsn1Error):
            self._dropped["could not be acknowledged"] += 1  # it comes again, and is known then

    def _system(self, name: str, level: int, sender: str) -> str | None:
        address = ip_address(sender)
        for one in self._senders:
            is_signed = self._names[one.login] == name and level >= _level(one.login)
            if is_signed and any(address in network for network in one.networks):
                return one.system
        return None


_Take = Callable[[str, int, str, Any, int, Callable[[], None]], None]


class _Receiver(ntfrcv.NotificationReceiver):  # type: ignore[misc]
    """pysnmp's receiver, which hands over and leaves the acknowledgement to whom it hands over to."""

    def __init__(self, snmp: Any, take: _Take) -> None:
        super().__init__(snmp, None)
        self._take = take

    def process_pdu(self, snmp: Any, model: Any, security_model: Any, name: Any, level: Any, *rest: Any) -> None:
        context_engine, context_name, version, pdu, most, reference = rest
        context = snmp.observer.get_execution_context("rfc3412.receiveMessage:request")
        sender = str(context["transportAddress"][0])
        told = rfc2576.v1_to_v2(pdu, snmpTrapCommunity=b"") if int(model) == 0 else pdu

        def acknowledge() -> None:
            if told.tagSet not in rfc3411.CONFIRMED_CLASS_PDUS:
                return
            answer = v2c.apiPDU.get_response(told)
            v2c.apiPDU.set_error_status(answer, 0)
            v2c.apiPDU.set_error_index(answer, 0)
            v2c.apiPDU.set_varbinds(answer, v2c.apiPDU.get_varbinds(told))
            who = (model, security_model, name, level, context_engine, context_name, version)
            snmp.message_dispatcher.return_response_pdu(snmp, *who, answer, most, reference, {})

        number = _own_number(int(model), told, context["wholeMsg"])
        self._take(str(name), int(level), sender, told, number, acknowledge)


def _own_number(model: int, pdu: Any, message: bytes) -> int:
    """The sender's number of a message: v1 has none, and pysnmp puts one of its own into an inform of v2c."""
    if model == 0:
        return 0
    if model == 1:
        decoded, _ = decoder.decode(message, asn1Spec=v2c.Message())
        pdu = v2c.apiMessage.get_pdu(decoded)
    return int(v2c.apiPDU.get_request_id(pdu))


def _register(snmp: Any, senders: Sequence[NotificationSender]) -> dict[Login, str]:
    """Make logins known to an engine; gives its name for each."""
    names: dict[Login, str] = {}
    for one in senders:
        login = one.login
        if isinstance(login, CommunityLogin):
            if login not in names:
                names[login] = f"community {len(names)} of v2c"
                config.add_v1_system(snmp, names[login], login.community)
            continue
        if any(known != login and name == login.user for known, name in names.items()):
            raise ConfigurationError(
                f"system {one.system}: user {login.user} has other keys at another system: an inform does not tell "
                "whose it is; give each system a user of its own"
            )
        names[login] = login.user
        engines = [None] if one.engine_id is None else [None, rfc1902.OctetString(hexValue=one.engine_id)]
        for engine_id in engines:
            config.add_v3_user(
                snmp,
                login.user,
                AUTHENTICATION[login.auth_protocol] if login.auth_key else config.USM_AUTH_NONE,
                login.auth_key or None,
                PRIVACY[login.priv_protocol] if login.priv_key else config.USM_PRIV_NONE,
                login.priv_key or None,
                securityEngineId=engine_id,
            )
    return names


def _level(login: Login) -> int:
    """The least that a message must be: 1 is unsigned, 2 is signed, 3 is encrypted too."""
    if isinstance(login, CommunityLogin) or not login.auth_key:
        return 1
    return 3 if login.priv_key else 2


def _notification(system: str, sender: str, pdu: Any, number: int) -> Notification:
    values = [(dotted(tuple(name)), plain(value)) for name, value in v2c.apiPDU.get_varbinds(pdu)]
    known = dict(values)
    uptime, kind = known.get(_UPTIME, 0), known.get(_KIND, b"")
    return Notification(
        system=system,
        sender=sender,
        kind=kind.decode() if isinstance(kind, bytes) else str(kind),
        uptime=uptime if isinstance(uptime, int) else 0,
        request_id=number,
        values=tuple((name, value) for name, value in values if name not in (_UPTIME, _KIND)),
    )
