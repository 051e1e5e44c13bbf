"""How an element that speaks NETCONF is reached: the options that its drivers share, and the login made of them."""

from typing import Final
from urllib.parse import urlsplit

from canonical_model.errors import ConfigurationError
from connectors.ports import Option
from provisioning.driver import ElementSettings
from provisioning.netconf.session import NetconfLogin

LOGINS: Final = ("password", "key")
LOGIN_OPTIONS: Final = (
    Option("username", "who logs in", required=True),
    Option("host_key", "the device's public key as in known_hosts: type and key; pinned"),
    Option("trust_any_host", "take any host key; for a laboratory"),
    Option("password", "of the user, where no key is used", secret=True),
    Option("key", "file of the private key, where no password is used", secret=True),
)
_PORT = 830


def login_of(settings: ElementSettings) -> NetconfLogin:
    """The login that an element's block states.

    Raises:
        ConfigurationError: a setting is missing or wrong.
    """
    place = urlsplit(settings.address if "//" in settings.address else f"ssh://{settings.address}")
    options, secrets = settings.options, settings.secrets
    if not place.hostname or "username" not in options:
        raise ConfigurationError(f"{settings.name}: an address host:port and the option username are needed")
    if options.get("host_key") is None and not options.get("trust_any_host"):
        raise ConfigurationError(f"{settings.name}: host_key has to tell the device's public key")
    if ("password" in secrets) == ("key" in secrets):
        raise ConfigurationError(f"{settings.name}: either a password or a key is needed")
    return NetconfLogin(
        host=place.hostname,
        port=place.port or _PORT,
        username=options["username"],
        host_key=None if "host_key" not in options else options["host_key"].split()[-1],
        password=secrets["password"].get_secret_value() if "password" in secrets else None,
        key_file=secrets["key"].get_secret_value() if "key" in secrets else None,
        timeout_s=settings.timeout_s,
    )
