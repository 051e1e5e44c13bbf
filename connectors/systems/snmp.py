"""SNMP: the subscriber devices of one network element, read from the tables that its device profile names.

The profile (``connectors/snmp/profiles/``) is the system's option ``profile``, or else the mapping's
``source_object``. Every profile gives the same fields, so that one mapping serves the elements of several vendors.
Commands set variables of a row and read them back (``connectors/snmp/set_sink.py``).
"""

import logging
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING

from canonical_model.errors import ConfigurationError
from connectors.ports import (
    Capabilities,
    Option,
    Page,
    ResumePoint,
    Sink,
    Source,
    StreamRead,
    SystemSettings,
    Writes,
)
from connectors.probing import Probe
from connectors.settings import checked, choice, host_and_port, near, option, secret, stream_options, whole_number

if TYPE_CHECKING:
    from connectors.snmp.agent import Agent
    from connectors.snmp.device_profiles import DeviceProfile
    from connectors.snmp.devices import Devices
    from connectors.snmp.logins import Login

_ROW_BY = Option("row_by", "OID of the column in which the row shows what object says, a serial most often")

CAPABILITIES = Capabilities(
    kind="snmp",
    protocol="SNMP v2c and v3 (GETBULK, SET)",
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
        Option("write_community", "that commands bear, where it is another", secret=True),
        Option("trap_community", "that traps bear, where it is another", secret=True),
        Option("repetitions", "values wanted in one answer (default 25); fewer for a weak agent"),
    ),
    hears="traps and informs",
    stream_options=(
        Option("profile", "device profile; where none is given, the mapping's object names it"),
        Option("columns", "columns of a profile's file, in the place of the profile's or, without a profile, alone"),
    ),
    writes=Writes(
        repeats=("harmless", "harmful"),
        options=(
            _ROW_BY,
            Option("types", "what fields are set as, OID: integer, octets, hex, gauge, counter, ticks, ip or oid"),
        ),
        look_options=(_ROW_BY,),
        looks_at_what_it_wrote=True,
        most_records=20,
        field_pattern=r"1(\.[0-9]+){5,}",
    ),
)
_PORT = 161
_SHORTEST_KEY = 8

_logger = logging.getLogger(__name__)


def open_source(settings: SystemSettings) -> Source:
    """A source over an element; the first page is the first question.

    Raises:
        ConfigurationError: a setting is missing or wrong.
    """
    return SnmpSource(settings, _agent(settings))


def open_sink(settings: SystemSettings) -> Sink:
    """A sink over an element; each write is one request.

    Raises:
        ConfigurationError: a setting is missing or wrong.
    """
    from connectors.snmp.set_sink import SnmpSink  # noqa: PLC0415 - brings pysnmp
    from connectors.snmp.variables import Variables  # noqa: PLC0415 - as above

    agent = _agent(settings)
    name, address, timeout_s = settings.name, host_and_port(settings, _PORT), settings.timeout_s
    reads = Variables(name, address, _login(settings), timeout_s)
    writes = Variables(name, address, _login_of(settings, "write_community"), timeout_s)
    return SnmpSink(name, agent, reads, writes)


def open_probe(settings: SystemSettings) -> Probe:
    """Look around in an element.

    Raises:
        ConfigurationError: a setting is missing or wrong.
    """
    from connectors.snmp.probe import SnmpProbe  # noqa: PLC0415 - brings the libraries

    return SnmpProbe(_agent(settings), settings.name)


class SnmpSource:
    """Reads one element."""

    def __init__(self, settings: SystemSettings, agent: "Agent") -> None:
        self._settings = settings
        self._agent = agent

    def pages(self, read: StreamRead, resume: ResumePoint | None) -> Iterator[Page]:  # noqa: ARG002 - all, each time
        """Yield the devices; the table is walked to its end before the first page, so that a sweep is never partial.

        What was walked waits on disk. See ``connectors.ports.Source``.
        """
        from connectors.snmp.devices import Devices  # noqa: PLC0415 - brings the libraries
        from connectors.spool import Spool  # noqa: PLC0415 - as above

        profile = self._profile(read)
        wanted = _fields(read, profile)
        devices = Devices(profile, wanted)
        with closing(Spool()) as spool:
            for rows in self._agent.rows([column.oid for column in devices.columns.values()]):
                spool.add(devices.records(rows))
            warnings = self._warnings(devices, profile)
            for records, last in spool.pages(read.page_size):
                yield Page(records, resume={}, last=last, source_total=spool.total, warnings=warnings)
                warnings = ()

    def close(self) -> None:
        """Nothing is held between pulls."""

    def _profile(self, read: StreamRead) -> "DeviceProfile":
        from connectors.snmp.device_profiles import device_profile, with_columns  # noqa: PLC0415 - brings YAML files

        place = f"system {self._settings.name}: {read.stream}"
        options = stream_options(self._settings, read, CAPABILITIES)
        columns = options.get("columns")
        if columns is None:
            return device_profile(str(options.get("profile") or read.source_object), place)
        named = options.get("profile")
        return with_columns(device_profile(str(named), place) if named else None, columns, place)

    def _warnings(self, devices: "Devices", profile: "DeviceProfile") -> tuple[str, ...]:
        if missing := devices.missing():
            _logger.warning(
                "columns of the device profile are not on this element",
                extra={"element": self._settings.name, "profile": profile.name, "columns": missing},
            )
        if "serial" in devices.columns and devices.found and not devices.has_serials:
            told = (
                f"{self._settings.name}: none of {devices.found} devices has a serial where profile {profile.name} "
                "looks for it: the column holds names; tell the mapping which serial a name or an index stands for"
            )
            return (told,)
        return ()


def _fields(read: StreamRead, profile: "DeviceProfile") -> list[str]:
    """The fields of a record.

    Raises:
        ConfigurationError: one of them is no field of a device, or the element cannot tell it at all.
    """
    from connectors.snmp.devices import FIELDS  # noqa: PLC0415 - brings the libraries

    if read.cursor_field is not None:
        raise ConfigurationError(f"{read.stream}: cursor: snmp reads everything each time and takes no cursor")
    wanted = list(dict.fromkeys([*read.key, *read.fields]))
    if unknown := [name for name in wanted if name not in FIELDS]:
        raise ConfigurationError(
            f"{read.stream}: fields: {unknown[0]} is no field of a device{near(unknown[0], FIELDS)}"
        )
    if "serial" in wanted and profile.columns.serial is None:
        raise ConfigurationError(
            f"{read.stream}: fields: devices of profile {profile.name} tell no serial: read index, and let the "
            "mapping say which serial an index stands for"
        )
    return wanted


def login_of_traps(settings: SystemSettings) -> "Login":
    """How a system signs its traps: as it is logged in to, unless it has a community for them.

    Raises:
        ConfigurationError: a setting is missing or wrong.
    """
    checked(settings, CAPABILITIES)
    return _login_of(settings, "trap_community")


def _login_of(settings: SystemSettings, community: str) -> "Login":
    """The login of a system, or a community for a purpose of its own."""
    from connectors.snmp.logins import CommunityLogin  # noqa: PLC0415 - late

    return CommunityLogin(secret(settings, community)) if community in settings.secrets else _login(settings)


def _agent(settings: SystemSettings) -> "Agent":
    from connectors.snmp.agent import Agent  # noqa: PLC0415 - brings pysnmp

    checked(settings, CAPABILITIES)
    address = host_and_port(settings, _PORT)
    return Agent(settings.name, address, _login(settings), settings.timeout_s, _repetitions(settings))


def _login(settings: SystemSettings) -> "Login":
    from connectors.snmp.logins import AUTHENTICATION, PRIVACY, CommunityLogin, UserLogin  # noqa: PLC0415 - late

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
    return whole_number(
        f"system {settings.name}: options: repetitions", settings.options.get("repetitions", 25), 1, 200
    )
