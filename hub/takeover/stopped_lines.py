"""Lines that stand still for long: people are told of them again, so that no work waits for ever on a stop."""

from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from handoffs.stages import Handoff
from hub.takeover.authority import history_of
from hub.takeover.draining import draining_in
from hub.takeover.powers import people_of
from hub.takeover.stops import Stop, stops_of
from hub.takeover.telling_staff import tell_staff
from hub.workplace import Hub
from storage.effects import effect_with_key
from storage.sagas import sagas

_NAMED = 5


def remind_of_stops(hub: Hub, market: str, now: datetime) -> int:
    """Tell the people of a market again of each line that is stopped; gives the lines of which somebody was told now.

    They were told of the stop when it happened. As often as ``remind_every_hours`` of ``handoffs.yaml`` says they are
    told that it stands, once each time, whoever looks and however often.

    Args:
        hub: the operator's hub.
        market: whose lines.
        now: this moment.

    Raises:
        RetryableError: the database is out of reach.
    """
    if not hub.operator.handoffs.market(market).tell:
        return 0
    every = people_of(hub, market).remind_every
    due: list[tuple[str, str, str]] = []
    with hub.database.reading() as connection:
        for handoff, stop in stops_of(connection, market).items():
            times = (now - stop.began_at) // every
            key = f"stopped/{market}/{handoff}/{stop.began_at:%Y%m%dT%H%M%S}/{times}"
            if stop.ended_at is None and times > 0 and effect_with_key(connection, f"{key}/0") is None:
                title = f"{market} {handoff.replace('_', ' ')}: stopped since {stop.began_at:%Y-%m-%d %H:%M} UTC"
                due.append((key, title, _body(connection, hub, market, handoff, stop, now)))
    return sum(bool(tell_staff(hub, market, title, body, partial(_key, key), now)) for key, title, body in due)


def _key(key: str, place: int, _address: str) -> str:
    return f"{key}/{place}"


def _body(connection: Connection, hub: Hub, market: str, handoff: Handoff, stop: Stop, now: datetime) -> str:
    position = history_of(connection, hub, market, handoff)[-1]
    moving = sagas(connection, market=market, states=("running", "undoing"))
    begun = [each for each in moving if each.kind != "adopt"]
    under_way = {
        f"order/{each.order_number}" if each.order_number else f"service/{each.service_id}" for each in begun
    }
    works = sorted(under_way | {*draining_in(connection, hub, market, handoff).hub})
    more = f" and {len(works) - _NAMED} more" if len(works) > _NAMED else ""
    hours = (now - stop.began_at).total_seconds() / 3600
    return (
        f"It stands still for {hours:.0f} hours, and nothing of it goes on by itself. {position.why}\n\n"
        f"{len(works)} works of the hub are under way in {market} and wait as soon as they come to it"
        f"{': ' if works else ''}{', '.join(works[:_NAMED])}{more}.\n\n"
        f"`splice market release {market} {handoff}` lets it go on, `splice market give-back {market} {handoff}`"
        " gives it back to legacy; both ask for the reason."
    )
