"""Incidents of the network as the database keeps them: one open at a place, its whole life in a row."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, insert, select, update

from storage.rows import to_json
from storage.schema.incidents import NETWORK_INCIDENT


@dataclass(frozen=True, slots=True)
class SeenIncident:
    """What a sweep shows to be wrong at a place.

    Attributes:
        lines: what was seen of each line, by its serial.
    """

    family: str
    kind: str
    member: str
    action: str
    said: str
    lines: Mapping[str, str]

    @property
    def place(self) -> tuple[str, str, str]:
        """What tells incidents apart."""
        return self.family, self.kind, self.member


@dataclass(frozen=True, slots=True)
class KeptIncident:
    """An incident with its life; attributes as the columns of ``storage.schema.incidents``."""

    id: int
    market: str
    family: str
    kind: str
    member: str
    action: str
    said: str
    lines: dict[str, str]
    opened_at: datetime
    seen_at: datetime
    closed_at: datetime | None
    effect_key: str | None

    @property
    def place(self) -> tuple[str, str, str]:
        """What tells incidents apart."""
        return self.family, self.kind, self.member


def keep_seen(connection: Connection, market: str, seen: Sequence[SeenIncident], at: datetime) -> list[KeptIncident]:
    """Open what is new, and note of what is open that it was seen again; all of them as they are now."""
    table, known = NETWORK_INCIDENT, {each.place: each for each in open_incidents(connection, market)}
    for each in seen:
        values = {"action": each.action, "said": each.said, "lines": to_json(dict(each.lines)), "seen_at": at}
        kept = known.get(each.place)
        if kept is None:
            place = {"market": market, "family": each.family, "kind": each.kind, "member": each.member}
            connection.execute(insert(table).values(**place, **values, opened_at=at))
        else:
            connection.execute(update(table).values(**values).where(table.c.id == kept.id))
    places = {each.place for each in seen}
    return [each for each in open_incidents(connection, market) if each.place in places]


def close_incident(connection: Connection, incident_id: int, at: datetime) -> None:
    """What was wrong is not seen any more."""
    table = NETWORK_INCIDENT
    connection.execute(update(table).values(closed_at=at).where(table.c.id == incident_id))


def note_job(connection: Connection, incident_id: int, effect_key: str) -> None:
    """A job was asked for."""
    table = NETWORK_INCIDENT
    connection.execute(update(table).values(effect_key=effect_key).where(table.c.id == incident_id))


def open_incidents(connection: Connection, market: str) -> list[KeptIncident]:
    """What is wrong in a market, the oldest first."""
    return _read(
        connection, _all().where(NETWORK_INCIDENT.c.market == market, NETWORK_INCIDENT.c.closed_at.is_(None))
    )


def incidents_since(connection: Connection, market: str, since: datetime) -> list[KeptIncident]:
    """What was wrong in a market at some time since a moment, the oldest first."""
    table = NETWORK_INCIDENT
    still = table.c.closed_at.is_(None) | (table.c.closed_at >= since)
    return _read(connection, _all().where(table.c.market == market, still))


def _all() -> Select[Any]:
    return select(*(NETWORK_INCIDENT.c[each.name] for each in fields(KeptIncident))).order_by(NETWORK_INCIDENT.c.id)


def _read(connection: Connection, query: Select[Any]) -> list[KeptIncident]:
    rows = [dict(row._mapping) for row in connection.execute(query)]  # noqa: SLF001 - the public name of its columns
    return [KeptIncident(**{**row, "lines": json.loads(row["lines"])}) for row in rows]
