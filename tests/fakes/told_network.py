"""A network that remembers in a file what it was told, and outlives any process; it may lie, stall and refuse."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from canonical_model.errors import OutcomeUnknown, RetryableError, UnsafeToContinue
from provisioning.change import Change
from provisioning.line import Condition, FoundDevice, Line, Observation

_TABLES = """
CREATE TABLE IF NOT EXISTS told (element TEXT, service TEXT, place TEXT, settings TEXT);
CREATE TABLE IF NOT EXISTS session (service TEXT PRIMARY KEY, number INTEGER, kept INTEGER);
CREATE TABLE IF NOT EXISTS plugged (element TEXT, port TEXT, serial TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS fault (element TEXT, name TEXT, times INTEGER, PRIMARY KEY (element, name));
CREATE TABLE IF NOT EXISTS heard (element TEXT, service TEXT, settings TEXT);
"""
SESSION_BEGAN = datetime(2026, 11, 5, 11, 59, tzinfo=UTC)


@dataclass(frozen=True)
class ToldNetwork:
    """Every element of it; what it was told is in ``file``.

    Attributes:
        aaa: the element that knows of sessions.
        access: the element on which terminals are.
    """

    file: Path
    access: str = "olt-1"
    aaa: str = "aaa-1"

    def __post_init__(self) -> None:
        with closing(sqlite3.connect(self.file, timeout=60)) as connection:
            connection.executescript(_TABLES)

    def driver(self, element: str) -> "ToldElement":
        """The driver of an element."""
        return ToldElement(self, element)

    def plug(self, serial: str, port: str) -> None:
        """Connect a terminal."""
        self._run("INSERT OR REPLACE INTO plugged VALUES (?, ?, ?)", self.access, port, serial)

    def unplug(self, serial: str) -> None:
        """Disconnect a terminal."""
        self._run("DELETE FROM plugged WHERE serial = ?", serial)

    def fail(self, element: str, name: str, times: int = 1) -> None:
        """Let the next changes fail: ``lies``, ``loses_answer``, ``away``, ``refuses`` or ``keeps_session``."""
        self._run("INSERT OR REPLACE INTO fault VALUES (?, ?, ?)", element, name, times)

    def refuse_after(self, element: str, changes: int) -> None:
        """Let an element take so many more changes, and refuse the next one."""
        self.fail(element, "takes", changes)
        self.fail(element, "refuses_then")

    def settings(self, element: str, service: str, place: str | None = None) -> dict[str, Any] | None:
        """What an element holds of a service, at one of its places or at its only one."""
        rows = self._run("SELECT place, settings FROM told WHERE element = ? AND service = ?", element, service)
        found = [settings for at, settings in rows if place in (None, at) or at == ""]
        assert len(found) < 2, f"{element} holds {service} at {[at for at, _ in rows]}"
        return json.loads(found[0]) if found else None

    def places(self, element: str) -> dict[str, dict[str, Any]]:
        """Everything that an element holds, by its place."""
        rows = self._run("SELECT place, settings FROM told WHERE element = ? ORDER BY place", element)
        return {place: json.loads(settings) for place, settings in rows}

    def heard(self, element: str | None = None) -> list[tuple[str, str]]:
        """Element and service of every change that took effect, oldest first."""
        rows = self._run("SELECT element, service FROM heard ORDER BY rowid")
        return [(name, service) for name, service in rows if element in (None, name)]

    def heard_of(self, service: str) -> list[str]:
        """The elements on which a change of a service took effect."""
        return [element for element, of in self.heard() if of == service]

    def plugged(self) -> dict[str, str]:
        """Port by serial."""
        return dict(self._run("SELECT serial, port FROM plugged"))

    def tell(
        self,
        element: str,
        service: str,
        settings: dict[str, Any] | None,
        place: str = "",
        *,
        is_heard: bool = False,
    ) -> None:
        """Change what an element holds, as somebody else would, or as the hub does, which is heard."""
        told = None if settings is None else json.dumps(settings, sort_keys=True)
        gone = "DELETE FROM told WHERE element = ? AND service = ? AND place IN ('', ?)"
        with self._transaction() as connection:
            connection.execute(gone, (element, service, place))
            if told is not None:
                connection.execute("INSERT INTO told VALUES (?, ?, ?, ?)", (element, service, place, told))
            if is_heard:
                connection.execute("INSERT INTO heard VALUES (?, ?, ?)", (element, service, told))

    def session(self, service: str) -> tuple[datetime, bool]:
        """When the service's session began, and whether it stays on whatever AAA was told."""
        rows = self._run("SELECT number, kept FROM session WHERE service = ?", service)
        number, kept = rows[0] if rows else (0, 0)
        return SESSION_BEGAN + timedelta(seconds=number), bool(kept)

    def end_session(self, service: str, *, keeps: bool = False) -> None:
        """End a session, so that another one begins as soon as it may; or it stays on."""
        number = 0 if keeps else 1
        self._run(
            "INSERT INTO session VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET number = number + ?, kept = ?",
            service, number, keeps, number, keeps,
        )  # fmt: skip

    def takes(self, element: str, name: str) -> bool:
        """Whether a fault strikes now; it has struck once more then."""
        struck = self._run(
            "UPDATE fault SET times = times - 1 WHERE element = ? AND name = ? AND times > 0 RETURNING times",
            element,
            name,
        )
        return bool(struck)

    def _run(self, statement: str, *values: object) -> list[Any]:
        with self._transaction() as connection:
            return connection.execute(statement, values).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self.file, timeout=60)) as connection:
            connection.execute("PRAGMA synchronous = OFF")  # it outlives processes, and no cut of power
            connection.execute("PRAGMA journal_mode = PERSIST")
            connection.execute("BEGIN IMMEDIATE")
            with connection:
                yield connection


@dataclass(frozen=True)
class ToldElement:
    """One element, as a driver speaks to it."""

    network: ToldNetwork
    element: str

    def discover(self) -> Sequence[FoundDevice]:
        """Terminals that no service of this element is bound to."""
        self._is_there()
        held = self.network.places(self.element)
        ports = {each.get("serial"): place.split(" ")[1] for place, each in held.items() if place}
        bound = {each.get("serial") for place, each in held.items() if not place}
        return [
            FoundDevice(serial, port, claimed=serial in ports)
            for serial, port in self.network.plugged().items()
            if ports.get(serial) != port and serial not in bound
        ]

    def observe(self, line: Line) -> Observation:
        """What it holds, and whether the terminal of the line is there."""
        self._is_there()
        settings = self.network.settings(self.element, line.service_id, self.place_of(line))
        access = self.network.settings(line.element, line.service_id, _port_of(line))
        serial = None if access is None else access.get("serial")
        port = self.network.plugged().get(str(serial))
        works = port == line.port and access is not None and access.get("enabled") is True
        if self.element == line.element:
            presence = "present" if works else "elsewhere" if port else "absent"
            detected = serial if port else None
            return Observation(settings, Condition(presence=presence, detected_serial=detected))  # type: ignore[arg-type]
        if self.element != self.network.aaa:
            voice = None if settings is None else settings.get("voice_up")
            return Observation(settings, Condition(voice_registered=voice))
        began, kept = self.network.session(line.service_id)
        since = began if works and (settings is not None or kept) else None
        return Observation(settings, Condition(session_since=since, session_tells=True))

    def apply(self, change: Change) -> None:
        """Hold what was asked for, unless a fault strikes."""
        self._is_there()
        service = change.line.service_id
        is_spared = self.network.takes(self.element, "takes")
        if self.network.takes(self.element, "refuses") or (
            not is_spared and self.network.takes(self.element, "refuses_then")
        ):
            raise UnsafeToContinue(f"{self.element}: refuses the change")
        if self.network.takes(self.element, "lies"):
            return
        place = self.place_of(change.line)
        held = self.network.settings(self.element, service, place)
        after = None if change.after is None else {**(held or {}), **change.after}
        kept = None if after is None else {name: value for name, value in after.items() if value is not None}
        self.network.tell(self.element, service, kept, place, is_heard=True)
        if self.element == self.network.aaa:
            self.network.end_session(service, keeps=self.network.takes(self.element, "keeps_session"))
        elif self.element == change.line.element and kept is not None and not kept.get("enabled"):
            self.network.end_session(service)
        if self.network.takes(self.element, "loses_answer"):
            raise OutcomeUnknown(f"{self.element}: no answer")

    def close(self) -> None:
        """Nothing is open."""

    def place_of(self, line: Line) -> str:
        """What tells a line from the others that it holds."""
        if self.element == line.element:
            return _port_of(line)
        return line.username if self.element == self.network.aaa else str(line.serial)

    def _is_there(self) -> None:
        if self.network.takes(self.element, "away"):
            raise RetryableError(f"{self.element}: cannot be reached")


def _port_of(line: Line) -> str:
    return f"{line.element} {line.port} {line.onu_id}"
