"""Who asks an agent: a community of v2c, or a user of v3."""

from dataclasses import dataclass, field

AUTHENTICATION = ("sha", "sha224", "sha256", "sha384", "sha512", "md5")
PRIVACY = ("aes", "aes192", "aes256", "des")
"""Protocols of v3 by our name; the first is the default."""


@dataclass(frozen=True, slots=True)
class CommunityLogin:
    """Login of v2c."""

    community: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class UserLogin:
    """Login of v3; without a key there is no privacy, or no authentication either.

    Attributes:
        auth_protocol: one of ``AUTHENTICATION``.
        priv_protocol: one of ``PRIVACY``.
    """

    user: str
    auth_key: str = field(repr=False)
    priv_key: str = field(repr=False)
    auth_protocol: str
    priv_protocol: str
    context: str = ""


Login = CommunityLogin | UserLogin
