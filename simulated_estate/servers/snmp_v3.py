"""SNMPv3 (USM authPriv, SHA-1 and AES-128) by pysnmp's engine over a tree, behind a socket held by somebody else."""

import asyncio
from typing import Any

from pysnmp.carrier.asyncio.dgram import udp
from pysnmp.entity import config
from pysnmp.entity.engine import SnmpEngine
from pysnmp.entity.rfc3413 import cmdrsp, context
from pysnmp.proto import rfc1902, rfc1905
from pysnmp.smi.error import AuthorizationError, NotWritableError

from simulated_estate.servers.snmp_tables import ENTERPRISES
from simulated_estate.servers.snmp_tree import ElementTree
from simulated_estate.servers.snmp_values import Value

_ISO = ENTERPRISES[:2]
_TYPES = {
    "integer": rfc1902.Integer32,
    "octets": rfc1902.OctetString,
    "oid": rfc1902.ObjectIdentifier,
    "gauge": rfc1902.Gauge32,
    "ticks": rfc1902.TimeTicks,
}


class V3Agent:
    """One SNMP engine with an id of its own, and one user."""

    def __init__(self, name: str, number: int, tree: ElementTree, user: str, auth: str, priv: str) -> None:
        self._engine = SnmpEngine(rfc1902.OctetString(engine_id(name, number)))
        self._wire = udp.UdpTransport(loop=asyncio.get_running_loop())
        config.add_transport(self._engine, udp.DOMAIN_NAME, self._wire)
        sha, aes = config.USM_AUTH_HMAC96_SHA, config.USM_PRIV_CFB128_AES
        config.add_v3_user(self._engine, user, sha, auth, aes, priv)
        config.add_vacm_user(self._engine, 3, user, "authPriv", readSubTree=_ISO, writeSubTree=())
        served = context.SnmpContext(self._engine)
        served.context_names[b""] = _TreeReads(tree)
        for responder in (cmdrsp.GetCommandResponder, cmdrsp.NextCommandResponder, cmdrsp.BulkCommandResponder):
            responder(self._engine, served)

    def answer(self, message: bytes, peer: tuple[str, int], wire: asyncio.DatagramTransport) -> None:
        """Let the engine answer a datagram through a socket."""
        self._wire.transport = wire
        self._wire.datagram_received(message, peer)

    def close(self) -> None:
        """Stop the engine's timers; the socket stays with its owner."""
        self._wire.transport = None
        self._engine.close_dispatcher()


class _TreeReads:
    """pysnmp's view of a tree."""

    def __init__(self, tree: ElementTree) -> None:
        self._tree = tree

    def read_variables(self, *bindings: Any, **context: Any) -> list[Any]:
        """GET."""
        _check_access(bindings, context)
        return [(name, self._value(tuple(name))) for name, _ in bindings]

    def read_next_variables(self, *bindings: Any, **context: Any) -> list[Any]:
        """GETNEXT."""
        _check_access(bindings, context)
        answer: list[Any] = []
        for name, _ in bindings:
            found = self._tree.after(tuple(name), 1)
            if found:
                answer.append((rfc1902.ObjectName(found[0][0]), _typed(found[0][1])))
            else:
                answer.append((name, rfc1905.endOfMibView))
        return answer

    def write_variables(self, *_bindings: Any, **_context: Any) -> list[Any]:
        """SET, which no element of the estate allows."""
        raise NotWritableError

    def _value(self, oid: tuple[int, ...]) -> Any:
        value = self._tree.at(oid)
        if value is not None:
            return _typed(value)
        return rfc1905.noSuchInstance if self._tree.has_column(oid) else rfc1905.noSuchObject


def _check_access(bindings: tuple[Any, ...], context: dict[str, Any]) -> None:
    """Let the engine judge user and security level, by the first name: a user sees the whole tree or nothing."""
    for name, value in bindings[:1]:
        is_out_of_view = context["acFun"]("read", (name, value), **context)
        if is_out_of_view:
            raise AuthorizationError(name=name, idx=0)


def engine_id(name: str, number: int) -> bytes:
    """An engine id of RFC 3411: the vendor's number with the high bit set, format 4 (text), the element's name."""
    return (0x80000000 | number).to_bytes(4, "big") + b"\x04" + name.encode()[:27]


def _typed(value: Value) -> Any:
    return _TYPES[value.kind](value.content)
