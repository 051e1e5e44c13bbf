"""Identifiers as the systems spell them, and the one form in which they are compared.

Account and order numbers differ between systems in padding, case and separators; a system's own prefix is
taken off by its mapping. Serial numbers of optical terminals follow ITU-T G.984.3: four ASCII letters of the
vendor and four binary bytes, which systems write as letters and hex, as hex alone, with separators or ``0x``.
"""

import re
from typing import Annotated

from pydantic import BeforeValidator

_SEPARATORS = re.compile(r"[\s:.\-_]")
_LONGEST_NUMBER = 40
_NUMBER = re.compile(rf"[A-Z0-9]{{1,{_LONGEST_NUMBER}}}")
_VENDOR_AND_HEX = re.compile(r"[A-Z]{4}[0-9A-F]{8}")
_ALL_HEX = re.compile(r"[0-9A-F]{16}")
_MAC = re.compile(r"[0-9A-F]{12}")


def parse_number(text: object) -> str:
    """Bring an account or order number to its compared form: upper case, no separators, no leading zeros.

    Raises:
        ValueError: nothing, neither text nor a whole number, or characters that no number has.
    """
    if type(text) is str and text.isascii() and text.isalnum() and len(text) <= _LONGEST_NUMBER:
        # as most are spelled; a pull of a million records comes by here two million times
        compact = text.upper().lstrip("0")
        if compact:
            return compact
    spelled = str(text) if isinstance(text, str | int) and not isinstance(text, bool) else ""
    compact = _SEPARATORS.sub("", spelled).upper().lstrip("0")
    if not _NUMBER.fullmatch(compact):
        raise ValueError(f"{text!r} is no account or order number: letters and digits were expected")
    return compact


def parse_ont_serial(text: object) -> str:
    """Bring the serial number of an optical terminal to four letters and eight upper-case hex digits.

    Raises:
        ValueError: a spelling nobody declared.
    """
    compact = _compact(text)
    if _VENDOR_AND_HEX.fullmatch(compact):
        return compact
    if _ALL_HEX.fullmatch(compact):
        vendor = bytes.fromhex(compact[:8])
        if vendor.isalpha() and vendor.isascii():
            return vendor.decode("ascii").upper() + compact[8:]
    raise ValueError(f"{text!r} is no ONT serial: four letters and eight hex digits, or 16 hex digits, were expected")


def parse_device_serial(text: object) -> str:
    """Bring the serial of any subscriber device to its compared form: an ONT's, or a MAC's 12 hex digits.

    Raises:
        ValueError: neither of the two.
    """
    compact = _compact(text)
    if _MAC.fullmatch(compact):
        return compact
    try:
        return parse_ont_serial(text)
    except ValueError as error:
        raise ValueError(f"{error}; a MAC of 12 hex digits would do as well") from None


def _compact(text: object) -> str:
    compact = _SEPARATORS.sub("", str(text)).upper()
    return compact.removeprefix("0X")


AccountNumber = Annotated[str, BeforeValidator(parse_number)]
OrderNumber = Annotated[str, BeforeValidator(parse_number)]
OntSerial = Annotated[str, BeforeValidator(parse_ont_serial)]
DeviceSerial = Annotated[str, BeforeValidator(parse_device_serial)]
