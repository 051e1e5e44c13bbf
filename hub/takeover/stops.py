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
    """

    began_at: datetime
    ended_at: datetime | None = None


def stops_of(connection: Connection, market: str) -> dict[Handoff, Stop]:
    """The last stop of each hand-off of a market that was ever stopped."""
    found = {handoff: _last_stop(moves_of(connection, market, handoff)) for handoff in HANDOFFS}
    return {handoff: stop for handoff, stop in found.items() if stop is not None}


def lets_pass(connection: Connection, stop: Stop, trip: Trip, now: datetime) -> bool:
    """Whether a trip that would stop the line again tells nothing that was not known when it was let go on."""
    signal = trip.signal
    if stop.ended_at is None or trip.rule.does != "hold" or not 0 < len(signal.works) < MOST_TOLD:
        return False
    if not all(work.startswith(_WORKS) for work in signal.works) and now - stop.ended_at >= _NAMES_NO_WORK:
        return False
    trips = trips_between(connection, signal.market, stop.began_at, stop.ended_at)
    alike = (each for each in trips if (each["handoff"], each["kind"]) == (signal.handoff, signal.kind))
    return {*signal.works} <= {str(work) for each in alike for work in each["works"]}


def _last_stop(moves: Sequence[Move]) -> Stop | None:
    stop = None
    for move in moves:
        if move.kind == "held" and (stop is None or stop.ended_at is not None):
            stop = Stop(move.at)
        elif move.kind == "released" and stop is not None:
            stop = Stop(stop.began_at, move.at)
    return stop
