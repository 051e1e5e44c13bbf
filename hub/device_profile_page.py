"""The reference page of device profiles: what stands where on which elements, and how it is known."""

from collections.abc import Iterator, Sequence

from connectors.snmp.device_events import FIELDS, DeviceEvent, DeviceNotifications, Place
from connectors.snmp.device_profiles import (
    AdministrativeColumn,
    DeviceProfile,
    OperationalColumn,
    OpticalColumn,
    TextColumn,
    TimeColumn,
    device_profiles,
)
from connectors.snmp.oids import dotted
from connectors.snmp.profile_parts import VERIFIED, KnownFrom, Source
from hub.markdown_tables import table

_ENTERPRISES = "1.3.6.1.4.1."
_WORDS: dict[Source, str] = {
    "standard": "a standard of the IETF",
    "mib": "the vendor's MIB",
    "recording": "what a real element answered",
    "inform": "what a real element sent",
    "third_party": "code or words of others",
    "assumed": "assumed",
    "own": "the operator's own",
}
_HEAD = """\
What each profile takes from an element, and how it is known. **Verified** is what stands in a standard, in a MIB of
the vendor, or in what a real element answered or sent and somebody published. What is not is a start: hold it against
an element before you trust it. *The operator's own* stands on no element by itself: it is what the simulated estate
has, and what an operator may add to an agent; without it the field is empty.

`columns` of a mapping puts columns of yours in the place of a profile's. OIDs are written from the vendor's number on
where they lie under 1.3.6.1.4.1.
"""
_Row = tuple[str, ...]


def device_profile_sections() -> Iterator[str]:
    """The parts of the page.

    Raises:
        ConfigurationError: a profile is broken.
    """
    yield _HEAD
    for profile in sorted(device_profiles().values(), key=lambda one: one.name):
        yield _section(profile)


def _section(profile: DeviceProfile) -> str:
    parts = [f"## {profile.name}", f"{profile.devices}. Read: {profile.sources.strip()}"]
    parts.append(table(("field", "OID", "as", "known from", "verified"), _columns(profile)))
    told = profile.notifications
    if told is not None:
        parts.append(table(("event", "notification", "where", "known from", "verified"), _events(told)))
        parts.append(table(("told", "by", "as", "known from", "verified"), _places(told)))
    return "\n\n".join(parts) + "\n"


def _columns(profile: DeviceProfile) -> Iterator[_Row]:
    for name, column in profile.columns:
        if column is not None:
            yield (f"`{name}`", _oid(dotted(column.oid)), _reading(column), *_known(column.known_from))


def _events(told: DeviceNotifications) -> Iterator[_Row]:
    for event in told.events:
        yield (event.kind, _oid(dotted(event.notification)), _where(event), *_known(event.known_from))


def _places(told: DeviceNotifications) -> Iterator[_Row]:
    for name in FIELDS[1:]:
        places: Sequence[Place] = getattr(told, name)
        for place in places:
            part = "index behind " if place.part == "index" else ""
            form = f"`{place.pattern.pattern}`" if place.pattern is not None else place.form.replace("_", " ")
            said = "" if place.part == "index" else form
            yield (f"`{name}`", f"{part}{_oid(dotted(place.oid))}", said, *_known(place.known_from))


def _reading(
    column: TextColumn | OperationalColumn | AdministrativeColumn | TimeColumn | OpticalColumn,
) -> str:
    if isinstance(column, OpticalColumn):
        return f"{column.side}, {column.unit.replace('_', ' ')}"
    if isinstance(column, TextColumn):
        return f"text behind `{column.prefix}`" if column.prefix else column.form.replace("_", " ")
    if isinstance(column, TimeColumn):
        return f"`{column.pattern}`" if column.pattern else column.form.replace("_", " ")
    return ", ".join(f"{number} {state}" for number, state in column.states.items())


def _where(event: DeviceEvent) -> str:
    return "; ".join(f"{_oid(oid)}: {' or '.join(map(str, values))}" for oid, values in event.where.items())


def _known(known_from: KnownFrom) -> _Row:
    is_verified = bool(known_from) and all(one in VERIFIED for one in known_from)
    return ", ".join(_WORDS[one] for one in known_from), "yes" if is_verified else "no"


def _oid(written: str) -> str:
    return written.removeprefix(_ENTERPRISES)
