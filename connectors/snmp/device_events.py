"""What an element tells of a device by itself: which notification means what, and where it says whose.

Part of a device profile, so that one mapping hears the elements of several vendors. A place may be listed more than
once; the first that holds something counts.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from canonical_model.network import NetworkEventKind
from connectors.snmp import values
from connectors.snmp.oids import dotted
from connectors.snmp.profile_parts import DottedOid, KnownFrom, Oid, Part
from connectors.snmp.values import SnmpValue, TextForm

FIELDS = ("event", "serial", "index", "port", "occurred_at")
"""What a raw record of an event of a device holds; None where the element does not tell."""
Told = Sequence[tuple[str, SnmpValue]]
"""What a notification says, by OID."""


def _read_pattern(written: object) -> object:
    try:
        pattern = re.compile(str(written))
    except re.error as error:
        raise ValueError(f"a regular expression is expected: {error}") from error
    if pattern.groups != 1:
        raise ValueError("one group is expected, around what is taken")
    return pattern


class Place(Part):
    """Where a notification says something.

    Attributes:
        oid: OID of the object.
        part: its value, or the index that stands behind its OID.
        pattern: what of a readable value is taken: its one group.
        form: of what form it is.
        known_from: that it stands there.
    """

    oid: Oid
    part: Literal["value", "index"] = "value"
    pattern: Annotated[re.Pattern[str] | None, BeforeValidator(_read_pattern)] = None
    form: TextForm | Literal["epoch_seconds", "date_and_time"] = "text"
    known_from: KnownFrom = ()


class DeviceEvent(Part):
    """A notification that speaks of a device.

    Attributes:
        kind: what happened to the device.
        notification: its snmpTrapOID.
        where: what objects of it must show, by their OID; any of the values listed.
        known_from: that it means that.
    """

    kind: NetworkEventKind
    notification: Oid
    where: Mapping[DottedOid, tuple[int | str, ...]] = Field(default_factory=dict)
    known_from: KnownFrom = ()


class DeviceNotifications(Part):
    """What the elements of a family send by themselves of a device.

    Attributes:
        events: which notification means what; the first that fits counts.
        serial: where it says whose serial.
        index: where it says the index of the device's row.
        port: where it says the port.
        occurred_at: where it says when, by the element's clock.
    """

    events: tuple[DeviceEvent, ...] = Field(min_length=1)
    serial: tuple[Place, ...] = ()
    index: tuple[Place, ...] = ()
    port: tuple[Place, ...] = ()
    occurred_at: tuple[Place, ...] = ()

    def event(self, notification: str, told: Told) -> dict[str, str | None] | None:
        """A notification as the raw record of an event.

        Args:
            notification: its snmpTrapOID.
            told: what it says, by OID.

        Returns:
            A value for each of ``FIELDS``; None where the notification speaks of no device, as far as is known.
        """
        for event in self.events:
            if dotted(event.notification) == notification and _fits(event.where, told):
                places = {name: getattr(self, name) for name in FIELDS[1:]}
                return {"event": event.kind, **{name: _first(found, told) for name, found in places.items()}}
        return None


def _fits(where: Mapping[str, tuple[int | str, ...]], told: Told) -> bool:
    return all(
        any(_shown(value) in wanted for oid, value in told if _index(oid, object_) is not None)
        for object_, wanted in where.items()
    )


def _shown(value: SnmpValue) -> int | str | None:
    return value if isinstance(value, int) else values.text(value)


def _first(places: Sequence[Place], told: Told) -> str | None:
    for place in places:
        wanted = dotted(place.oid)
        for oid, value in told:
            index = _index(oid, wanted)
            found = _taken(place, index, value) if index is not None else None
            if found is not None:
                return found
    return None


def _index(oid: str, wanted: str) -> str | None:
    """What stands behind the OID of an object, empty for nothing; None where it is another object."""
    if oid == wanted:
        return ""
    return oid.removeprefix(f"{wanted}.") if oid.startswith(f"{wanted}.") else None


def _taken(place: Place, index: str, value: SnmpValue) -> str | None:
    if place.part == "index":
        return index or None
    if place.form == "epoch_seconds":
        return values.epoch_seconds(value)
    if place.form == "date_and_time":
        return values.date_and_time(value)
    found = values.spelled(value, place.form)
    if place.pattern is None or found is None:
        return found
    match = place.pattern.search(found)
    return (match[1].strip() or None) if match is not None else None
