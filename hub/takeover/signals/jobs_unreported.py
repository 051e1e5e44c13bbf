"""Jobs that were done and of which no report came: nobody is billed for them, and nothing fails.

That a job was done another witness says: field service calls it completed, or the network shows its device. How many
are usually reported later than a day afterwards is held against the weeks before.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, func, select

from canonical_model.field_work import FieldCompletion, WorkOrder
from canonical_model.network import NetworkObservation
from canonical_model.record import Record
from handoffs.rollback import Signal
from handoffs.statistics import Share, difference
from hub.takeover.signals.acted import work_of
from hub.takeover.signals.look import Look, signal
from storage.history import known
from storage.schema.canonical import CANONICAL_TABLES

_BILLED_AFTER = ("install", "change", "move")
_REPORTED_WITHIN = timedelta(hours=24)
_SPANS = tuple(timedelta(days=days) for days in (2, 4, 8, 14))
"""A source that loses nearly everything is seen within the shortest, one that loses some within the longest."""
_BEFORE = timedelta(days=56)
_DONE_EARLY = timedelta(days=30)
"""A job may be done so long before it was appointed, by who was in the street anyway."""
_LEAST_BEFORE = 20
_LEAST = 3
_CONFIDENCE = Decimal("99.9")
"""It is asked every few minutes for weeks."""


@dataclass(frozen=True, slots=True)
class _Job:
    """A job that was done.

    Attributes:
        at: when it was appointed.
        heard_at: when its report came; None where none came.
        is_told: whether field service says when it came, and not only the hub when it read of it.
    """

    name: str
    order_number: str
    at: datetime
    heard_at: datetime | None = None
    is_told: bool = False

    @property
    def is_late(self) -> bool:
        return self.heard_at is None or self.heard_at - self.at > _REPORTED_WITHIN


def find(look: Look) -> Iterator[Signal]:
    """Jobs without a report, where there are more of them than by chance."""
    missing, of = _missing(look)
    found = {
        work_of(each.order_number): f"job {each.name} of {each.at:%Y-%m-%d %H:%M} UTC was done, and no report came"
        for each in missing
    }
    yield from signal(look, "jobs_unreported", "field_to_billing", found, of=of)


def _missing(look: Look) -> tuple[Sequence[_Job], int]:
    """Jobs of which a report is missing, and of how many: of the shortest of the last days that shows it."""
    until, begin = look.now - _REPORTED_WITHIN, look.now - _REPORTED_WITHIN - _SPANS[-1]
    jobs = _done(look, begin, until)
    if sum(each.heard_at is None for each in jobs) < _LEAST:
        return (), len(jobs)  # the weeks before need not be read
    first = _first_known(look.connection, WorkOrder, look.market.id)
    before = [each for each in _done(look, begin - _BEFORE, begin) if each.is_told or each.at >= first]
    if len(before) < _LEAST_BEFORE:
        return (), len(jobs)
    usual = Share(sum(each.is_late for each in before), len(before))
    for span in _SPANS:
        lately = [each for each in jobs if each.at > until - span]
        missing = [each for each in lately if each.heard_at is None]
        if len(missing) >= _LEAST and difference(Share(len(missing), len(lately)), usual, _CONFIDENCE).low > 0:
            return missing, len(lately)
    return (), len(jobs)


def _done(look: Look, begin: datetime, end: datetime) -> list[_Job]:
    """Jobs that were appointed within a time and done, by their report or by another witness."""
    table = CANONICAL_TABLES[WorkOrder]
    names = ("work_order_id", "order_number", "scheduled_for", "state", "work_type", "expected_serial")
    query = select(*(table.c[name] for name in names)).where(
        known(table, None),
        table.c.market == look.market.id,
        table.c.scheduled_for > begin,
        table.c.scheduled_for <= end,
        table.c.work_type.in_(_BILLED_AFTER),
        table.c.state != "cancelled",
    )
    rows = look.connection.execute(query).all()
    heard = _heard(look, begin)
    silent = {row.expected_serial for row in rows if row.work_order_id not in heard and _shows_by_device(row)}
    up = {each.serial for each in look.among(NetworkObservation, "serial", silent) if each.operational_state == "up"}
    return [
        _Job(row.work_order_id, row.order_number, row.scheduled_for, *heard.get(row.work_order_id, ()))
        for row in rows
        if row.work_order_id in heard or row.state == "completed" or row.expected_serial in up
    ]


def _shows_by_device(row: Row[Any]) -> bool:
    """Whether the network would show that a job is done: a device that was there before is up all the time."""
    return row.work_type == "install" and row.expected_serial is not None


def _heard(look: Look, since: datetime) -> Mapping[str, tuple[datetime, bool]]:
    """When the report of each job came, by the job; and whether field service says so."""
    table = CANONICAL_TABLES[FieldCompletion]
    query = (
        select(table.c.work_order_id, func.min(table.c.received_at), func.min(table.c.known_from))
        .where(known(table, None), table.c.market == look.market.id, table.c.completed_at > since - _DONE_EARLY)
        .group_by(table.c.work_order_id)
    )
    return {job: (told or read, told is not None) for job, told, read in look.connection.execute(query)}


def _first_known(connection: Connection, entity: type[Record], market: str) -> datetime:
    """When the first record of an entity became known: of what happened before, reports came all at once."""
    table = CANONICAL_TABLES[entity]
    first: datetime = connection.execute(
        select(func.min(table.c.known_from)).where(table.c.market == market)
    ).scalar_one()
    return first
