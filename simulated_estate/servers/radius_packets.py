"""Packets of RADIUS, as much as access equipment has to know of orders and accounting (RFC 2865, 2866, 5176)."""

import hashlib
import hmac
import struct
from dataclasses import dataclass
from ipaddress import IPv4Address

DISCONNECT, DISCONNECT_ACK, DISCONNECT_NAK = 40, 41, 42
CHANGE, CHANGE_ACK, CHANGE_NAK = 43, 44, 45
ACCOUNTING, ACCOUNTING_RESPONSE = 4, 5
USER_NAME, NAS_IP_ADDRESS, NAS_PORT_ID, FRAMED_IP_ADDRESS, FILTER_ID = 1, 4, 87, 8, 11
ACCT_STATUS_TYPE, ACCT_DELAY_TIME, ACCT_SESSION_ID, ACCT_SESSION_TIME, ACCT_TERMINATE_CAUSE = 40, 41, 44, 46, 49
EVENT_TIMESTAMP, MESSAGE_AUTHENTICATOR, ERROR_CAUSE = 55, 80, 101
_HEAD = 20


class PacketError(ValueError):
    """The octets are no packet."""


@dataclass(frozen=True, slots=True)
class Packet:
    """A packet; attributes as number and octets, in their order."""

    code: int
    identifier: int
    authenticator: bytes
    attributes: tuple[tuple[int, bytes], ...]

    def value(self, number: int) -> bytes | None:
        """The first value of an attribute."""
        return next((octets for each, octets in self.attributes if each == number), None)


def read_packet(octets: bytes) -> Packet:
    """Take a packet apart.

    Raises:
        PacketError: the octets are none.
    """
    if len(octets) < _HEAD:
        raise PacketError("shorter than a head")
    code, identifier, size = struct.unpack("!BBH", octets[:4])
    if not _HEAD <= size <= len(octets):
        raise PacketError("ends early")
    attributes, at = [], _HEAD
    while at < size:
        length = octets[at + 1] if at + 1 < size else 0
        if length < 2 or at + length > size:
            raise PacketError("a broken attribute")
        attributes.append((octets[at], octets[at + 2 : at + length]))
        at += length
    return Packet(code, identifier, octets[4:_HEAD], tuple(attributes))


def is_signed(octets: bytes, secret: bytes) -> bool:
    """Whether an order or an accounting request is signed with a secret, its Message-Authenticator included."""
    size = struct.unpack("!H", octets[2:4])[0]
    head, body = octets[:4] + bytes(16), octets[_HEAD:size]
    signature = read_packet(octets).value(MESSAGE_AUTHENTICATOR)
    if signature is not None:
        told = hmac.new(secret, head + body.replace(signature, bytes(16)), "md5").digest()
        if not hmac.compare_digest(told, signature):
            return False
    return hmac.compare_digest(_md5(head + body + secret), octets[4:_HEAD])


def answer(request: Packet, code: int, secret: bytes, attributes: tuple[tuple[int, bytes], ...] = ()) -> bytes:
    """The answer to a request, signed, with a Message-Authenticator where the request has one."""
    body = b"".join(attribute(number, octets) for number, octets in attributes)
    has_signature = request.value(MESSAGE_AUTHENTICATOR) is not None
    blank = attribute(MESSAGE_AUTHENTICATOR, bytes(16)) if has_signature else b""
    head = struct.pack("!BBH", code, request.identifier, _HEAD + len(blank) + len(body))
    # over an order the authenticator counts as zeros, over the answer as the order's (RFC 5176, 2.3)
    signature = hmac.new(secret, head + request.authenticator + blank + body, "md5").digest()
    signed = attribute(MESSAGE_AUTHENTICATOR, signature) if has_signature else b""
    sealed = _md5(head + request.authenticator + signed + body + secret)
    return head + sealed + signed + body


def accounting_request(identifier: int, secret: bytes, attributes: tuple[tuple[int, bytes], ...]) -> bytes:
    """An Accounting-Request."""
    body = b"".join(attribute(number, octets) for number, octets in attributes)
    head = struct.pack("!BBH", ACCOUNTING, identifier, _HEAD + len(body))
    return head + _md5(head + bytes(16) + body + secret) + body


def _md5(octets: bytes) -> bytes:
    return hashlib.md5(octets).digest()  # noqa: S324 - the protocol knows no other


def attribute(number: int, octets: bytes) -> bytes:
    """One encoded attribute."""
    return struct.pack("!BB", number, len(octets) + 2) + octets


def integer(value: int) -> bytes:
    """A whole number."""
    return struct.pack("!I", value & 0xFFFFFFFF)


def address(written: str) -> bytes:
    """An IPv4 address."""
    return IPv4Address(written).packed
