"""Values of Python's types as JSON values; what is exact stays exact."""

from base64 import b64encode
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

JSON_TYPES = frozenset({str, int, bool, type(None)})
"""Types whose values are left as they are."""


def plain(value: Any, binary: Callable[[Any], str], in_zone: Callable[[str], str] | None = None) -> Any:
    """Any value of a driver as a JSON value; numbers with a fraction as text."""
    match value:
        case None | str() | int():
            return value
        case Decimal():
            return format(value, "f") if value.is_finite() else str(value)
        case float():
            return repr(value)
        case datetime():
            text = value.isoformat()
            return in_zone(text) if in_zone is not None and value.tzinfo is None else text
        case date() | time():
            return value.isoformat()
        case timedelta():
            return str(value)
        case bytes() | bytearray() | memoryview():
            return binary(value)
        case list() | tuple():
            return [plain(element, binary, in_zone) for element in value]
        case dict():
            return {str(name): plain(element, binary, in_zone) for name, element in value.items()}
        case _:
            return str(value)


def binary_text(form: str) -> Callable[[Any], str]:
    """How octets are written: as ``hex`` or ``base64``."""
    if form == "base64":
        return lambda value: b64encode(bytes(value)).decode("ascii")
    return lambda value: bytes(value).hex()
