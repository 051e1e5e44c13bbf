"""Device profiles: which column of which table holds what, one YAML file a family of devices.

An optical unit is declared and never guessed: seven encodings are about for one quantity, and devices do not tell.
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal, Self

from pydantic import Field, ValidationError, model_validator

from canonical_model.errors import ConfigurationError, Fault, configuration_error
from canonical_model.network import AdministrativeState, OperationalState, PowerSide
from canonical_model.yaml_source import nearest, read_yaml
from canonical_model.yaml_validation import validated
from connectors.snmp.device_events import DeviceNotifications
from connectors.snmp.profile_parts import KnownFrom, Oid, Part, Zone
from connectors.snmp.values import PowerUnit, TextForm

_PACKAGE = "connectors.snmp"


class TextColumn(Part):
    """A text.

    Attributes:
        oid: OID of the column.
        prefix: what stands before it and is taken off; a row whose serial lacks it is no subscriber's device.
        form: readable, or octets that have no readable form of their own: the eight of a serial of ITU-T G.984.3, or
            those of an address of a physical port.
    """

    oid: Oid
    prefix: str = ""
    form: TextForm = "text"
    known_from: KnownFrom = ()


class OperationalColumn(Part):
    """Numbers that tell whether a device works; one that is not listed sets its record aside."""

    oid: Oid
    states: Mapping[int, OperationalState] = Field(min_length=1)
    known_from: KnownFrom = ()


class AdministrativeColumn(Part):
    """Numbers that tell whether a device may work; one that is not listed sets its record aside."""

    oid: Oid
    states: Mapping[int, AdministrativeState] = Field(min_length=1)
    known_from: KnownFrom = ()


class TimeColumn(Part):
    """A moment.

    Attributes:
        oid: OID of the column.
        form: DateAndTime of RFC 2579, seconds since 1970 UTC, or text.
        pattern: form of a text, in the words of Python's ``strptime``.
        zone: whose clock a text shows.
    """

    oid: Oid
    form: Literal["date_and_time", "epoch_seconds", "text"]
    pattern: str | None = None
    zone: Zone | None = None
    known_from: KnownFrom = ()

    @model_validator(mode="after")
    def _text_has_pattern_and_zone(self) -> Self:
        if (self.form == "text") != (self.pattern is not None) or (self.form == "text") != (self.zone is not None):
            raise ValueError("pattern and zone go with form: text, which needs both")
        return self


class OpticalColumn(Part):
    """A received or sent optical power.

    Attributes:
        oid: OID of the column.
        side: where it is measured.
        unit: what one step of the number is; there is no default.
        no_reading: numbers that stand for no reading.
    """

    oid: Oid
    side: PowerSide
    unit: PowerUnit
    no_reading: tuple[int, ...] = ()
    known_from: KnownFrom = ()


class DeviceColumns(Part):
    """The columns of a family of devices; all of them share their index.

    Without a serial, as on elements that know their devices by a number alone, the index names a device.
    """

    serial: TextColumn | None = None
    operational_state: OperationalColumn
    administrative_state: AdministrativeColumn | None = None
    port: TextColumn | None = None
    profile: TextColumn | None = None
    registered_since: TimeColumn | None = None
    profile_since: TimeColumn | None = None
    last_traffic_at: TimeColumn | None = None
    optical: OpticalColumn | None = None


class DeviceProfile(Part):
    """One family of devices.

    Attributes:
        name: what operator.yaml calls it; the file's stem.
        devices: vendor and product, for people.
        columns: where what stands.
        notifications: what the elements send by themselves of a device; None where nothing is known of it.
        sources: what was read to know all this, and what could not be found, for people.
    """

    name: str
    devices: str
    columns: DeviceColumns
    notifications: DeviceNotifications | None = None
    sources: str = ""


def read_profiles(texts: Mapping[str, str], faults: list[Fault]) -> dict[str, DeviceProfile]:
    """Profiles by their name.

    Args:
        texts: content by file name.
        faults: whatever is wrong is added here, each with file, line and key.
    """
    profiles: dict[str, DeviceProfile] = {}
    for file, content in sorted(texts.items()):
        source = read_yaml(content, file, faults)
        profile = validated(source, DeviceProfile, faults) if source is not None else None
        if source is None or profile is None:
            continue
        if profile.name != file.rpartition("/")[2].removesuffix(".yaml"):
            faults.append(source.place("name").fault("the name of the file is expected, without .yaml"))
        profiles[profile.name] = profile
    return profiles


@cache
def device_profiles() -> dict[str, DeviceProfile]:
    """The profiles of ``connectors/snmp/profiles/``.

    Raises:
        ConfigurationError: a file of the folder is broken; lists every fault of all of them.
    """
    folder = files(_PACKAGE) / "profiles"
    texts = {
        f"connectors/snmp/profiles/{entry.name}": entry.read_text(encoding="utf-8")
        for entry in folder.iterdir()
        if entry.name.endswith(".yaml")
    }
    faults: list[Fault] = []
    profiles = read_profiles(texts, faults)
    if faults:
        raise configuration_error(faults)
    return profiles


def with_columns(profile: DeviceProfile | None, columns: object, place: str) -> DeviceProfile:
    """A profile with columns of the operator's own in the place of its, or made of them alone.

    Args:
        profile: None where the operator's columns are all there is.
        columns: as they are written in a profile's file.
        place: who asks for it, for the message.

    Raises:
        ConfigurationError: a column is not as it should be; lists every fault.
    """
    if not isinstance(columns, Mapping):
        raise ConfigurationError(f"{place}: options: columns: columns by their name are expected, as in a profile")
    known = {name: column for name, column in profile.columns if column is not None} if profile else {}
    try:
        found = DeviceColumns.model_validate({**known, **columns})
    except ValidationError as error:
        told = [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors(include_input=False)]
        raise ConfigurationError("\n".join(f"{place}: options: columns.{fault}" for fault in told)) from None
    return DeviceProfile(
        name=profile.name if profile else "own",
        devices="columns of the mapping",
        columns=found,
        notifications=profile.notifications if profile else None,
    )


def device_profile(name: str, place: str) -> DeviceProfile:
    """A profile by its name.

    Args:
        name: its name.
        place: who asks for it, for the message.

    Raises:
        ConfigurationError: there is none of that name.
    """
    profiles = device_profiles()
    if name not in profiles:
        raise ConfigurationError(
            f"{place}: no device profile {name}{nearest(name, profiles)}; set profile in the system's options"
        )
    return profiles[name]
