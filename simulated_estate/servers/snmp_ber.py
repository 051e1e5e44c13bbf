"""BER of SNMPv2c messages, as much as an agent that answers reads has to know (RFC 3416, RFC 3417)."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from simulated_estate.servers.snmp_values import Kind, Oid, Value

V2C = 1
V3 = 3
GET, GET_NEXT, RESPONSE, SET, GET_BULK, INFORM, TRAP = 0xA0, 0xA1, 0xA2, 0xA3, 0xA5, 0xA6, 0xA7
NO_SUCH_OBJECT, NO_SUCH_INSTANCE, END_OF_MIB_VIEW = b"\x80\x00", b"\x81\x00", b"\x82\x00"
_TAGS = {"integer": 0x02, "octets": 0x04, "oid": 0x06, "gauge": 0x42, "ticks": 0x43}
_KINDS: dict[int, Kind] = {0x02: "integer", 0x04: "octets", 0x06: "oid", 0x42: "gauge", 0x43: "ticks"}
_SEQUENCE, _INTEGER, _OCTETS, _OID = 0x30, 0x02, 0x04, 0x06


class BerError(ValueError):
    """The octets are no SNMP message."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request; ``first`` and ``second`` are non-repeaters and max-repetitions of a GETBULK.

    ``values`` are what is to be set, by place; None for a type that nothing here has.
    """

    community: bytes
    pdu: int
    request_id: int
    first: int
    second: int
    oids: list[Oid]
    values: list[Value | None]


def version_of(message: bytes) -> int:
    """The version number of a message: 1 is v2c, 3 is v3.

    Raises:
        BerError: it has none.
    """
    _, start, _ = _head(message, 0, _SEQUENCE)
    return _integer(message, start)[0]


def read_request(message: bytes) -> Request:
    """Take a v2c request apart.

    Raises:
        BerError: the octets are no v2c request.
    """
    _, at, _ = _head(message, 0, _SEQUENCE)
    version, at = _integer(message, at)
    if version != V2C:
        raise BerError("not SNMPv2c")
    _, start, at = _head(message, at, _OCTETS)
    community = message[start:at]
    pdu, at, _ = _head(message, at)
    if pdu not in (GET, GET_NEXT, GET_BULK, SET):
        raise BerError("not a request")
    request_id, at = _integer(message, at)
    first, at = _integer(message, at)
    second, at = _integer(message, at)
    _, at, end = _head(message, at, _SEQUENCE)
    oids: list[Oid] = []
    values: list[Value | None] = []
    while at < end:
        _, inside, at = _head(message, at, _SEQUENCE)
        _, start, stop = _head(message, inside, _OID)
        oids.append(_read_oid(message[start:stop]))
        values.append(_read_value(message, stop))
    return Request(community, pdu, request_id, first, second, oids, values)


def response(request: Request, bindings: list[bytes], status: int = 0, index: int = 0) -> bytes:
    """The answer to a request, made of encoded variable bindings."""
    return _message(request.community, RESPONSE, (request.request_id, status, index), bindings)


def notification(community: bytes, number: int, says: Iterable[tuple[Oid, Value]], *, is_inform: bool) -> bytes:
    """A trap of v2c, or an inform."""
    return _message(community, INFORM if is_inform else TRAP, (number, 0, 0), [binding(*one) for one in says])


def response_id(message: bytes) -> int:
    """The request id of an answer.

    Raises:
        BerError: the octets are none.
    """
    _, at, _ = _head(message, 0, _SEQUENCE)
    _, at = _integer(message, at)
    _, _, at = _head(message, at, _OCTETS)
    _, at, _ = _head(message, at, RESPONSE)
    return _integer(message, at)[0]


def binding(oid: Oid, value: Value) -> bytes:
    """One encoded variable binding."""
    return raw_binding(oid, _tlv(_TAGS[value.kind], _content(value)))


def raw_binding(oid: Oid, encoded: bytes) -> bytes:
    """A variable binding with an encoded value, an exception for instance."""
    return _tlv(_SEQUENCE, _encoded_oid(oid) + encoded)


def _message(community: bytes, pdu: int, head: tuple[int, int, int], bindings: Iterable[bytes]) -> bytes:
    numbers = b"".join(_tlv(_INTEGER, _integer_octets(number)) for number in head)
    content = _tlv(pdu, numbers + _tlv(_SEQUENCE, b"".join(bindings)))
    return _tlv(_SEQUENCE, _tlv(_INTEGER, bytes((V2C,))) + _tlv(_OCTETS, community) + content)


def _content(value: Value) -> bytes:
    content = value.content
    if isinstance(content, bytes):
        return content
    return _integer_octets(content) if isinstance(content, int) else _oid_octets(content)


def _integer_octets(number: int) -> bytes:
    return number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True)


def _tlv(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 128:
        return bytes((tag, size)) + content
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(octets))) + octets + content


@lru_cache(maxsize=200_000)
def _encoded_oid(oid: Oid) -> bytes:
    return _tlv(_OID, _oid_octets(oid))


def _oid_octets(oid: Oid) -> bytes:
    octets = bytearray()
    for number in (oid[0] * 40 + oid[1], *oid[2:]):
        septets = [number & 0x7F]
        while number := number >> 7:
            septets.append(0x80 | number & 0x7F)
        octets += bytes(reversed(septets))
    return bytes(octets)


def _read_value(message: bytes, at: int) -> Value | None:
    tag, start, stop = _head(message, at)
    kind = _KINDS.get(tag)
    octets = message[start:stop]
    if kind is None:
        return None
    if kind == "octets":
        return Value(kind, octets)
    return Value(kind, _read_oid(octets) if kind == "oid" else int.from_bytes(octets, "big", signed=True))


def _read_oid(octets: bytes) -> Oid:
    numbers: list[int] = []
    number = 0
    for octet in octets:
        number = number << 7 | octet & 0x7F
        if octet < 0x80:
            numbers.append(number)
            number = 0
    if not numbers or octets[-1] >= 0x80:
        raise BerError("broken object identifier")
    first = min(numbers[0] // 40, 2)
    return (first, numbers[0] - first * 40, *numbers[1:])


def _integer(message: bytes, at: int) -> tuple[int, int]:
    _, start, end = _head(message, at, _INTEGER)
    return int.from_bytes(message[start:end], "big", signed=True), end


def _head(message: bytes, at: int, expected: int | None = None) -> tuple[int, int, int]:
    """Tag, start and end of the content at a place."""
    if at + 2 > len(message):
        raise BerError("the message ends early")
    tag, size, start = message[at], message[at + 1], at + 2
    if size & 0x80:
        count = size & 0x7F
        size = int.from_bytes(message[start : start + count], "big")
        start += count
    if (expected is not None and tag != expected) or start + size > len(message):
        raise BerError("the message is broken")
    return tag, start, start + size
