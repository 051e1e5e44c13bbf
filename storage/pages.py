"""Store one page of a pull: everything it changes, and how far the stream came, in one transaction.

A page may be stored twice without changing anything. Within a page the later copy of a raw record wins, a
deletion wins over every copy, and a copy with a smaller change order than the landed one is late and ignored.
A raw record that is rejected is landed and quarantined; what it said before stays. Raw records are kept in
every version that differs from the one before.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete

from canonical_model.errors import RejectedRecord
from canonical_model.record import Record
from storage.history import Turn, Written, late_copies, write_landing, write_records
from storage.pulls import add_counts
from storage.quarantine import Rejection, set_aside
from storage.rows import EncodedRow, hash_of, shape_of, to_json
from storage.staging import LANDING_STAGE, fill, stage_of
from storage.streams import advance, take_turn
from storage.waiting_keys import keys_to_text


@dataclass(frozen=True, slots=True)
class MappedRecord:
    """A raw record and what became of it: canonical records, or a rejection.

    Attributes:
        landed_id: the key of the raw record within its stream, as text.
        payload: the raw record as the source spelled it, JSON values only.
        records: what it says in canonical words; empty for a raw record that means nothing to us.
        rejection: set where it is unusable; ``records`` are ignored then.
        change_order: grows with each change of this record at the source (microseconds of its time stamp, a
            sequence number); None where the source gives none.
    """

    landed_id: str
    payload: Mapping[str, Any]
    records: Sequence[Record] = ()
    rejection: Rejection | None = None
    change_order: int | None = None


@dataclass(frozen=True, slots=True)
class MappedPage:
    """A page of a pull, mapped and checked, ready to be stored.

    Attributes:
        system: system name; every record of the page carries it as ``source_system``.
        stream: name of the mapping.
        pull_id: the running pull (``start_pull``).
        known_at: from when on this is known, normally now. Raised by microseconds where pages of the system
            already reach it, so that versions never share a moment.
        records: raw records in the order of the source.
        deleted: landed ids that the source marks as deleted; their records are closed.
        resume: where a later pull goes on; None leaves the stream where it is (a page mapped anew).
        source_total: records the source holds, None where it does not tell.
        newest_event: the newest event time in the page, for the stream's watermark.
    """

    system: str
    stream: str
    pull_id: int
    known_at: datetime
    records: Sequence[MappedRecord]
    deleted: Sequence[str] = ()
    resume: Mapping[str, Any] | None = None
    source_total: int | None = None
    newest_event: datetime | None = None


@dataclass(frozen=True, slots=True)
class PageCounts:
    """What a page did.

    Attributes:
        read: raw records in the page.
        landed: raw records written because they are new or differ.
        changed: canonical versions written because they are new or differ.
        unchanged: canonical records that said what was known already.
        closed: canonical versions that ended without a successor: vanished or deleted.
        rejected: raw records set aside.
        deleted: deletions in the page.
        late: raw records ignored because a newer copy is landed.
    """

    read: int = 0
    landed: int = 0
    changed: int = 0
    unchanged: int = 0
    closed: int = 0
    rejected: int = 0
    deleted: int = 0
    late: int = 0

    def plus(self, other: "PageCounts") -> "PageCounts":
        """The counts of two pages together."""
        return PageCounts(**{name: number + getattr(other, name) for name, number in asdict(self).items()})


@dataclass(slots=True)
class _Content:
    """A page by what is to be done with it.

    ``rows`` holds, by entity and record key, the raw record it comes from and the row to store.
    """

    accepted: dict[str, MappedRecord] = field(default_factory=dict)
    rejected: dict[str, tuple[MappedRecord, Rejection]] = field(default_factory=dict)
    rows: dict[type[Record], dict[tuple[str, str, str], tuple[str, EncodedRow]]] = field(default_factory=dict)


def store_page(connection: Connection, page: MappedPage) -> PageCounts:
    """Write a page inside the given transaction: raw records, records with history, quarantine, cursor, counts.

    Nothing of it lasts unless the transaction is committed; commit each page by itself.

    Raises:
        UnsafeToContinue: another pull of the stream has started since; this one must stop.
        ValueError: a record names another system than the page's.
    """
    counts = _write(connection, page)
    add_counts(connection, page.pull_id, asdict(counts))
    return counts


def store_again(connection: Connection, page: MappedPage) -> PageCounts:
    """Write raw records that were pulled once and are mapped anew; they count for no pull.

    Give the pull that owns the stream (``owner``), read in the same transaction, and no resume point.

    Raises:
        UnsafeToContinue: the stream has another owner.
        ValueError: a record names another system than the page's.
    """
    return _write(connection, page)


def _write(connection: Connection, page: MappedPage) -> PageCounts:
    turn, entities = take_turn(connection, page.system, page.stream, page.pull_id, page.known_at)
    content = _content_of(page)
    fill(connection, LANDING_STAGE, _landing_rows(page, content))
    late = late_copies(connection, turn)
    if late:
        _leave_out(connection, content, late)
    landed = write_landing(connection, turn)
    entities |= content.rows.keys()
    written = [
        _write_entity(connection, entity, content.rows.get(entity, {}), turn)
        for entity in sorted(entities, key=lambda entity: entity.__name__)
    ]
    set_aside(connection, turn, _quarantine_rows(content))
    advance(connection, turn, entities, page.resume, page.source_total, page.newest_event)
    opened = sum(each.opened for each in written)
    return PageCounts(
        read=len(page.records),
        landed=landed,
        changed=opened,
        unchanged=sum(len(rows) for rows in content.rows.values()) - opened,
        closed=sum(each.ended for each in written),
        rejected=len(content.rejected),
        deleted=len(page.deleted),
        late=len(late),
    )


def store_rejected(connection: Connection, page: MappedPage) -> int:
    """Put the unusable raw records of a page that must not be stored into quarantine; returns how many.

    Nothing else of the page is written: it is counted as read, and the stream stays where it is, so that the next
    pull reads the page again.

    Raises:
        UnsafeToContinue: another pull of the stream has started since.
    """
    turn, _ = take_turn(connection, page.system, page.stream, page.pull_id, page.known_at)
    content = _content_of(page)
    staged = (_landing_row(landed_id, raw, "rejected") for landed_id, (raw, _) in content.rejected.items())
    fill(connection, LANDING_STAGE, staged)
    for landed_id in late_copies(connection, turn):
        del content.rejected[landed_id]
    set_aside(connection, turn, _quarantine_rows(content))
    add_counts(connection, page.pull_id, {"read": len(page.records), "rejected": len(content.rejected)})
    return len(content.rejected)


def _content_of(page: MappedPage) -> _Content:
    content = _Content()
    for landed_id, raw in _latest_copies(page).items():
        try:
            rejection = raw.rejection
            rows = [] if rejection else _encoded(page, raw)
        except RejectedRecord as error:
            rejection = Rejection(str(error))
        if rejection is not None:
            content.rejected[landed_id] = (raw, rejection)
            continue
        content.accepted[landed_id] = raw
        for entity, row in rows:
            content.rows.setdefault(entity, {})[row.key] = (landed_id, row)
    return content


def _latest_copies(page: MappedPage) -> dict[str, MappedRecord]:
    latest: dict[str, MappedRecord] = {}
    for raw in page.records:
        before = latest.pop(raw.landed_id, None)
        latest[raw.landed_id] = raw if before is None or not _is_older(raw, before) else before
    for landed_id in page.deleted:
        latest.pop(landed_id, None)
    return latest


def _is_older(raw: MappedRecord, other: MappedRecord) -> bool:
    if raw.change_order is None or other.change_order is None:
        return False
    return raw.change_order < other.change_order


def _encoded(page: MappedPage, raw: MappedRecord) -> list[tuple[type[Record], EncodedRow]]:
    provenance = f"{page.stream}\n{raw.landed_id}"
    rows = []
    for record in raw.records:
        if record.source_system != page.system:
            raise ValueError(f"a record of {record.source_system} came in a page of {page.system}.{page.stream}")
        entity = type(record)
        rows.append((entity, shape_of(entity).encode(record, provenance)))
    return rows


def _landing_rows(page: MappedPage, content: _Content) -> Iterator[tuple[Any, ...]]:
    for landed_id, raw in content.accepted.items():
        yield _landing_row(landed_id, raw, "accepted")
    for landed_id, (raw, _) in content.rejected.items():
        yield _landing_row(landed_id, raw, "rejected")
    for landed_id in dict.fromkeys(page.deleted):
        # no payload has an empty hash: whatever is landed differs and is closed
        yield landed_id, "", None, "", "deleted"


def _landing_row(landed_id: str, raw: MappedRecord, fate: str) -> tuple[Any, ...]:
    payload = to_json(raw.payload)
    return landed_id, payload, raw.change_order, hash_of(payload), fate


def _leave_out(connection: Connection, content: _Content, late: set[str]) -> None:
    one = delete(LANDING_STAGE).where(LANDING_STAGE.c.landed_id == bindparam("late_id"))
    connection.execute(one, [{"late_id": landed_id} for landed_id in late])
    for landed_id in late:
        content.accepted.pop(landed_id, None)
        content.rejected.pop(landed_id, None)
    for entity, rows in content.rows.items():
        content.rows[entity] = {key: row for key, row in rows.items() if row[0] not in late}


def _write_entity(
    connection: Connection,
    entity: type[Record],
    rows: Mapping[tuple[str, str, str], tuple[str, EncodedRow]],
    turn: Turn,
) -> Written:
    native = connection.dialect.name == "postgresql"
    staged = (
        (*(row.native if native else row.plain), landed_id, row.content_hash) for landed_id, row in rows.values()
    )
    fill(connection, stage_of(entity), staged)
    return write_records(connection, entity, turn)


def _quarantine_rows(content: _Content) -> list[dict[str, Any]]:
    return [
        {
            "landed_id": landed_id,
            "reason": rejection.reason,
            "expectation": rejection.expectation,
            "waits_for": keys_to_text(rejection.waits_for),
            "payload": to_json(raw.payload),
        }
        for landed_id, (raw, rejection) in content.rejected.items()
    ]
