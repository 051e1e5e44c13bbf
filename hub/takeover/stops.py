"""Stops of a line: works have waited for them, and whoever let the line go on knew what had been seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from handoffs.rollback import Trip
from handoffs.stages import HANDOFFS, Handoff
from handoffs.takeover import Move
from hub.takeover.signals.look import MOST_TOLD
from storage.guard_passes import trips_between
from storage.takeover import moves_of

_WORKS = ("order/", "service/", "account/", "incident/")
_NAMES_NO_WORK = timedelta(hours=24)
"""So long what a person let pass is let pass where it is about no work: a feed, a stream, a field."""


@dataclass(frozen=True, slots=True)
class Stop:
    """The last stop of a hand-off's line.

    Attributes:
        ended_at: when a person let it go on; None while it stands.
        seen: kinds of signals that were seen meanwhile, each with a work or a thing that it was about.
    """

    began_at: datetime
    ended_at: datetime | None = None
    seen: frozenset[tuple[str, str]] = frozenset()

    def lets_pass(self, trip: Trip, now: datetime) -> bool:
        """Whether a trip that would stop the line again tells nothing that was not known when it was let go on."""
        signal = trip.signal
        if self.ended_at is None or trip.rule.does != "hold" or not 0 < len(signal.works) < MOST_TOLD:
            return False
        if any((signal.kind, work) not in self.seen for work in signal.works):
            return False
        return all(work.startswith(_WORKS) for work in signal.works) or now - self.ended_at < _NAMES_NO_WORK


def stops_of(connection: Connection, market: str) -> dict[Handoff, Stop]:
    """The last stop of each hand-off of a market that was ever stopped."""
    found = {}
    for handoff in HANDOFFS:
        stop = _last_stop(moves_of(connection, market, handoff))
        if stop is not None and stop.ended_at is not None:
            trips = trips_between(connection, market, stop.began_at, stop.ended_at)
            own = [each for each in trips if each["handoff"] == handoff]
            seen = frozenset((str(each["kind"]), str(work)) for each in own for work in each["works"])
            stop = Stop(stop.began_at, stop.ended_at, seen)
        if stop is not None:
            found[handoff] = stop
    return found


def _last_stop(moves: Sequence[Move]) -> Stop | None:
    stop = None
    for move in moves:
        if move.kind == "held" and (stop is None or stop.ended_at is not None):
            stop = Stop(move.at)
        elif move.kind == "released" and stop is not None:
            stop = Stop(stop.began_at, move.at)
    return stop
