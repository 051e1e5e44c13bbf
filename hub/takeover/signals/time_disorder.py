"""Events out of the order of time: from the future, received before they happened, or all of them late by as much.

A technician without coverage sends two days later what happened two days before; so one late event says nothing.
Where the best of a whole day comes as late as none did before, a clock or a zone has changed.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sqlalchemy import select

from canonical_model.field_work import FieldCompletion
from canonical_model.network import AaaSession, NetworkObservation
from canonical_model.orders import ProductOrder
from canonical_model.record import Record
from handoffs.rollback import Signal
from handoffs.stages import Handoff
from hub.takeover.signals.look import Look, signal
from storage.history import known
from storage.schema.canonical import CANONICAL_TABLES

_TOLERANCE = timedelta(minutes=10)
_SHIFT = timedelta(minutes=45)
_PROMPT = timedelta(minutes=30)
_LEAST = 5
"""Events of a day, for the best of them to say something."""
_DAYS = timedelta(days=15)
_MOST_LINES = 500

_EVENTS: tuple[tuple[type[Record], str, str | None, Handoff], ...] = (
    (ProductOrder, "ordered_at", None, "order_to_provisioning"),
    (FieldCompletion, "completed_at", "received_at", "field_to_billing"),
    (NetworkObservation, "observed_at", None, "order_to_provisioning"),  # of devices of the hub alone, as the next
    (AaaSession, "updated_at", None, "order_to_provisioning"),
)
"""Records, when they say that it happened, and when the other side says that it heard of it."""


def find(look: Look) -> Iterator[Signal]:
    """Events that cannot have happened when they say."""
    for entity, happened, received, handoff in _EVENTS:
        found: dict[str, str] = {}
        lags: dict[date, list[timedelta]] = defaultdict(list)
        for name, at, heard, since in _events(look, entity, happened, received):
            if at > min(look.now, since) + _TOLERANCE or (heard is not None and at > heard + _TOLERANCE):
                found[name] = f"{entity.__name__} {name} says {at:%Y-%m-%d %H:%M} UTC, and was known before that"
            lags[look.day_of(at)].append((heard or since) - at)
        shifted = _shift(lags)
        if shifted is not None:
            day, by = shifted
            minutes = by // timedelta(minutes=1)
            found[f"{entity.__name__}/{day}"] = f"every {entity.__name__} of {day} is {minutes} minutes late or more"
        yield from signal(look, "time_disorder", handoff, found)


def _events(
    look: Look, entity: type[Record], happened: str, received: str | None
) -> Iterator[tuple[str, datetime, datetime | None, datetime]]:
    table = CANONICAL_TABLES[entity]
    names = (table.c.source_id, table.c[happened], table.c.known_from)
    query = select(*names, *([table.c[received]] if received else [])).where(
        known(table, None), table.c.market == look.market.id, table.c.known_from >= look.now - _DAYS
    )
    lines = [each.facts.line for each in look.acted.services().values()][:_MOST_LINES]
    if entity is NetworkObservation:
        query = query.where(table.c.serial.in_([line.serial for line in lines if line.serial is not None]))
    elif entity is AaaSession:
        query = query.where(table.c.username.in_([line.username for line in lines]))
    for row in look.connection.execute(query.where(table.c[happened].is_not(None))):
        if row[1] >= look.now - _DAYS:
            yield row[0], row[1], row[3] if received else None, row[2]


def _shift(lags: dict[date, list[timedelta]]) -> tuple[date, timedelta] | None:
    """The last day with enough events, where its best is late and that of the days before was not."""
    best = {day: min(each) for day, each in lags.items() if len(each) >= _LEAST}
    if len(best) < 3:
        return None
    *before, last = sorted(best)
    prompt = sorted(best[day] for day in before)[len(before) // 2]
    return (last, best[last]) if best[last] >= _SHIFT and prompt <= _PROMPT else None
