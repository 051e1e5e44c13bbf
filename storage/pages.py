"""Store one page of a pull: everything it changes, and how far the stream came, in one transaction.

A page may be stored twice without changing anything. Within a page the later copy of a raw record wins, a
deletion wins over every copy, and a copy with a smaller change order than the landed one is late and ignored.
A raw record that is rejected is landed and quarantined; what it said before stays. Raw records are kept in
every version that differs from the one before.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, delete

from canonical_model.field_work import FieldCompletion
from canonical_model.record import Record
from storage import history
from storage.history import DIFFERS, LATE, NEW, SAME, Turn
from storage.page_content import MappedPage, MappedRecord, PageContent, content_of
from storage.pulls import add_counts
from storage.quarantine import Rejection, set_aside
from storage.rows import EncodedRow, hash_of, to_json
from storage.saga_wakes import wake_for_work_orders
from storage.staging import LANDING_STAGE, RECORD_STAGE, fill
from storage.streams import advance, take_turn
from storage.waiting_keys import keys_to_text

__all__ = ["MappedPage", "MappedRecord", "PageCounts", "Rejection", "store_again", "store_page", "store_rejected"]


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


def _jobs_told_of(page: MappedPage) -> set[str]:
    """Work orders of which a completion has come."""
    told = (each for raw in page.records for each in raw.records)
    return {each.work_order_id for each in told if isinstance(each, FieldCompletion)}


def _write(connection: Connection, page: MappedPage) -> PageCounts:
    turn, entities = take_turn(connection, page.system, page.stream, page.pull_id, page.known_at)
    content = content_of(page)
    landing = _landing_rows(page, content)
    fill(connection, LANDING_STAGE, [(key, order, digest, fate) for key, _, order, digest, fate in landing])
    standings = history.landing_standings(connection, turn)
    late = {landed_id for landed_id, standing in standings.items() if standing == LATE}
    if late:
        _leave_out(connection, content, late)
    landed = _write_landing(connection, landing, standings, turn)
    entities |= content.rows.keys()
    written = [
        _write_entity(connection, entity, content.rows.get(entity, {}), turn)
        for entity in sorted(entities, key=lambda entity: entity.__name__)
    ]
    set_aside(connection, turn, _quarantine_rows(content))
    if FieldCompletion in content.rows:
        wake_for_work_orders(connection, _jobs_told_of(page), page.known_at)
    advance(connection, turn, entities, page.resume, page.source_total, page.newest_event)
    opened = sum(opened for opened, _ in written)
    return PageCounts(
        read=len(page.records),
        landed=landed,
        changed=opened,
        unchanged=sum(len(rows) for rows in content.rows.values()) - opened,
        closed=sum(ended for _, ended in written),
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
    content = content_of(page)
    staged = [_landing_row(landed_id, raw, "rejected") for landed_id, (raw, _) in content.rejected.items()]
    fill(connection, LANDING_STAGE, ((key, order, digest, fate) for key, _, order, digest, fate in staged))
    for landed_id, standing in history.landing_standings(connection, turn).items():
        if standing == LATE:
            del content.rejected[landed_id]
    set_aside(connection, turn, _quarantine_rows(content))
    add_counts(connection, page.pull_id, {"read": len(page.records), "rejected": len(content.rejected)})
    return len(content.rejected)


_LandingRow = tuple[str, str, int | None, str, str]
"""Landed id, payload, change order, hash and fate."""


def _landing_rows(page: MappedPage, content: PageContent) -> list[_LandingRow]:
    return [
        *(_landing_row(landed_id, raw, "accepted") for landed_id, raw in content.accepted.items()),
        *(_landing_row(landed_id, raw, "rejected") for landed_id, (raw, _) in content.rejected.items()),
        # no payload has an empty hash: whatever is landed differs and is closed
        *((landed_id, "", None, "", "deleted") for landed_id in dict.fromkeys(page.deleted)),
    ]


def _landing_row(landed_id: str, raw: MappedRecord, fate: str) -> _LandingRow:
    payload = to_json(raw.payload)
    return landed_id, payload, raw.change_order, hash_of(payload), fate


def _leave_out(connection: Connection, content: PageContent, late: set[str]) -> None:
    one = delete(LANDING_STAGE).where(LANDING_STAGE.c.landed_id == bindparam("late_id"))
    connection.execute(one, [{"late_id": landed_id} for landed_id in late])
    for landed_id in late:
        content.accepted.pop(landed_id, None)
        content.rejected.pop(landed_id, None)
    content.drop_rows(late)


def _write_landing(
    connection: Connection, landing: Sequence[_LandingRow], standings: Mapping[str, int], turn: Turn
) -> int:
    """Bring the raw records of a stream to those of a page; returns how many were new or differed."""
    if DIFFERS in standings.values():
        history.close_landed(connection, turn)
    fresh = [
        (landed_id, payload, change_order, digest)
        for landed_id, payload, change_order, digest, fate in landing
        if fate != "deleted" and standings[landed_id] in (NEW, DIFFERS)
    ]
    if fresh:
        history.open_landed(connection, turn, fresh)
    return len(fresh)


def _write_entity(
    connection: Connection,
    entity: type[Record],
    rows: Mapping[tuple[str, str, str], tuple[str, EncodedRow]],
    turn: Turn,
) -> tuple[int, int]:
    """Versions of an entity that were opened, and versions that ended without a successor."""
    staged = ((*key[:2], row.content_hash) for key, (_, row) in rows.items())
    fill(connection, RECORD_STAGE, staged)
    ended = history.close_vanished(connection, entity, turn)
    standings = history.record_standings(connection, entity, turn) if rows else {}
    if DIFFERS in standings.values():
        history.close_changed(connection, entity, turn)
    native = connection.dialect.name == "postgresql"
    fresh = [
        (row.native if native else row.plain, landed_id, row.content_hash)
        for key, (landed_id, row) in rows.items()
        if standings[key[:2]] != SAME
    ]
    if fresh:
        history.open_records(connection, entity, turn, fresh)
    return len(fresh), ended


def _quarantine_rows(content: PageContent) -> list[dict[str, Any]]:
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
