"""The attributes of RADIUS that a hub reads and writes, as pyrad wants them (RFC 2865, 2866, 2869, 3162, 5176)."""

import io
from functools import cache
from typing import Any

from pyrad.dictionary import Dictionary

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
    "Unsupported-Attribute": 401,
    "Missing-Attribute": 402,
    "NAS-Identification-Mismatch": 403,
    "Invalid-Request": 404,
    "Unsupported-Service": 405,
    "Invalid-Attribute-Value": 407,
    "Administratively-Prohibited": 501,
    "Session-Context-Not-Found": 503,
    "Session-Context-Not-Removable": 504,
    "Resources-Unavailable": 506,
    "Multiple-Session-Selection-Unsupported": 508,
}
_ADSL_FORUM = """\
VENDOR ADSL-Forum 3561
BEGIN-VENDOR ADSL-Forum
ATTRIBUTE ADSL-Agent-Circuit-Id 1 string
ATTRIBUTE ADSL-Agent-Remote-Id 2 string
END-VENDOR ADSL-Forum
"""


@cache
def dictionary() -> Any:
    """The dictionary; an attribute that is not in it keeps its number for a name."""
    values = [f"VALUE Acct-Status-Type {name} {number}" for name, number in STATUS.items()]
    values += [f"VALUE Acct-Terminate-Cause {name} {number}" for number, name in enumerate(CAUSES, start=1)]
    values += [f"VALUE Error-Cause {name} {number}" for name, number in ERROR_CAUSES.items()]
    attributes = [f"ATTRIBUTE {line}" for line in _ATTRIBUTES.splitlines()]
    return Dictionary(io.StringIO("\n".join([*attributes, *values, _ADSL_FORUM])))
