"""What GenieACS shows of a router: our tags on it, and its parameters as they were last read; pure."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from provisioning.line import Line, Setting
from provisioning.tr143 import Direction

_OF_SERVICE = "splice-"
_OF_SOMETHING_ELSE = ("splice-test-", "splice-secret-")


def tag_of(line: Line) -> str:
    """The tag on the router that a service has."""
    return f"{_OF_SERVICE}{line.service_id}"


def services_on(device: Mapping[str, Any]) -> tuple[str, ...]:
    """The services whose tags a router bears."""
    tags = (tag for tag in device.get("_tags", ()) if not tag.startswith(_OF_SOMETHING_ELSE))
    return tuple(tag.removeprefix(_OF_SERVICE) for tag in tags if tag.startswith(_OF_SERVICE))


def reset_at(device: Mapping[str, Any]) -> datetime | None:
    """When a router last spoke with the settings of its factory; None where the server does not know."""
    told = device.get("_lastBootstrap")
    return None if told is None else datetime.fromisoformat(told)


def speed_tag(line: Line, way: Direction, asked_at: datetime | None) -> str:
    """The tag that remembers when a test was asked for, or how such tags begin."""
    moment = "" if asked_at is None else str(int(asked_at.timestamp()))
    return f"splice-test-{way}-{line.service_id}-{moment}"


def tested_at(device: Mapping[str, Any], line: Line, way: Direction) -> datetime | None:
    """When a test was last asked for, by the server's clock; None where none was."""
    start = speed_tag(line, way, None)
    moments = [tag.removeprefix(start) for tag in device.get("_tags", ()) if tag.startswith(start)]
    seconds = [int(moment) for moment in moments if moment.isdigit()]
    return datetime.fromtimestamp(max(seconds), UTC) if seconds else None


def value_in(device: Mapping[str, Any], path: str, read_since: str | None = None) -> Setting | None:
    """What was last read of a parameter; None where that was before a moment."""
    place: Any = device
    for step in path.split("."):
        place = place.get(step, {}) if isinstance(place, Mapping) else {}
    if not isinstance(place, Mapping):
        return None
    read_at, value = place.get("_timestamp"), place.get("_value")
    if read_since is not None and read_at is not None:
        return value if datetime.fromisoformat(read_at) >= datetime.fromisoformat(read_since) else None
    return value


def type_of(value: Setting) -> str:
    """The type of a parameter's value, as TR-069 names it."""
    if isinstance(value, bool):
        return "xsd:boolean"
    return "xsd:int" if isinstance(value, int) else "xsd:string"
