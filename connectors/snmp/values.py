"""What network elements write in their tables, as JSON values: texts, moments, optical levels.

A value that cannot be read is handed on as text, so that the mapping sets its record aside with the reason.
"""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta, timezone
from decimal import ROUND_UP, Decimal
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

SnmpValue = int | bytes
"""INTEGER, Gauge32 and the like as int, OCTET STRING as bytes."""

PowerUnit = Literal["milliwatt_e4", "microwatt", "dbm", "dbm_tenth", "dbm_hundredth", "dbm_fivehundredth"]
"""What one step of a raw number is: 0.0001 mW, 1 uW, 1 dBm, 0.1 dBm, 0.01 dBm, 0.002 dBm."""

TextForm = Literal["text", "gpon_serial", "physical_address"]
"""Readable; four letters and four octets of ITU-T G.984.3; the six octets of an address of Ethernet."""
_OCTETS: dict[TextForm, int] = {"text": 0, "gpon_serial": 8, "physical_address": 6}

_MILLIWATTS: dict[str, Decimal] = {"milliwatt_e4": Decimal("0.0001"), "microwatt": Decimal("0.001")}
_DBM: dict[str, Decimal] = {
    "dbm": Decimal(1),
    "dbm_tenth": Decimal("0.1"),
    "dbm_hundredth": Decimal("0.01"),
    "dbm_fivehundredth": Decimal("0.002"),
}
_HUNDREDTH, _THOUSANDTH = Decimal("0.01"), Decimal("0.001")
_NO_DATE = frozenset({bytes(8), bytes(11)})


def text(value: SnmpValue) -> str | None:
    """The content of an OCTET STRING; ``0x`` and hex where it is not readable text, None where it is blank."""
    if isinstance(value, int):
        return str(value)
    content = value.rstrip(b"\0")
    try:
        found = content.decode().strip()
    except UnicodeDecodeError:
        return f"0x{value.hex()}"
    return (found if found.isprintable() else f"0x{value.hex()}") or None


def spelled(value: SnmpValue, form: TextForm) -> str | None:
    """A text of a form, spelled as serials are: ``ALCL12AB34CD``, ``0A003E123456``.

    What has not as many octets as its form says is taken for readable text.
    """
    if not isinstance(value, bytes) or not value or len(value) != _OCTETS[form]:
        return text(value)
    vendor = value[:4] if form == "gpon_serial" else b""
    if not vendor.isalpha() and vendor:
        return f"0x{value.hex()}"
    return f"{vendor.decode('ascii')}{value[len(vendor) :].hex().upper()}"


def number(value: SnmpValue) -> int | None:
    """A whole number, which some agents write as text; None for anything else."""
    if isinstance(value, int):
        return value
    written = value.strip()
    return int(written) if written.removeprefix(b"-").isdigit() and len(written) < 20 else None


def date_and_time(value: SnmpValue) -> str | None:
    """DateAndTime (RFC 2579) as ISO text in UTC.

    Eight octets, which tell no zone, give a text without an offset; no octets, or zeros alone, give None.
    """
    if value in (b"", 0) or value in _NO_DATE:
        return None
    if not isinstance(value, bytes) or len(value) not in {8, 11}:
        return text(value)
    try:
        year, (month, day, hour, minute, second, tenths) = int.from_bytes(value[:2], "big"), value[2:8]
        moment = datetime(year, month, day, hour, minute, second, tenths * 100_000)  # noqa: DTZ001 - zone follows
        if len(value) == 8:
            return moment.isoformat()
        ahead = timedelta(hours=value[9], minutes=value[10])
        sign = {b"+": 1, b"-": -1}[value[8:9]]
        return _utc(moment.replace(tzinfo=timezone(sign * ahead)))
    except (ValueError, KeyError, OverflowError):
        return text(value)


def epoch_seconds(value: SnmpValue) -> str | None:
    """Seconds since 1970 UTC as ISO text in UTC; 0 gives None."""
    if not isinstance(value, int):
        return text(value)
    try:
        return _utc(datetime.fromtimestamp(value, UTC)) if value else None
    except (ValueError, OverflowError, OSError):
        return text(value)


def text_time(value: SnmpValue, pattern: str, zone: ZoneInfo) -> str | None:
    """A moment that is written as text, as ISO text in UTC; a blank gives None.

    Args:
        value: what the element gave.
        pattern: its form, in the words of ``datetime.strptime``.
        zone: whose clock it shows.
    """
    written = text(value)
    if written is None:
        return None
    try:
        return _utc(datetime.strptime(written, pattern).replace(tzinfo=zone))
    except (ValueError, OverflowError):
        return written


def optical_level(raw: int, unit: PowerUnit, no_reading: Collection[int]) -> tuple[str, str] | None:
    """A level and its resolution as decimal texts: dBm rounded to 0.01, dB to the next value the device can express.

    The resolution of a device that counts power itself grows as the light fades: 1 uW is -30 dBm and 2 uW is -27.
    Of the two neighbours of a raw number the farther one counts; it is rounded up to 0.001.

    Returns:
        None for what stands for no reading, no power among it: never minus infinity.
    """
    return None if raw in no_reading else _level(raw, unit)


@lru_cache(maxsize=10_000)
def _level(raw: int, unit: PowerUnit) -> tuple[str, str] | None:
    if unit in _DBM:
        return f"{(raw * _DBM[unit]).quantize(_HUNDREDTH)}", str(_DBM[unit])
    if raw <= 0:
        return None
    level = _dbm(raw * _MILLIWATTS[unit])
    lower = max(raw - 1, 1)
    step = _dbm(Decimal(raw) / lower) if lower < raw else _dbm(Decimal(raw + 1) / raw)
    return f"{level.quantize(_HUNDREDTH)}", f"{step.quantize(_THOUSANDTH, ROUND_UP)}"


def _dbm(ratio: Decimal) -> Decimal:
    return 10 * ratio.log10()


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
