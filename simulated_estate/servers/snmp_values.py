"""Values of SNMP variables and the ways vendors write times and power in them."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

Oid = tuple[int, ...]
Kind = Literal["integer", "octets", "gauge", "ticks", "oid"]


class Value(NamedTuple):
    """A typed value; ``content`` is an int, bytes, or an OID as a tuple."""

    kind: Kind
    content: int | bytes | Oid


def integer(number: int) -> Value:
    """INTEGER."""
    return Value("integer", number)


def gauge(number: int) -> Value:
    """Gauge32."""
    return Value("gauge", number)


def text(content: str) -> Value:
    """OCTET STRING with readable content."""
    return Value("octets", content.encode())


def date_and_time(moment: datetime | None, zone: ZoneInfo) -> Value:
    """DateAndTime of RFC 2579 with its zone: eleven octets, none for no time."""
    if moment is None:
        return Value("octets", b"")
    local = moment.astimezone(zone)
    offset = local.utcoffset()
    minutes = int(offset.total_seconds()) // 60 if offset else 0
    hours, rest = divmod(abs(minutes), 60)
    clock = (local.month, local.day, local.hour, local.minute, local.second, local.microsecond // 100_000)
    sign = b"-" if minutes < 0 else b"+"
    return Value("octets", local.year.to_bytes(2, "big") + bytes(clock) + sign + bytes((hours, rest)))


def epoch_seconds(moment: datetime | None) -> Value:
    """Gauge32 of seconds since 1970 UTC, 0 for no time."""
    return gauge(int(moment.timestamp()) if moment else 0)


def text_time(form: str) -> Callable[[datetime | None], Value]:
    """A writer of times in UTC as text of one form, empty for no time."""

    def write(moment: datetime | None) -> Value:
        return text(moment.astimezone(UTC).strftime(form) if moment else "")

    return write


def scaled_dbm(dbm: Decimal | None, per_dbm: int, no_reading: int) -> Value:
    """INTEGER of dBm times a factor."""
    return integer(no_reading if dbm is None else round(dbm * per_dbm))


def scaled_mw(dbm: Decimal | None, per_mw: int) -> Value:
    """INTEGER of milliwatts times a factor, 0 for no reading."""
    return integer(0 if dbm is None else round(10 ** (float(dbm) / 10) * per_mw))
