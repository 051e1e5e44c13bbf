"""Passes of the guard: what was seen, what was done about it; rows that are only ever added."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select

from storage.rows import to_json
from storage.schema.gates import GUARD_PASS


@dataclass(frozen=True, slots=True)
class GuardPass:
    """One look of the guard at a market.

    Attributes:
        works: those that an event was about; None for the whole market.
        trips: kind, handoff, deed, measured, works and said of each rule that was tripped.
        done: what was done, by hand-off.
        missed: why a kind of signal could not be looked for, by kind.
    """

    market: str
    at: datetime
    works: tuple[str, ...] | None
    trips: Sequence[Mapping[str, Any]]
    done: Mapping[Any, str]
    missed: Mapping[str, str]


def add_pass(connection: Connection, seen: GuardPass) -> None:
    """Write a pass down."""
    connection.execute(
        insert(GUARD_PASS).values(
            market=seen.market,
            at=seen.at,
            works=None if seen.works is None else to_json(list(seen.works)),
            trips=to_json([dict(each) for each in seen.trips]),
            done=to_json(dict(seen.done)),
            missed=to_json(dict(seen.missed)),
        )
    )


def last_whole_pass(connection: Connection, market: str) -> datetime | None:
    """When a whole market was looked at last, and nothing was missed; None where it never was."""
    whole = (GUARD_PASS.c.market == market, GUARD_PASS.c.works.is_(None), GUARD_PASS.c.missed == "{}")
    at: datetime | None = connection.execute(select(func.max(GUARD_PASS.c.at)).where(*whole)).scalar_one()
    return at


def trips_between(connection: Connection, market: str, begin: datetime, end: datetime) -> list[Mapping[str, Any]]:
    """What was tripped in a market between two moments, both included; as ``GuardPass.trips``."""
    within = (GUARD_PASS.c.market == market, GUARD_PASS.c.at.between(begin, end), GUARD_PASS.c.trips != "[]")
    told = connection.execute(select(GUARD_PASS.c.trips).where(*within)).scalars()
    return [trip for each in told for trip in json.loads(each)]


def guard_passes(connection: Connection, market: str, most: int = 100, *, tripped: bool = False) -> list[GuardPass]:
    """Passes of a market, the last first; if wanted those alone in which a rule was tripped."""
    query = select(GUARD_PASS).where(GUARD_PASS.c.market == market)
    if tripped:
        query = query.where(GUARD_PASS.c.trips != "[]")
    return [
        GuardPass(
            row.market,
            row.at,
            None if row.works is None else tuple(json.loads(row.works)),
            json.loads(row.trips),
            json.loads(row.done),
            json.loads(row.missed),
        )
        for row in connection.execute(query.order_by(GUARD_PASS.c.id.desc()).limit(most))
    ]
