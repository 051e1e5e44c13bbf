"""What the guard and the gates of a market ask, and may do, where its take-over is led by the hub."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from canonical_model.errors import ConfigurationError, UnsafeToContinue
from handoffs.authority import WriterLease
from handoffs.cohort import Cohort
from handoffs.comparison import Tally
from handoffs.questions import People
from handoffs.rollback import Deed
from handoffs.stages import HANDOFFS, Handoff, TakeoverStage
from handoffs.statistics import Share
from handoffs.takeover import MoveKind, Position, acting_since
from hub.decision import Decision
from hub.takeover.authority import history_of
from hub.takeover.gate import Sources, passing_verdict
from hub.takeover.guard import ACTING, Powers
from hub.takeover.moves import GateAnswer, Wish, move
from hub.takeover.stops import stops_of
from hub.workplace import Hub
from storage.foreign_writes import undecided_foreign_writes
from storage.shadow_comparisons import complete_packages, tally
from storage.takeover import renew_lease

GUARD = "guard"
"""Who moves a hand-off where a rollback rule is tripped."""

WATCHED_FOR = timedelta(minutes=30)
"""So long after a look of the guard the hub may begin new work."""

_KINDS: dict[Deed, MoveKind] = {"roll_back": "rolled_back", "hold": "held"}


def powers_of(hub: Hub) -> Powers:
    """A guard that gives hand-offs back, and renews the right to begin new work where nothing speaks against it."""

    def stages(connection: Connection, market: str) -> Mapping[Handoff, TakeoverStage]:
        return {handoff: history_of(connection, hub, market, handoff)[-1].stage for handoff in HANDOFFS}

    def act(market: str, handoff: Handoff, deed: Deed, why: str, now: datetime) -> str:
        return _done(hub, market, handoff, deed, why, now)

    def renew(market: str, now: datetime) -> None:
        with hub.database.writing() as connection:
            for handoff in HANDOFFS:
                position = history_of(connection, hub, market, handoff)[-1]
                if position.stage in ACTING and position.epoch:
                    renew_lease(connection, market, handoff, WriterLease(position.epoch, now + WATCHED_FOR), now)

    def since(connection: Connection, market: str, handoff: Handoff) -> datetime | None:
        return acting_since(history_of(connection, hub, market, handoff))

    return Powers(stages, act, renew, foreign_works, since, stops_of)


def sources_of(hub: Hub) -> Sources:
    """What the gates of a market ask beside the records."""

    def since(connection: Connection, market: str, handoff: Handoff) -> datetime | None:
        return history_of(connection, hub, market, handoff)[-1].since

    return Sources(powers_of(hub).stages, since, _tally, _packages, foreign_works)


def people_of(hub: Hub, market: str) -> People:
    """Who decides about the steps of a market, by ``handoffs.yaml``."""
    said = hub.operator.handoffs.market(market)
    return People(
        said.approvers,
        said.deputies,
        timedelta(hours=said.remind_every_hours),
        timedelta(hours=said.deputies_after_hours),
    )


def foreign_works(connection: Connection, market: str) -> Mapping[Handoff, Sequence[str]]:
    """Works on which another writer acted though the hub owns them, and nobody has decided about it."""
    found: dict[Handoff, list[str]] = {}
    for each in undecided_foreign_writes(connection, market):
        found.setdefault(each.handoff, []).append(each.work)
    return {handoff: tuple(dict.fromkeys(works)) for handoff, works in found.items()}


def _tally(
    connection: Connection, market: str, handoff: Handoff, since: datetime, versions: str, settled: datetime
) -> Tally | None:
    found = tally(connection, market, handoff, since, versions, settled)
    return found if found.compared or found.waiting else None


def _packages(connection: Connection, market: str, since: datetime) -> Share | None:
    complete, told = complete_packages(connection, market, since)
    return Share(complete, told) if told else None


class VerdictGate:
    """Lets a hand-off go on where its last verdict passes, is of today and of the versions at work."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def ask(
        self, connection: Connection, position: Position, target: TakeoverStage, cohort: Cohort, decision: Decision
    ) -> GateAnswer:
        """What the gate of the stage that is left says; a canary is widened by the gate that leads out of it."""
        del target
        market, handoff = position.market, position.handoff
        people = people_of(self._hub, market)
        if decision.actor not in (*people.approvers, *people.deputies):
            return GateAnswer(None, f"{decision.actor} is no approver of {market} in handoffs.yaml")
        if position.stage == "legacy_retired":
            return GateAnswer(None, "nothing comes behind it")
        operator, leaves = self._hub.operator, position.stage
        found = passing_verdict(connection, operator, market, handoff, leaves, decision.at)
        if found is None or (position.since is not None and found[1].measured_at < position.since):
            return GateAnswer(None, "its gate has not passed today: `splice market gate` tells what it lacks")
        if not cohort.is_within(found[1].cohort):
            return GateAnswer(None, f"its gate was judged for {found[1].cohort}, which does not hold {cohort}")
        return GateAnswer(found[0])


def _done(hub: Hub, market: str, handoff: Handoff, deed: Deed, why: str, now: datetime) -> str:
    """Give a hand-off back or stop its line; what is done already, or by another at this moment, is done."""
    if deed == "alarm":
        return "people are told"
    try:
        position = move(hub, Wish(market, handoff, _KINDS[deed]), Decision(GUARD, now, why))
    except (ConfigurationError, UnsafeToContinue) as error:
        return f"nothing was moved: {error}"
    return f"in {position.stage} now" + (", stopped" if position.is_held else "")
