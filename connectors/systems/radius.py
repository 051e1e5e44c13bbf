"""RADIUS: sessions as access equipment accounts for them, heard by ``splice listen``.

What an AAA server has kept is read from its database by the connector ``sql``.
"""

from connectors.ports import Capabilities, Option, SystemSettings
from connectors.settings import checked, secret

CAPABILITIES = Capabilities(
    kind="radius",
    protocol="RADIUS accounting (RFC 2866)",
    logins=("shared secret",),
    incremental=False,
    deletes="invisible",
    total=False,
    system_options=(Option("shared_secret", "that its packets are signed with", required=True, secret=True),),
    reads=False,
    hears="accounting",
)


def secret_of_accounting(settings: SystemSettings) -> str:
    """How a system signs its accounting.

    Raises:
        ConfigurationError: a setting is missing or wrong.
    """
    checked(settings, CAPABILITIES)
    return secret(settings, "shared_secret")
