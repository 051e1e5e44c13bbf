"""SNMP: the subscriber devices of one network element, read from the tables that its device profile names.

The profile (``connectors/snmp/profiles/``) is the system's option ``profile``, or else the mapping's
``source_object``. Every profile gives the same fields, so that one mapping serves the elements of several vendors.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from canonical_model.errors import ConfigurationError
from connectors.ports import Capabilities, Option, Page, RawRecord, ResumePoint, Source, StreamRead, SystemSettings
from connectors.settings import checked, choice, host_and_port, near, option, secret, stream_options

if TYPE_CHECKING:
    from connectors.snmp.agent import Agent, Login

CAPABILITIES = Capabilities(
    kind="snmp",
    protocol="SNMP v2c and v3 (GETBULK)",
    logins=("community", "v3"),
    incremental=False,
    deletes="invisible",
    total=True,
    system_options=(
        Option("login", "community (default), or v3"),
        Option("community", "for login community", secret=True),
        Option("user", "for login v3"),
        Option("auth_key", "pass phrase of eight or more characters; for login v3", secret=True),
        Option("priv_key", "likewise", secret=True),
        Option("auth_protocol", "sha (default), sha224, sha256, sha384, sha512 or md5"),
        Option("priv_protocol", "aes (default), aes192, aes256 or des"),
        Option("context", "for login v3, where the agent has several"),
        Option("repetitions", "values wanted in one answer (default 25); fewer for a weak agent"),
    ),
    stream_options=(Option("profile", "device profile; where none is given, the mapping's object names it"),),
)
_PORT = 161
_SHORTEST_KEY = 8


def open_source(settings: SystemSettings) -> Source:
    """A source over an element; the first page is the first question.

    Raises:
        ConfigurationError: a setting is missing or wrong.
    """
    from connectors.snmp.agent import Agent  # noqa: PLC0415 - brings pysnmp

    checked(settings, CAPABILITIES)
    address = host_and_port(settings, _PORT)
    return SnmpSource(
        settings, Agent(settings.name, address, _login(settings), settings.timeout_s, _repetitions(settings))
    )


class SnmpSource:
    """Reads one element."""

    def __init__(self, settings: SystemSettings, agent: "Agent") -> None:
        self._settings = settings
        self._agent = agent

    def pages(self, read: StreamRead, resume: ResumePoint | None) -> Iterator[Page]:  # noqa: ARG002 - all, each time
        """Yield the devices; the tables are walked as a whole before the first page, so that a page is never partial.

        See ``connectors.ports.Source``.
        """
        records = self._devices(read)
        total, size = len(records), read.page_size
        for start in range(0, max(total, 1), size):
            last = start + size >= total
            yield Page(records[start : start + size], resume={}, last=last, source_total=total)

    def close(self) -> None:
        """Nothing is held between pulls."""

    def _devices(self, read: StreamRead) -> list[RawRecord]:
        from connectors.snmp.device_profiles import device_profile  # noqa: PLC0415 - brings YAML files
        from connectors.snmp.devices import FIELDS, columns_for, devices  # noqa: PLC0415 - as above

        if read.cursor_field is not None:
            raise ConfigurationError(f"{read.stream}: cursor: snmp reads everything each time and takes no cursor")
        wanted = dict.fromkeys([*read.key, *read.fields])
        if unknown := [name for name in wanted if name not in FIELDS]:
            raise ConfigurationError(
                f"{read.stream}: fields: {unknown[0]} is no field of a device{near(unknown[0], FIELDS)}"
            )
        options = stream_options(self._settings, read, CAPABILITIES)
        profile = device_profile(
            str(options.get("profile") or read.source_object), f"system {self._settings.name}: {read.stream}"
        )
        columns = columns_for(profile, wanted)
        walked = self._agent.columns([column.oid for column in columns.values()])
        return devices(profile, dict(zip(columns, walked, strict=True)), list(wanted), self._settings.name)


def _login(settings: SystemSettings) -> "Login":
    from connectors.snmp.agent import AUTHENTICATION, PRIVACY, CommunityLogin, UserLogin  # noqa: PLC0415 - pysnmp

    place = f"system {settings.name}: options:"
    if choice(f"{place} login", option(settings, "login", "community"), CAPABILITIES.logins) == "community":
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


def _repetitions(settings: SystemSettings) -> int:
    value: Any = settings.options.get("repetitions", 25)
    if not isinstance(value, int) or not 1 <= value <= 200:
        raise ConfigurationError(f"system {settings.name}: options: repetitions is a whole number from 1 to 200")
    return value
