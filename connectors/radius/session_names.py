"""What names a session in an order, and what names its access equipment (RFC 5176, section 3)."""

SESSION_NAMES = (
    "User-Name",
    "Acct-Session-Id",
    "Acct-Multi-Session-Id",
    "Framed-IP-Address",
    "Framed-IPv6-Prefix",
    "Calling-Station-Id",
    "NAS-Port",
    "NAS-Port-Id",
    "Chargeable-User-Identity",
)
"""Without one of them an order would be about every session of the equipment."""

NAS_NAMES = ("NAS-IP-Address", "NAS-IPv6-Address", "NAS-Identifier")
