"""A network that remembers in a file what it was told, and outlives any process; it may lie, stall and refuse."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from canonical_model.errors import OutcomeUnknown, RetryableError, UnsafeToContinue
from provisioning.change import Change
from provisioning.line import Condition, FoundDevice, Line, Observation

_TABLES = """
CREATE TABLE IF NOT EXISTS told (element TEXT, service TEXT, settings TEXT, PRIMARY KEY (element, service));
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
        """Let the next changes fail: ``lies``, ``loses_answer``, ``away`` or ``refuses``."""
        self._run("INSERT OR REPLACE INTO fault VALUES (?, ?, ?)", element, name, times)

    def settings(self, element: str, service: str) -> dict[str, Any] | None:
        """What an element holds of a service."""
        rows = self._run("SELECT settings FROM told WHERE element = ? AND service = ?", element, service)
        return json.loads(rows[0][0]) if rows else None

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

    def tell(self, element: str, service: str, settings: dict[str, Any] | None, *, is_heard: bool = False) -> None:
        """Change what an element holds, as somebody else would, or as the hub does, which is heard."""
        told = None if settings is None else json.dumps(settings, sort_keys=True)
        with self._transaction() as connection:
            connection.execute("DELETE FROM told WHERE element = ? AND service = ?", (element, service))
            if told is not None:
                connection.execute("INSERT INTO told VALUES (?, ?, ?)", (element, service, told))
            if is_heard:
                connection.execute("INSERT INTO heard VALUES (?, ?, ?)", (element, service, told))

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
            connection.executescript(_TABLES)
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
        return [
            FoundDevice(serial, port)
            for serial, port in self.network.plugged().items()
            if not any(serial == each.get("serial") for each in self._held())
        ]

    def observe(self, line: Line) -> Observation:
        """What it holds, and whether the terminal of the line is there."""
        self._is_there()
        settings = self.network.settings(self.element, line.service_id)
        access = self.network.settings(line.element, line.service_id)
        serial = None if access is None else access.get("serial")
        port = self.network.plugged().get(str(serial))
        works = port == line.port and access is not None and access.get("enabled") is True
        if self.element == line.element:
            presence = "present" if works else "elsewhere" if port else "absent"
            detected = serial if port else None
            return Observation(settings, Condition(presence=presence, detected_serial=detected))  # type: ignore[arg-type]
        since = SESSION_BEGAN if works and settings is not None and self.element == self.network.aaa else None
        return Observation(settings, Condition(session_since=since, session_tells=True))

    def apply(self, change: Change) -> None:
        """Hold what was asked for, unless a fault strikes."""
        self._is_there()
        service = change.line.service_id
        if self.network.takes(self.element, "refuses"):
            raise UnsafeToContinue(f"{self.element}: refuses the change")
        if self.network.takes(self.element, "lies"):
            return
        held = self.network.settings(self.element, service)
        after = None if change.after is None else {**(held or {}), **change.after}
        kept = None if after is None else {name: value for name, value in after.items() if value is not None}
        self.network.tell(self.element, service, kept, is_heard=True)
        if self.network.takes(self.element, "loses_answer"):
            raise OutcomeUnknown(f"{self.element}: no answer")

    def close(self) -> None:
        """Nothing is open."""

    def _held(self) -> list[dict[str, Any]]:
        rows = self.network._run("SELECT settings FROM told WHERE element = ?", self.element)
        return [json.loads(row[0]) for row in rows]

    def _is_there(self) -> None:
        if self.network.takes(self.element, "away"):
            raise RetryableError(f"{self.element}: cannot be reached")
