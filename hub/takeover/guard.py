"""The guard: looks for harm in what the hub does, and gives a hand-off back, holds it, or tells people, at once.

It may look at any time, as often as it likes, and in several processes side by side: what it does is done once. It
never waits for a person, and it never moves a hand-off forward.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

from sqlalchemy import Connection

from canonical_model.errors import ConfigurationError, RetryableError
from handoffs.rollback import Deed, Signal, Trip, deeds, tripped
from handoffs.stages import HANDOFFS, Handoff, TakeoverStage
from hub.operator_folder.load import Operator
from hub.snapshots import market_of
from hub.takeover.measuring.versions import versions_of
from hub.takeover.signals.finders import finders_for
from hub.takeover.signals.look import WINDOW, ForeignWrites, Look, no_foreign_writes
from hub.takeover.stops import Stop, lets_pass
from hub.takeover.telling_staff import tell_staff
from hub.workplace import Hub
from storage.gate_clocks import set_clock
from storage.guard_passes import GuardPass, add_pass

KNOWN = "nothing was moved: a person has let the line go on, knowing this"

ACTING: frozenset[TakeoverStage] = frozenset({"canary", "active", "legacy_retired"})
"""Stages in which the hub acts, so that harm may be its own."""

Stages = Callable[[Connection, str], Mapping[Handoff, TakeoverStage]]
"""Takes a market; gives the stage of each of its hand-offs."""

Act = Callable[[str, Handoff, Deed, str, datetime], str]
"""Takes a market, a hand-off, what is to be done with it, why, and when; says what came of it. To be asked for what
is done already changes nothing."""

Renew = Callable[[str, datetime], None]
"""Takes a market whose guard is alive at a moment; keeps the right to write there for a while."""


StageSince = Callable[[Connection, str, Handoff], datetime | None]
"""Takes a market and a hand-off; gives since when, or None where nobody noted it."""


def nobody_noted(connection: Connection, market: str, handoff: Handoff) -> datetime | None:
    """Nothing: where stages are only declared."""
    del connection, market, handoff
    return None


Stops = Callable[[Connection, str], Mapping[Handoff, Stop]]
"""Takes a market; gives the last stop of each of its hand-offs that was ever stopped."""


def never_stopped(connection: Connection, market: str) -> Mapping[Handoff, Stop]:
    """Nothing: where no line is stopped."""
    del connection, market
    return {}


def nothing_to_renew(market: str, now: datetime) -> None:
    """Where nobody leases."""
    del market, now


@dataclass(frozen=True, slots=True)
class Powers:
    """What a guard may do, and whom it asks.

    Attributes:
        stages: how far each hand-off is taken over.
        act: gives a hand-off back, or holds it.
        renew: keeps the hub's right to write; a guard that does not come by lets it lapse.
        foreign_writes: works on which legacy acted though the hub owns them.
        since: since when the hub has acted without having given the hand-off back; harm of before had its answer.
        stops: the last stop of each hand-off's line.
    """

    stages: Stages
    act: Act
    renew: Renew = nothing_to_renew
    foreign_writes: ForeignWrites = no_foreign_writes
    since: StageSince = nobody_noted
    stops: Stops = never_stopped


@dataclass(frozen=True, slots=True)
class GuardOutcome:
    """What a pass came to.

    Attributes:
        trips: rules that were tripped, the gravest first, of hand-offs in which the hub acts.
        done: what came of what was done, by hand-off.
        missed: why a kind of signal could not be looked for, by kind.
        told: people who were told just now.
    """

    market: str
    at: datetime
    trips: tuple[Trip, ...]
    done: Mapping[Handoff, str]
    missed: Mapping[str, str]
    told: tuple[str, ...]


def guard_market(
    hub: Hub, market_id: str, now: datetime, powers: Powers, works: Collection[str] | None = None
) -> GuardOutcome:
    """Look for harm, and do what the rules of the market say about it.

    Args:
        hub: the operator's hub.
        market_id: which market.
        now: this moment.
        powers: what may be done.
        works: only these, as at an event about them; None for the whole market.

    Raises:
        ConfigurationError: there is no such market, or our own policy is wrong.
        RetryableError: the database is out of reach.
    """
    market = market_of(hub.operator, market_id)
    rules = hub.operator.handoffs.rules(market.id)
    with hub.database.reading() as connection:
        stages = powers.stages(connection, market.id)
        only = None if works is None else frozenset(works)
        stops = powers.stops(connection, market.id)
        went_on = {handoff: stop.ended_at or now for handoff, stop in stops.items()}
        look = Look(connection, hub.operator, market, now, only, powers.foreign_writes, went_on=went_on)
        signals, missed = _seen_since(look, stages, powers)
    trips = tripped(rules, signals, market.local_date(now))
    known = _known(hub, trips, stops, now)
    done = dict.fromkeys((trip.signal.handoff for trip in known), KNOWN)
    done |= _do([trip for trip in trips if trip not in known], stages, powers, now)
    told = _tell(hub, market.id, trips, done, now)
    with hub.database.writing() as connection:
        if works is None:
            _note_versions(connection, hub.operator, market.id, now)
        add_pass(connection, _pass(market.id, now, works, trips, done, missed))
    if works is None and not missed:
        powers.renew(market.id, now)  # who has seen only a part, or not all, lets nobody begin
    return GuardOutcome(market.id, now, tuple(trips), done, missed, told)


def _known(hub: Hub, trips: Collection[Trip], stops: Mapping[Handoff, Stop], now: datetime) -> list[Trip]:
    """Trips of which a person knew who has let the line go on; asked only where one would stop it again."""
    again = [trip for trip in trips if trip.rule.does == "hold" and trip.signal.handoff in stops]
    if not again:
        return []
    with hub.database.reading() as connection:
        return [trip for trip in again if lets_pass(connection, stops[trip.signal.handoff], trip, now)]


def _seen_since(
    look: Look, stages: Mapping[Handoff, TakeoverStage], powers: Powers
) -> tuple[list[Signal], dict[str, str]]:
    """What is seen of each hand-off in which the hub acts, since it does; hand-offs of one moment at one look."""
    windows: dict[Handoff, timedelta] = {}
    for handoff in HANDOFFS:
        if stages.get(handoff) in ACTING:
            since = powers.since(look.connection, look.market.id, handoff)
            windows[handoff] = WINDOW if since is None else min(WINDOW, look.now - since)
    signals: list[Signal] = []
    missed: dict[str, str] = {}
    widest = replace(look, window=max(windows.values(), default=WINDOW))
    for window in sorted(set(windows.values())):
        found, unseen = _seen(widest.narrowed(window))
        signals += [each for each in found if windows.get(each.handoff) == window]
        missed |= unseen
    return signals, missed


def _seen(look: Look) -> tuple[list[Signal], dict[str, str]]:
    """Every signal, and why some could not be looked for; one that cannot be found hides no other."""
    signals: list[Signal] = []
    missed: dict[str, str] = {}
    for kind, find in finders_for(at_event=look.works is not None).items():
        try:
            signals += find(look)
        except RetryableError:
            raise
        except (ConfigurationError, ValueError, LookupError, ArithmeticError) as error:
            missed[kind] = f"{type(error).__name__}: {error}"[:300]
        except Exception as error:  # noqa: BLE001 - one kind of harm that cannot be looked for hides no other
            missed[kind] = type(error).__name__
    missed |= {f"saga {key}": "its facts cannot be read" for key in look.acted.unreadable}
    return signals, missed


def _do(
    trips: Collection[Trip], stages: Mapping[Handoff, TakeoverStage], powers: Powers, now: datetime
) -> dict[Handoff, str]:
    done: dict[Handoff, str] = {}
    wanted = deeds(trips)
    for handoff in HANDOFFS:
        deed = wanted.get(handoff, "alarm")
        if deed == "roll_back" and stages[handoff] == "legacy_retired":
            deed = "hold"  # there is nobody left to give it back to
        if deed != "alarm":
            own = [trip for trip in trips if trip.signal.handoff == handoff and trip.rule.does != "alarm"]
            why = " | ".join(trip.said for trip in own)
            done[handoff] = powers.act(own[0].signal.market, handoff, deed, why, now)
    return done


def _tell(
    hub: Hub, market: str, trips: Collection[Trip], done: Mapping[Handoff, str], now: datetime
) -> tuple[str, ...]:
    """Tell the people of the market of each trip once, as long as it is about the same works."""
    told: list[str] = []
    for trip in trips:
        handoff, what = trip.signal.handoff, trip.rule.does.replace("_", " ")
        same = "|".join([trip.signal.kind, handoff, trip.rule.does, *trip.signal.works])

        def key_of(_place: int, address: str, same: str = same) -> str:
            return f"guard/{market}/{blake2b(f'{same}|{address}'.encode(), digest_size=8).hexdigest()}"

        title = f"{market} {handoff.replace('_', ' ')}: {what}"
        where = f"What was seen of each: `splice market history {market}`, and the page of the guard's run."
        body = f"{trip.said_outside}\n\n{done.get(handoff, 'nothing was moved')}\n\n{where}"
        told += tell_staff(hub, market, title, body, key_of, now)
    return tuple(dict.fromkeys(told))


def _note_versions(connection: Connection, operator: Operator, market: str, now: datetime) -> None:
    for handoff in HANDOFFS:
        versions = versions_of(operator, market, handoff)
        set_clock(connection, market, handoff, versions.fingerprint, versions.parts, now)


def _pass(
    market: str,
    now: datetime,
    works: Collection[str] | None,
    trips: Collection[Trip],
    done: Mapping[Handoff, str],
    missed: Mapping[str, str],
) -> GuardPass:
    told: list[dict[str, Any]] = [
        {
            "kind": trip.signal.kind,
            "handoff": trip.signal.handoff,
            "deed": trip.rule.does,
            "measured": str(trip.signal.measured),
            "works": list(trip.signal.works),
            "said": trip.said,
        }
        for trip in trips
    ]
    return GuardPass(market, now, None if works is None else tuple(sorted(works)), told, {**done}, missed)
