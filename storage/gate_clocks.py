"""Clocks of gates: since when a hand-off of a market has been decided by the same versions."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from storage.rows import to_json
from storage.schema.gates import GATE_CLOCK


@dataclass(frozen=True, slots=True)
class GateClock:
    """What a hand-off is decided by, and since when.

    Attributes:
        versions: fingerprint of all parts together.
        parts: fingerprint by part.
    """

    versions: str
    parts: Mapping[str, str]
    since: datetime

    def changed(self, before: "GateClock | None") -> tuple[str, ...]:
        """Names of the parts that are other than they were."""
        if before is None:
            return ()
        return tuple(sorted(n for n in {*self.parts, *before.parts} if self.parts.get(n) != before.parts.get(n)))


def clock_of(connection: Connection, market: str, handoff: str) -> GateClock | None:
    """What is at work; None where nobody has looked yet."""
    found = clocks_of(connection, market, handoff, most=1)
    return found[0] if found else None


def clocks_of(connection: Connection, market: str, handoff: str, most: int = 100) -> list[GateClock]:
    """What was at work, the last first."""
    query = (
        select(GATE_CLOCK.c.versions, GATE_CLOCK.c.parts, GATE_CLOCK.c.since)
        .where(GATE_CLOCK.c.market == market, GATE_CLOCK.c.handoff == handoff)
        .order_by(GATE_CLOCK.c.id.desc())
        .limit(most)
    )
    return [GateClock(row.versions, json.loads(row.parts), row.since) for row in connection.execute(query)]


def since_when(clocks: Sequence[GateClock], name: str, fingerprint: str, now: datetime) -> datetime | None:
    """Since when a part is as it is; None where it changed while the clock went on, for then nobody noted when.

    Args:
        clocks: the last first.
        name: of the part.
        fingerprint: as it is.
        now: this moment: so long has stood what nobody has noted yet.
    """
    since, versions = now, ""
    for clock in clocks:
        if clock.parts.get(name) != fingerprint:
            return None if clock.versions == versions else since
        since, versions = clock.since, clock.versions
    return since


def set_clock(
    connection: Connection, market: str, handoff: str, versions: str, parts: Mapping[str, str], now: datetime
) -> GateClock:
    """Note what is at work now; where it is what was, the clock goes on, though a part that sets none has changed.

    Two that note the same change at once write it twice; the later of two rows alike counts, by moments of one pass.
    """
    before = clock_of(connection, market, handoff)
    goes_on = before is not None and before.versions == versions
    if before is not None and goes_on and before.parts == parts:
        return before
    since = before.since if before is not None and goes_on else now
    row = {"market": market, "handoff": handoff, "versions": versions, "parts": to_json(dict(parts)), "since": since}
    connection.execute(insert(GATE_CLOCK).values(row))
    return GateClock(versions, dict(parts), since)
