"""Attributes into packets of pyrad and out of them, with errors that name the attribute and never its value."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from canonical_model.errors import ConfigurationError
from connectors.radius.exchange import BROKEN
from connectors.settings import near

_UNFIT = (ValueError, TypeError, KeyError, OverflowError, ArithmeticError, AttributeError)
"""What pyrad raises on a value that is none of an attribute's type."""
_LONGEST_TEXT = 253


def put_attributes(packet: Any, values: Mapping[str, Any], known: Any, doing: str) -> None:
    """Write values into a packet.

    Args:
        packet: of pyrad.
        values: by the attribute's name; texts, whole numbers, or a list of one of them.
        known: pyrad's dictionary.
        doing: for messages.

    Raises:
        ConfigurationError: an attribute is unknown, or a value does not fit it.
    """
    for name, value in values.items():
        plain = name.partition(":")[0]  # a tag stands behind the name: ERX-Service-Activate:1
        if not known.has_key(plain):
            names = [str(each) for each in known.attributes]
            raise ConfigurationError(f"{doing}: RADIUS knows no attribute {plain}{near(plain, names)}")
        for each in value if isinstance(value, list) else [value]:
            _put(packet, name, each, doing)


def _put(packet: Any, name: str, value: Any, doing: str) -> None:
    if isinstance(value, str) and not 0 < len(value.encode()) <= _LONGEST_TEXT:
        raise ConfigurationError(f"{doing}: {name} is empty or longer than an attribute holds ({_LONGEST_TEXT})")
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ConfigurationError(f"{doing}: {name}: a text or a whole number is expected")
    try:
        packet.AddAttribute(name, value)
    except _UNFIT as error:
        raise ConfigurationError(
            f"{doing}: the value of {name} does not fit the attribute ({type(error).__name__})"
        ) from None


def told_attributes(reply: Any) -> dict[str, Any]:
    """The first value of each attribute of a reply by its name; octets as hex."""
    told: dict[str, Any] = {}
    for name in reply.keys():  # noqa: SIM118 - by name, where iterating gives numbers
        if name == "Message-Authenticator":
            continue
        with suppress(*BROKEN):  # of an attribute that is none of its type nothing is told
            value = reply[name][0]
            told[str(name)] = value.hex() if isinstance(value, bytes) else value
    return told
