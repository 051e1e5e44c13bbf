"""SNMPv3 (USM authPriv, SHA-1 and AES-128) by pysnmp's engine over a tree, behind a socket held by somebody else."""

import asyncio
from collections.abc import Sequence
from typing import Any, NamedTuple

from pyasn1.type import univ  # type: ignore[import-untyped]
from pysnmp.carrier.asyncio.dgram import udp
from pysnmp.entity import config
from pysnmp.entity.engine import SnmpEngine
from pysnmp.entity.rfc3413 import cmdrsp, context
from pysnmp.proto import rfc1902, rfc1905
from pysnmp.smi.error import (
    AuthorizationError,
    NoAccessError,
    NoCreationError,
    NotWritableError,
    ResourceUnavailableError,
    SmiError,
    WrongLengthError,
    WrongTypeError,
    WrongValueError,
)

from simulated_estate.servers.snmp_tree import ElementTree
from simulated_estate.servers.snmp_v2c import Write
from simulated_estate.servers.snmp_values import Value
from simulated_estate.servers.snmp_vendor import ENTERPRISES
from simulated_estate.servers.snmp_writes import (
    NO_ACCESS,
    NO_CREATION,
    NOT_WRITABLE,
    RESOURCE_UNAVAILABLE,
    WRONG_LENGTH,
    WRONG_TYPE,
    WRONG_VALUE,
)

_ISO = ENTERPRISES[:2]
_NOTHING = (0, 0)
"""A view that holds nothing; pysnmp takes a view without an entry for all there is."""
_TYPES = {
    "integer": rfc1902.Integer32,
    "octets": rfc1902.OctetString,
    "oid": rfc1902.ObjectIdentifier,
    "gauge": rfc1902.Gauge32,
    "ticks": rfc1902.TimeTicks,
}


_RESPONDERS = (
    cmdrsp.GetCommandResponder,
    cmdrsp.NextCommandResponder,
    cmdrsp.BulkCommandResponder,
    cmdrsp.SetCommandResponder,
)
_ERRORS: dict[int, type[SmiError]] = {
    NO_ACCESS: NoAccessError,
    WRONG_TYPE: WrongTypeError,
    WRONG_LENGTH: WrongLengthError,
    WRONG_VALUE: WrongValueError,
    NO_CREATION: NoCreationError,
    RESOURCE_UNAVAILABLE: ResourceUnavailableError,
    NOT_WRITABLE: NotWritableError,
}


class V3Users(NamedTuple):
    """Who may read, and who may write as well; both sign with the same keys."""

    reader: str
    writer: str
    auth_key: str
    priv_key: str


class V3Agent:
    """One SNMP engine with an id of its own, and two users."""

    def __init__(
        self, name: str, number: int, tree: ElementTree, users: V3Users, write: Write, contexts: Sequence[str] = ("",)
    ) -> None:
        self._engine = SnmpEngine(rfc1902.OctetString(engine_id(name, number)))
        self._wire = udp.UdpTransport(loop=asyncio.get_running_loop())
        config.add_transport(self._engine, udp.DOMAIN_NAME, self._wire)
        sha, aes = config.USM_AUTH_HMAC96_SHA, config.USM_PRIV_CFB128_AES
        for user, writable in ((users.reader, _NOTHING), (users.writer, _ISO)):
            config.add_v3_user(self._engine, user, sha, users.auth_key, aes, users.priv_key)
            for each in contexts:
                config.add_vacm_user(
                    self._engine,
                    3,
                    user,
                    "authPriv",
                    readSubTree=_ISO,
                    writeSubTree=writable,
                    contextName=each.encode(),
                )
        served = context.SnmpContext(self._engine)
        served.context_names.update({each.encode(): _TreeAccess(tree, write) for each in contexts})
        for responder in _RESPONDERS:
            responder(self._engine, served)

    def answer(self, message: bytes, peer: tuple[str, int], wire: asyncio.DatagramTransport) -> None:
        """Let the engine answer a datagram through a socket."""
        self._wire.transport = wire
        self._wire.datagram_received(message, peer)

    def close(self) -> None:
        """Stop the engine's timers; the socket stays with its owner."""
        self._wire.transport = None
        self._engine.close_dispatcher()


class _TreeAccess:
    """pysnmp's view of a tree."""

    def __init__(self, tree: ElementTree, write: Write) -> None:
        self._tree = tree
        self._write = write

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

    def write_variables(self, *bindings: Any, **context: Any) -> list[Any]:
        """SET."""
        _check_access(bindings, context, "write")
        outcome = self._write([(tuple(name), _untyped(value)) for name, value in bindings])
        status, place = outcome if outcome is not None else (RESOURCE_UNAVAILABLE, 1)
        if status:
            raise _ERRORS[status](name=bindings[place - 1][0], idx=place - 1)
        return list(bindings)

    def _value(self, oid: tuple[int, ...]) -> Any:
        value = self._tree.at(oid)
        if value is not None:
            return _typed(value)
        return rfc1905.noSuchInstance if self._tree.has_column(oid) else rfc1905.noSuchObject


def _check_access(bindings: tuple[Any, ...], context: dict[str, Any], way: str = "read") -> None:
    """Let the engine judge user and security level, by the first name: a user sees the whole tree or nothing."""
    for name, value in bindings[:1]:
        is_out_of_view = context["acFun"](way, (name, value), **context)
        if is_out_of_view:
            raise (NoAccessError if way == "write" else AuthorizationError)(name=name, idx=0)


def engine_id(name: str, number: int) -> bytes:
    """An engine id of RFC 3411: the vendor's number with the high bit set, format 4 (text), the element's name."""
    return (0x80000000 | number).to_bytes(4, "big") + b"\x04" + name.encode()[:27]


def _typed(value: Value) -> Any:
    return _TYPES[value.kind](value.content)


def _untyped(value: Any) -> Value:
    if isinstance(value, univ.OctetString):
        return Value("octets", bytes(value))
    if isinstance(value, univ.ObjectIdentifier):
        return Value("oid", tuple(value))
    return Value("integer" if value.tagSet == univ.Integer.tagSet else "gauge", int(value))
