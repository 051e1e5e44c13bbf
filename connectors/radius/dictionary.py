"""The attributes of RADIUS that a hub reads and writes, as pyrad wants them (RFC 2865, 2866, 2869, 3162, 5176).

Those of vendors are the ones that orders for sessions commonly use; an operator adds his own in the system's block.
"""

import io
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from pyrad.dictionary import Dictionary

from canonical_model.errors import ConfigurationError

VendorAttributes = tuple[tuple[str, int, int, str], ...]
"""Attributes of the operator's own: name, vendor's number, number, type."""

TYPES = ("string", "integer", "ipaddr", "ipv6addr", "ipv6prefix", "octets", "date")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{1,60}")
_ATTRIBUTES = """\
User-Name 1 string
User-Password 2 string
NAS-IP-Address 4 ipaddr
NAS-Port 5 integer
Framed-IP-Address 8 ipaddr
Filter-Id 11 string
Reply-Message 18 string
State 24 octets
Class 25 octets
Session-Timeout 27 integer
Called-Station-Id 30 string
Calling-Station-Id 31 string
NAS-Identifier 32 string
Acct-Status-Type 40 integer
Acct-Delay-Time 41 integer
Acct-Input-Octets 42 integer
Acct-Output-Octets 43 integer
Acct-Session-Id 44 string
Acct-Session-Time 46 integer
Acct-Terminate-Cause 49 integer
Acct-Multi-Session-Id 50 string
Acct-Input-Gigawords 52 integer
Acct-Output-Gigawords 53 integer
Event-Timestamp 55 date
Message-Authenticator 80 octets
NAS-Port-Id 87 string
Chargeable-User-Identity 89 octets
NAS-IPv6-Address 95 ipv6addr
Framed-IPv6-Prefix 97 ipv6prefix
Error-Cause 101 integer
Delegated-IPv6-Prefix 123 ipv6prefix
"""
STATUS = {"Start": 1, "Stop": 2, "Interim-Update": 3, "Accounting-On": 7, "Accounting-Off": 8}
CAUSES = (
    *("User-Request", "Lost-Carrier", "Lost-Service", "Idle-Timeout", "Session-Timeout", "Admin-Reset"),
    *("Admin-Reboot", "Port-Error", "NAS-Error", "NAS-Request", "NAS-Reboot", "Port-Unneeded", "Port-Preempted"),
    *("Port-Suspended", "Service-Unavailable", "Callback", "User-Error", "Host-Request"),
)
"""Acct-Terminate-Cause, from 1 on."""
ERROR_CAUSES = {
    "Residual-Context-Removed": 201,
    "Invalid-EAP-Packet": 202,
    "Unsupported-Attribute": 401,
    "Missing-Attribute": 402,
    "NAS-Identification-Mismatch": 403,
    "Invalid-Request": 404,
    "Unsupported-Service": 405,
    "Unsupported-Extension": 406,
    "Invalid-Attribute-Value": 407,
    "Administratively-Prohibited": 501,
    "Request-Not-Routable": 502,
    "Session-Context-Not-Found": 503,
    "Session-Context-Not-Removable": 504,
    "Other-Proxy-Processing-Error": 505,
    "Resources-Unavailable": 506,
    "Request-Initiated": 507,
    "Multiple-Session-Selection-Unsupported": 508,
}
_VENDORS = {
    "ADSL-Forum 3561": ("ADSL-Agent-Circuit-Id 1 string", "ADSL-Agent-Remote-Id 2 string"),
    "Nokia-SR 6527": ("Alc-Subsc-ID-Str 11 string", "Alc-Subsc-Prof-Str 12 string", "Alc-SLA-Prof-Str 13 string"),
    "ERX 4874": (
        "ERX-Ingress-Policy-Name 10 string",
        "ERX-Egress-Policy-Name 11 string",
        "ERX-Qos-Profile-Name 26 string",
        "ERX-Service-Activate 65 string has_tag",
        "ERX-Service-Deactivate 66 string",
    ),
    "Cisco 9": (
        "Cisco-AVPair 1 string",
        "Cisco-Account-Info 250 string",
        "Cisco-Command-Code 252 string",
    ),
    "Mikrotik 14988": ("Mikrotik-Rate-Limit 8 string", "Mikrotik-Address-List 19 string"),
}


@cache
def dictionary(own: VendorAttributes = ()) -> Any:
    """The dictionary; an attribute that is not in it keeps its number for a name.

    Args:
        own: what an operator adds (``vendor_attributes``).
    """
    values = [f"VALUE Acct-Status-Type {name} {number}" for name, number in STATUS.items()]
    values += [f"VALUE Acct-Terminate-Cause {name} {number}" for number, name in enumerate(CAUSES, start=1)]
    values += [f"VALUE Error-Cause {name} {number}" for name, number in ERROR_CAUSES.items()]
    lines = [*(f"ATTRIBUTE {line}" for line in _ATTRIBUTES.splitlines()), *values]
    for vendor, attributes in _VENDORS.items():
        lines += _of_vendor(vendor, attributes)
    names = {int(vendor.rpartition(" ")[2]): vendor for vendor in _VENDORS}
    for name, vendor_number, number, kind in own:
        lines += _of_vendor(
            names.get(vendor_number, f"vendor-{vendor_number} {vendor_number}"), [f"{name} {number} {kind}"]
        )
    return Dictionary(io.StringIO("\n".join(lines)))


def vendor_attributes(written: object, place: str) -> VendorAttributes:
    """The attributes that a system's block adds, ``NAME: {vendor: NUMBER, number: NUMBER, type: TYPE}``.

    Raises:
        ConfigurationError: they are not of that form, or one is known already.
    """
    if written is None:
        return ()
    if not isinstance(written, Mapping):
        raise ConfigurationError(f"{place}: attributes by their name are expected, with vendor, number and type")
    known = dictionary().attributes
    found = []
    for name, facts in written.items():
        if not isinstance(name, str) or not _NAME.fullmatch(name) or name in known:
            raise ConfigurationError(f"{place}: {name!r}: a new name of letters, digits and - is expected")
        if not isinstance(facts, Mapping) or set(facts) != {"vendor", "number", "type"}:
            raise ConfigurationError(f"{place}: {name}: vendor, number and type are expected")
        vendor, number, kind = facts["vendor"], facts["number"], facts["type"]
        if not _is_within(vendor, 2**32 - 1) or not _is_within(number, 255) or kind not in TYPES:
            raise ConfigurationError(
                f"{place}: {name}: vendor is an enterprise number, number from 1 to 255, type one of "
                f"{', '.join(TYPES)}"
            )
        found.append((name, vendor, number, str(kind)))
    return tuple(found)


def _of_vendor(vendor: str, attributes: Sequence[str]) -> list[str]:
    name = vendor.partition(" ")[0]
    return [
        f"VENDOR {vendor}",
        f"BEGIN-VENDOR {name}",
        *(f"ATTRIBUTE {attribute}" for attribute in attributes),
        f"END-VENDOR {name}",
    ]


def _is_within(value: object, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= most
