"""Streams, and kinds of events of one market, that bring far less or far more than they did on such days.

A pull that succeeds and brings nothing is fresh, and so is a system that forgets one market. What a day brings is
held against the same day of the weeks before; holidays and the scatter of small numbers are let pass.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import select

from canonical_model.field_work import FieldCompletion
from canonical_model.orders import ProductOrder
from canonical_model.record import Record
from handoffs.rollback import Signal
from handoffs.stages import HANDOFFS
from hub.takeover.measuring.feeds import JUDGED_BY, streams_for
from hub.takeover.signals.look import Look, signal
from hub.takeover.signals.usual_volume import unusual
from rules.feed_quality import changes_by_day
from storage.history import known
from storage.pulls import changes_of_pulls
from storage.schema.canonical import CANONICAL_TABLES

_DAYS = 35
_SETTLING = timedelta(hours=6)
"""The last hours are left out: what happened in them may still be on its way."""
_EVENTS: tuple[tuple[type[Record], str], ...] = ((ProductOrder, "ordered_at"), (FieldCompletion, "completed_at"))


def find(look: Look) -> Iterator[Signal]:
    """Streams of each hand-off that have gone quiet, or shout."""
    holidays = _holidays(look)
    said = {entity.__name__: unusual(_of_market(look, entity, column), holidays) for entity, column in _EVENTS}
    events = frozenset(said)
    for handoff in HANDOFFS:
        streams = {"/".join(each): each for each in streams_for(look.operator, look.market.id, handoff)}
        for name in streams.keys() - said.keys():
            said[name] = unusual(_of_stream(look, *streams[name]), holidays)
        judged = streams.keys() | (JUDGED_BY[handoff] & events)
        found = {name: f"{name} {said[name]}" for name in judged if said[name]}
        yield from signal(look, "silent_stream", handoff, found, of=len(judged))


def _of_stream(look: Look, system: str, stream: str) -> dict[int, int]:
    """Up to the last pull: what happened since is still to come, and a feed that is not pulled is told as stale."""
    since = look.now - timedelta(days=_DAYS + 8)
    pulls = changes_of_pulls(look.connection, system, stream, since, look.now)
    return changes_by_day(pulls, pulls[-1][0] if pulls else look.now, _DAYS)


def _of_market(look: Look, entity: type[Record], column: str) -> dict[int, int]:
    """Events of the market by how many days ago they happened, from the first on that is known."""
    table, end = CANONICAL_TABLES[entity], look.now - _SETTLING
    begin = end - timedelta(days=_DAYS)
    query = select(table.c[column]).where(
        known(table, None), table.c.market == look.market.id, table.c.known_from >= begin, table.c[column] >= begin
    )
    moments = [at for at in look.connection.execute(query).scalars() if at is not None and at < end]
    if not moments:
        return {}
    counted = Counter((end - at) // timedelta(days=1) for at in moments)
    return {day: counted[day] for day in range(max(counted) + 1)}


def _holidays(look: Look) -> set[int]:
    block = look.operator.file.markets[look.market.id]
    return {
        day for day in range(_DAYS + 1) if look.day_of(look.now - timedelta(hours=12, days=day)) in block.holidays
    }
