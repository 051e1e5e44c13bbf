"""Where the hand-offs of a market stand: stage, cohort, what is under way on each path, who acted beside."""

from dataclasses import dataclass
from datetime import datetime

from handoffs.authority import WriterLease
from handoffs.stages import HANDOFFS, Authority, Handoff
from handoffs.takeover import Move, Position
from hub.snapshots import market_of
from hub.takeover.authority import authority_in, history_of
from hub.takeover.draining import Draining, draining_in
from hub.workplace import Hub
from storage.foreign_writes import ForeignWrite, undecided_foreign_writes
from storage.takeover import lease_of, moves_of
from storage.work_paths import WorkPath, counts_by_writer, path_of


@dataclass(frozen=True, slots=True)
class HandoffStanding:
    """Where one hand-off of a market stands.

    Attributes:
        draining: open orders by the path that they are on.
        begun: works that each writer has begun so far.
        lease: until when the hub may begin new work; None where no guard has looked yet.
        foreign: what another writer did to work of the hub, and nobody has decided about.
    """

    position: Position
    draining: Draining
    begun: dict[str, int]
    lease: WriterLease | None
    foreign: tuple[ForeignWrite, ...]


@dataclass(frozen=True, slots=True)
class WhoActs:
    """Who acts on one piece of work of a hand-off, and why; its path where it is begun."""

    handoff: Handoff
    authority: Authority
    path: WorkPath | None


def market_standing(hub: Hub, market: str) -> list[HandoffStanding]:
    """Where the four hand-offs of a market stand.

    Raises:
        ConfigurationError: there is no such market.
        RetryableError: the database is out of reach.
    """
    market_of(hub.operator, market)
    with hub.database.reading() as connection:
        return [
            HandoffStanding(
                history_of(connection, hub, market, handoff)[-1],
                draining_in(connection, hub, market, handoff),
                counts_by_writer(connection, market, handoff),
                lease_of(connection, market, handoff),
                tuple(undecided_foreign_writes(connection, market, handoff)),
            )
            for handoff in HANDOFFS
        ]


def market_history(hub: Hub, market: str) -> list[tuple[Handoff, Move]]:
    """Every move of a market's hand-offs, the first one first.

    Raises:
        ConfigurationError: there is no such market.
        RetryableError: the database is out of reach.
    """
    market_of(hub.operator, market)
    with hub.database.reading() as connection:
        found = [(handoff, each) for handoff in HANDOFFS for each in moves_of(connection, market, handoff)]
    return sorted(found, key=lambda each: each[1].at)


def who_acts(hub: Hub, market: str, work: str, now: datetime) -> list[WhoActs]:
    """Who acts on a piece of work, hand-off by hand-off.

    Raises:
        ConfigurationError: there is no such market.
        RetryableError: the database is out of reach.
    """
    market_of(hub.operator, market)
    with hub.database.reading() as connection:
        return [
            WhoActs(
                handoff,
                authority_in(connection, hub, market, handoff, work, now),
                path_of(connection, market, handoff, work),
            )
            for handoff in HANDOFFS
        ]
