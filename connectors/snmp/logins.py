"""Who asks an agent: a community of v2c, or a user of v3, as the settings of a system say it."""

from dataclasses import dataclass, field

from canonical_model.errors import ConfigurationError
from connectors.ports import SystemSettings
from connectors.settings import choice, option, secret

LOGINS = ("community", "v3")
"""Ways to log in, the first being the default."""

AUTHENTICATION = ("sha", "sha224", "sha256", "sha384", "sha512", "md5")
PRIVACY = ("aes", "aes192", "aes256", "des")
"""Protocols of v3 by our name; the first is the default."""
_SHORTEST_KEY = 8


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


def login_of(settings: SystemSettings, community: str = "") -> Login:
    """How a system is logged in to.

    Args:
        settings: those of the system.
        community: name of a secret, a community for a purpose of its own, which counts where it is given.

    Raises:
        ConfigurationError: a setting is missing or wrong.
    """
    if community in settings.secrets:
        return CommunityLogin(secret(settings, community))
    place = f"system {settings.name}: options:"
    if choice(f"{place} login", option(settings, "login", LOGINS[0]), LOGINS) == "community":
        return CommunityLogin(secret(settings, "community"))
    return UserLogin(
        user=option(settings, "user"),
        auth_key=_key(settings, "auth_key"),
        priv_key=_key(settings, "priv_key"),
        auth_protocol=choice(f"{place} auth_protocol", option(settings, "auth_protocol", "sha"), AUTHENTICATION),
        priv_protocol=choice(f"{place} priv_protocol", option(settings, "priv_protocol", "aes"), PRIVACY),
        context=option(settings, "context", "") if settings.options.get("context") else "",
    )


def _key(settings: SystemSettings, name: str) -> str:
    """A pass phrase; RFC 3414 forbids short ones, and agents drop what is signed with them."""
    value = secret(settings, name)
    if len(value) < _SHORTEST_KEY:
        raise ConfigurationError(
            f"system {settings.name}: secrets: {name} is shorter than {_SHORTEST_KEY} characters, which SNMP forbids"
        )
    return value
