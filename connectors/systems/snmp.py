"""SNMP: the subscriber devices of one network element, read from the tables that its device profile names.

The profile (``connectors/snmp/profiles/``) is the system's option ``profile``, or else the mapping's
``source_object``. Every profile gives the same fields, so that one mapping serves the elements of several vendors.
Commands set variables of a row and read them back (``connectors/snmp/set_sink.py``).
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

from canonical_model.errors import ConfigurationError
from connectors.importing import IMPORTING
from connectors.ports import (
    Capabilities,
    Option,
    Page,
    RawRecord,
    ResumePoint,
    Sink,
    Source,
    StreamRead,
    SystemSettings,
    Writes,
)
from connectors.probing import Probe
from connectors.settings import checked, host_and_port, near, stream_options, whole_number
from connectors.snmp.logins import LOGINS, Login, login_of

if TYPE_CHECKING:
    from connectors.snmp.agent import Agent
    from connectors.snmp.device_events import DeviceNotifications
    from connectors.snmp.device_profiles import DeviceProfile
    from connectors.snmp.devices import Devices
    from connectors.snmp.variables import Variables

_ROW_BY = Option("row_by", "OID of the column in which the row shows what object says, a serial most often")

CAPABILITIES = Capabilities(
    kind="snmp",
    protocol="SNMP v2c and v3 (GETBULK, SET)",
    logins=LOGINS,
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
    rereads=True,
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
    with IMPORTING:
        from connectors.snmp.set_sink import SnmpSink  # noqa: PLC0415 - brings pysnmp

    agent = _agent(settings)
    reads = _variables(settings, login_of(settings))
    writes = _variables(settings, login_of(settings, "write_community"))
    return SnmpSink(settings.name, agent, reads, writes)


def open_probe(settings: SystemSettings) -> Probe:
    """Look around in an element.

    Raises:
        ConfigurationError: a setting is missing or wrong.
    """
    with IMPORTING:
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
        with IMPORTING:
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

    def again(self, read: StreamRead, indexes: Sequence[str]) -> list[RawRecord | None]:
        """See ``connectors.ports.Rereader``; one question a row."""
        with IMPORTING:
            from connectors.snmp.devices import Devices  # noqa: PLC0415 - brings the libraries
            from connectors.snmp.oids import is_oid, numbers  # noqa: PLC0415 - as above

        profile = self._profile(read)
        devices = Devices(profile, _fields(read, profile))
        columns = [column.oid for column in devices.columns.values()]
        variables = _variables(self._settings, login_of(self._settings))
        found: list[RawRecord | None] = []
        for index in indexes:
            row = [(*column, *numbers(index)) for column in columns] if is_oid(index, least=1) else []
            cells = variables.get(row, f"{self._settings.name}: row {index}") if row else []
            records = devices.records([(index, cells)]) if any(cell is not None for cell in cells) else []
            found.append(records[0] if records else None)
        return found

    def close(self) -> None:
        """Nothing is held between pulls."""

    def _profile(self, read: StreamRead) -> "DeviceProfile":
        return _profile(self._settings.name, stream_options(self._settings, read, CAPABILITIES), read)

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
    with IMPORTING:
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


def _profile(system: str, options: Mapping[str, Any], read: StreamRead) -> "DeviceProfile":
    """The profile that a read goes by.

    Raises:
        ConfigurationError: there is none of that name, or a column of the operator's own is wrong.
    """
    with IMPORTING:
        from connectors.snmp.device_profiles import device_profile, with_columns  # noqa: PLC0415 - brings YAML files

    place = f"system {system}: {read.stream}"
    columns, named = options.get("columns"), options.get("profile")
    if columns is None:
        return device_profile(str(named or read.source_object), place)
    return with_columns(device_profile(str(named), place) if named else None, columns, place)


def notifications_of(system: str, options: Mapping[str, Any], read: StreamRead) -> "DeviceNotifications":
    """What a system sends by itself of its devices, by its device profile.

    Args:
        system: its name.
        options: those of its block for all its streams.
        read: the stream that hears it.

    Raises:
        ConfigurationError: there is no such profile, or it knows no notifications.
    """
    profile = _profile(system, {**options, **read.options}, read)
    if profile.notifications is None:
        raise ConfigurationError(
            f"system {system}: {read.stream}: device profile {profile.name} knows no notifications; "
            "let the mapping name them with kinds and fields"
        )
    return profile.notifications


def login_of_traps(settings: SystemSettings) -> Login:
    """How a system signs its traps: as it is logged in to, unless it has a community for them.

    Raises:
        ConfigurationError: a setting is missing or wrong.
    """
    checked(settings, CAPABILITIES)
    return login_of(settings, "trap_community")


def _agent(settings: SystemSettings) -> "Agent":
    with IMPORTING:
        from connectors.snmp.agent import Agent  # noqa: PLC0415 - brings pysnmp

    checked(settings, CAPABILITIES)
    address = host_and_port(settings, _PORT)
    return Agent(settings.name, address, login_of(settings), settings.timeout_s, _repetitions(settings))


def _variables(settings: SystemSettings, login: Login) -> "Variables":
    with IMPORTING:
        from connectors.snmp.variables import Variables  # noqa: PLC0415 - brings pysnmp

    return Variables(settings.name, host_and_port(settings, _PORT), login, settings.timeout_s)


def _repetitions(settings: SystemSettings) -> int:
    return whole_number(
        f"system {settings.name}: options: repetitions", settings.options.get("repetitions", 25), 1, 200
    )
