"""Take events in: what lies in the inbox becomes canonical records, as a page of a pull does.

A page of events is one transaction: raw records, canonical records with their history, quarantine, and the events
marked as taken. A record that is landed with a later cursor stays as it is, whatever order events come in; one that a
pull has seen deleted is brought back by a pull alone, or by reading it again.
"""

import logging
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from canonical_model.errors import RetryableError, SpliceError, UnsafeToContinue, defect_of
from connectors.mapping import MappedRaw, PageMapper
from connectors.ports import RawRecord
from hub.inbox_records import EventReading, NoRecord, State, event_reading
from hub.mapped_records import stored_form
from hub.reference_gate import passed_references, prepare_references
from hub.stream_pull import CLOCK_SKEW
from hub.workplace import Hub
from rules.judgements import Judgement
from storage.inbox import InboxEvent, forget_taken, leave_waiting, next_events, settle, waiting
from storage.pages import MappedPage, MappedRecord, PageCounts, store_page
from storage.quality_results import add_judgements, day_of_results
from storage.visits import deleted_ids, visited

log = logging.getLogger(__name__)

PURPOSE = "inbox"
LARGEST_PAGE = 1_000
"""Events in one transaction, so that what comes in meanwhile does not wait long."""
DELETED = "the source has deleted this record; a pull brings it back if it is there again"


class _TakenByOthersError(Exception):
    """Another process has taken in events of a page meanwhile."""


@dataclass(slots=True)
class StreamTaken:
    """What taking in the events of one stream came to.

    Attributes:
        taken: events that were used, those included that changed nothing.
        rejected: events that cannot be used; each lies in the inbox with its reason, its record in quarantine.
        counts: what the records did.
        fault: why the rest still waits; None where nothing waits, or only what came meanwhile.
    """

    system: str
    stream: str
    taken: int = 0
    rejected: int = 0
    counts: PageCounts = field(default_factory=PageCounts)
    fault: SpliceError | None = None


def take_inbox(hub: Hub, now: datetime, most_pages: int | None = None) -> list[StreamTaken]:
    """Take in what waits, stream by stream; one that cannot be taken in does not keep the next from its turn.

    Args:
        hub: the operator's hub.
        now: when this happens; from when on what the events say is known.
        most_pages: pages of each stream, so that a long backlog comes in several calls; None for all.

    Raises:
        RetryableError: the database is out of reach.
    """
    with hub.database.reading() as connection:
        streams = list(waiting(connection))
    outcomes = []
    for system, stream in streams:
        outcome = StreamTaken(system, stream)
        outcomes.append(outcome)
        try:
            _take_stream(hub, outcome, now, most_pages)
        except SpliceError as error:
            outcome.fault = error
            log.warning("events wait", extra={"system": system, "stream": stream, "cause": str(error)})
        except Exception as error:
            outcome.fault = defect_of(error)
            log.exception("events wait", extra={"system": system, "stream": stream})
    with hub.database.writing() as connection:
        forget_taken(connection, now - timedelta(days=hub.operator.file.limits.inbox_days))
    return outcomes


def take_stream(hub: Hub, system: str, stream: str, now: datetime) -> None:
    """Take in what waits of one stream.

    Raises:
        SpliceError: it cannot be taken in, and waits.
    """
    _take_stream(hub, StreamTaken(system, stream), now, None)


def _take_stream(hub: Hub, outcome: StreamTaken, now: datetime, most_pages: int | None) -> None:
    reading = event_reading(hub, outcome.system, outcome.stream)
    prepare_references(hub.database, reading.mapping)
    mapper = PageMapper(reading.mapping, hub.operator.mapped_systems[outcome.system])
    most = min(reading.mapping.read.page_size, LARGEST_PAGE)
    with closing(mapper):
        for _ in range(most_pages) if most_pages is not None else count():
            with hub.database.reading() as connection:
                events = next_events(connection, outcome.system, outcome.stream, most)
            if not events:
                return
            try:
                page = _Page.of(hub, events, reading, mapper, now)
                _take_page(hub, outcome, page, now)
            except _TakenByOthersError:
                continue
            except SpliceError as error:
                with hub.database.writing() as connection:
                    leave_waiting(connection, [event.id for event in events], str(error))
                raise
            if page.waiting:
                raise RetryableError(next(iter(page.waiting.values())))


@dataclass(frozen=True, slots=True)
class _Page:
    """Events that are taken in together.

    Attributes:
        raws: event and what became of its record.
        rejected: reason by event, of those that cannot be used.
        taken: likewise, of those that have nothing to say.
        waiting: likewise, of those that must wait.
        newest_event: the newest cursor of the records.
        brings_back: whether what a pull has seen deleted is there again.
        judged: what the expectations of the stream found.
    """

    raws: list[tuple[InboxEvent, MappedRaw]] = field(default_factory=list)
    rejected: dict[int, str] = field(default_factory=dict)
    taken: dict[int, str] = field(default_factory=dict)
    waiting: dict[int, str] = field(default_factory=dict)
    newest_event: datetime | None = None
    brings_back: bool = False
    judged: tuple[Judgement, ...] = ()

    @classmethod
    def of(
        cls, hub: Hub, events: list[InboxEvent], reading: EventReading, mapper: PageMapper, now: datetime
    ) -> "_Page":
        without: dict[State, dict[int, str]] = {"rejected": {}, "taken": {}, "waiting": {}}
        found: list[tuple[InboxEvent, RawRecord]] = []
        for event, record in zip(events, reading.records(events), strict=True):
            if isinstance(record, NoRecord):
                without[record.state][event.id] = record.reason
            else:
                found.append((event, record))
        rejected, taken, waiting = without["rejected"], without["taken"], without["waiting"]
        if not found:
            return cls([], rejected, taken, waiting)
        records = [record for _, record in found]
        batch = mapper.map_page(records, now, now + CLOCK_SKEW, is_of_a_pull=False)
        batch = passed_references(hub.database, reading.mapping, batch, is_whole_page=False)
        if batch.unsafe is not None:
            raise UnsafeToContinue(batch.unsafe)
        raws = [(event, raw) for (event, _), raw in zip(found, batch.raws, strict=True)]
        rejected |= {event.id: raw.rejection.reason for event, raw in raws if raw.rejection is not None}
        return cls(raws, rejected, taken, waiting, batch.newest_event, reading.brings_back, batch.judged)


def _take_page(hub: Hub, outcome: StreamTaken, page: _Page, now: datetime) -> None:
    """Store a page and mark its events, in one transaction.

    Raises:
        _TakenByOthersError: some of the events wait no more; nothing was stored.
    """
    system, stream = outcome.system, outcome.stream
    with (
        hub.database.writing() as connection,
        visited(connection, system, stream, now, PURPOSE) as visit,
    ):
        ids = [raw.landed_id for _, raw in page.raws]
        deleted = set() if page.brings_back else deleted_ids(connection, system, stream, ids)
        taken = {event.id: DELETED if raw.landed_id in deleted else "" for event, raw in page.raws}
        taken = {number: reason for number, reason in taken.items() if number not in page.rejected} | page.taken
        leave_waiting(connection, page.waiting, next(iter(page.waiting.values()), ""))
        if not settle(connection, taken, page.rejected, now):
            raise _TakenByOthersError
        mapped = MappedPage(
            system=system,
            stream=stream,
            pull_id=visit,
            known_at=now,
            records=list(_records(page, deleted)),
            newest_event=page.newest_event,
        )
        counts = store_page(connection, mapped)
        if page.judged:
            kept = timedelta(days=hub.operator.file.limits.quality_days)
            add_judgements(connection, day_of_results(connection, visit, kept), page.judged)
    outcome.taken += len(taken)
    outcome.rejected += len(page.rejected)
    outcome.counts = outcome.counts.plus(counts)


def _records(page: _Page, deleted: set[str]) -> Iterator[MappedRecord]:
    return (stored_form(raw) for _, raw in page.raws if raw.landed_id not in deleted)
