"""RADIUS: sessions as access equipment accounts for them, and orders for them.

Accounting is heard by ``splice listen``; what an AAA server has kept is read from its database by the connector
``sql``. The command file's ``object`` is ``change`` or ``disconnect``; its ``key`` names the session, its fields say
what a session becomes. A look at ``access`` asks the AAA server what it would say to a login of a line.
"""

from connectors.importing import IMPORTING
from connectors.ports import Capabilities, Looks, Option, Sink, SystemSettings, Writes
from connectors.radius.session_names import NAS_NAMES, SESSION_NAMES
from connectors.settings import checked, secret

CAPABILITIES = Capabilities(
    kind="radius",
    protocol="RADIUS: accounting (RFC 2866), orders for sessions (RFC 5176), access checks (RFC 2865)",
    logins=("shared secret",),
    incremental=False,
    deletes="invisible",
    total=False,
    system_options=(
        Option("shared_secret", "that its packets are signed with", required=True, secret=True),
        Option("signs_replies", "true: only answers with a Message-Authenticator are believed (CVE-2024-3596)"),
        Option("event_timestamp", "false: orders bear no Event-Timestamp, for equipment that refuses it"),
        Option("access_port", "port of access checks (default 1812); orders go to the port of the address, or 3799"),
        Option("line_password", "that access checks log a line in with (default: its user name)", secret=True),
        Option("vendor_attributes", "further attributes, NAME: {vendor: number, number: 1 to 255, type: string}"),
    ),
    reads=False,
    hears="accounting",
    writes=Writes(
        repeats=("harmless",),
        key="fields",
        key_fields=(*SESSION_NAMES, *NAS_NAMES),
        targets=("change", "disconnect"),
    ),
    looks=Looks(
        key="fields",
        key_fields=(*SESSION_NAMES, *NAS_NAMES, "Called-Station-Id"),
        targets=("access",),
    ),
)


def open_sink(settings: SystemSettings) -> Sink:
    """A sink over access equipment; each order is a datagram of its own.

    Raises:
        ConfigurationError: a setting is missing or wrong.
    """
    with IMPORTING:
        from connectors.radius.dictionary import vendor_attributes  # noqa: PLC0415 - brings pyrad
        from connectors.radius.order_sink import RadiusSink  # noqa: PLC0415 - as above

    checked(settings, CAPABILITIES)
    place = f"system {settings.name}: options: vendor_attributes"
    return RadiusSink(settings, vendor_attributes(settings.options.get("vendor_attributes"), place))


def secret_of_accounting(settings: SystemSettings) -> str:
    """How a system signs its accounting.

    Raises:
        ConfigurationError: a setting is missing or wrong.
    """
    checked(settings, CAPABILITIES)
    return secret(settings, "shared_secret")
