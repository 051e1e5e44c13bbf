"""A network in memory: what each element was told, which terminals are plugged in, and since when they are up."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hub.running_clock import Clock
from provisioning.change import Change
from provisioning.line import Condition, FoundDevice, Line, Observation

Meddling = Callable[[str, Change, dict[str, Any] | None], dict[str, Any] | None]
"""What an element makes of a change: takes its name, the change and what it shall hold; gives what it does hold."""


OUTER_VLAN = 700
"""The tag that the network behind the OLT passes on; no session comes up with another."""


@dataclass(slots=True)
class Plugged:
    """A terminal at a port."""

    element: str
    port: str
    since: datetime


@dataclass(slots=True)
class Network:
    """Every element of every market.

    Attributes:
        told: settings by element and service.
        plugged: by serial.
        meddling: what elements make of changes, by whoever rehearses a mistake.
        misreading: what drivers make of what elements hold, likewise; by element.
        wanted: what the hub, or else legacy, wanted an element to hold, by element and service.
        worked_at: when each service worked for the first time, as it shall.
        told_by: ``hub`` or ``legacy`` for each change that took effect, with element and service.
    """

    clock: Clock
    told: defaultdict[str, dict[str, dict[str, Any]]] = field(default_factory=lambda: defaultdict(dict))
    lines: dict[str, Line] = field(default_factory=dict)
    plugged: dict[str, Plugged] = field(default_factory=dict)
    meddling: list[Meddling] = field(default_factory=list)
    misreading: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = field(default_factory=dict)
    wanted: defaultdict[str, dict[str, dict[str, Any] | None]] = field(default_factory=lambda: defaultdict(dict))
    worked_at: dict[str, datetime] = field(default_factory=dict)
    told_by: list[tuple[str, str, str]] = field(default_factory=list)
    changed: dict[str, None] = field(default_factory=dict)
    _sessions: dict[str, datetime] = field(default_factory=dict)
    _bound: defaultdict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    _waiting: defaultdict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))

    def driver(self, element: str) -> "Element":
        """The driver of an element."""
        return Element(self, element)

    def plug(self, serial: str, element: str, port: str) -> None:
        """Connect a terminal."""
        self.plugged[serial] = Plugged(element, port, self.clock())
        service = self._bound[element].get(serial)
        if service is None:
            self._waiting[element][serial] = None
        else:
            self.changed[service] = None
            self._look(service)

    def unplug(self, serial: str) -> None:
        """Take a terminal away."""
        there = self.plugged.pop(serial, None)
        if there is not None:
            self._waiting[there.element].pop(serial, None)

    def tell(self, element: str, line: Line, settings: dict[str, Any] | None, by: str) -> None:
        """Let an element hold settings of a service, or nothing of it."""
        self.told_by.append((by, element, line.service_id))
        if settings is None:
            self.told[element].pop(line.service_id, None)
        else:
            self.told[element][line.service_id] = settings
            self._bound[element][str(settings.get("serial"))] = line.service_id
            self._waiting[element].pop(str(settings.get("serial")), None)
        self._sessions[line.service_id] = self.clock()
        if element == line.element:
            self.lines[line.service_id] = line
            self.changed[line.service_id] = None
        self._look(line.service_id)

    def _look(self, service: str) -> None:
        """Note when a service works, if every element holds what it shall and the terminal is where it belongs."""
        line = self.lines.get(service)
        if line is None or service in self.worked_at:
            return
        holding = [name for name, wanted in self.wanted.items() if wanted.get(service) is not None]
        is_right = all(self.told[name].get(service) == self.wanted[name][service] for name in holding)
        access = self.told[line.element].get(service, {})
        there = self.plugged.get(str(access.get("serial")))
        if is_right and len(holding) > 1 and access.get("enabled") and there is not None and there.port == line.port:
            self.worked_at[service] = self.clock()

    def session_since(self, line: Line) -> datetime | None:
        """Since when the subscriber of a line is in session."""
        return self._sessions.get(line.service_id)

    def unclaimed(self, element: str) -> list[tuple[str, str]]:
        """Serial and port of terminals that are plugged in, and of no service."""
        return [(serial, self.plugged[serial].port) for serial in self._waiting[element]]


@dataclass(frozen=True, slots=True)
class Element:
    """One element, as a driver speaks to it."""

    network: Network
    name: str

    def discover(self) -> Sequence[FoundDevice]:
        """Terminals that no service is bound to."""
        return [FoundDevice(serial, port) for serial, port in self.network.unclaimed(self.name)]

    def observe(self, line: Line) -> Observation:
        """What it holds, and whether the terminal of the line is there."""
        settings = self.network.told[self.name].get(line.service_id)
        access = self.network.told[line.element].get(line.service_id)
        serial = None if access is None else str(access.get("serial"))
        there = self.network.plugged.get(serial or "")
        is_up = access is not None and access.get("enabled") is True and there is not None and there.port == line.port
        misread = self.network.misreading.get(self.name)
        if misread is not None and settings is not None:
            settings = misread(settings)
        if self.name == line.element:
            presence = "present" if is_up else "elsewhere" if there else "absent"
            detected = serial if there else None
            return Observation(settings, Condition(presence=presence, detected_serial=detected))  # type: ignore[arg-type]
        passes = is_up and access is not None and access.get("outer_vlan") == OUTER_VLAN
        since = self.network.session_since(line) if passes and settings is not None else None
        return Observation(settings, Condition(session_since=since, session_tells=True))

    def apply(self, change: Change) -> None:
        """Hold what was asked for, or what is made of it."""
        held = self.network.told[self.name].get(change.line.service_id, {})
        after = None if change.after is None else {**held, **change.after}
        kept = None if after is None else {name: value for name, value in after.items() if value is not None}
        self.network.wanted[self.name][change.line.service_id] = kept
        for meddle in self.network.meddling:
            kept = meddle(self.name, change, kept)
        self.network.tell(self.name, change.line, kept, "hub")

    def close(self) -> None:
        """Nothing is open."""


def rates_of(settings: Mapping[str, Any]) -> str:
    """The profile that an element shows of what it holds."""
    return f"{settings.get('down_mbps')}/{settings.get('up_mbps')}"
