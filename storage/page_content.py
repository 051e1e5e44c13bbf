"""A mapped page, and its content by what is to be done with it."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from canonical_model.record import Record
from storage.quarantine import Rejection
from storage.rows import EncodedRow, shape_of


class MappedRecord(NamedTuple):
    """A raw record and what became of it: canonical records, or a rejection; a tuple, as a page has thousands.

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


@dataclass(slots=True)
class PageContent:
    """A page by what is to be done with it.

    ``rows`` holds, by entity and record key, the raw record it comes from and the row to store.
    """

    accepted: dict[str, MappedRecord] = field(default_factory=dict)
    rejected: dict[str, tuple[MappedRecord, Rejection]] = field(default_factory=dict)
    rows: dict[type[Record], dict[tuple[str, str, str], tuple[str, EncodedRow]]] = field(default_factory=dict)

    def drop_rows(self, landed_ids: Collection[str]) -> None:
        """Store nothing of what some raw records yield."""
        for entity, rows in self.rows.items():
            self.rows[entity] = {key: row for key, row in rows.items() if row[0] not in landed_ids}


def content_of(page: MappedPage) -> PageContent:
    """Sort a page by what is to be done with it, each raw record in its latest copy.

    Raises:
        ValueError: a record names another system than the page's.
    """
    content = PageContent()
    by_entity: defaultdict[type[Record], tuple[list[str], list[Record]]] = defaultdict(lambda: ([], []))
    for landed_id, raw in _latest_copies(page).items():
        if raw.rejection is not None:
            content.rejected[landed_id] = (raw, raw.rejection)
            continue
        content.accepted[landed_id] = raw
        for record in raw.records:
            if record.source_system != page.system:
                raise ValueError(f"a record of {record.source_system} came in a page of {page.system}.{page.stream}")
            landed_ids, records = by_entity[type(record)]
            landed_ids.append(landed_id)
            records.append(record)
    unfit: dict[str, str] = {}
    for entity, (landed_ids, records) in by_entity.items():
        provenances = [f"{page.stream}\n{landed_id}" for landed_id in landed_ids]
        rows, problems = shape_of(entity).encode(records, provenances)
        content.rows[entity] = {row.key: (landed_id, row) for landed_id, row in zip(landed_ids, rows, strict=True)}
        unfit |= {landed_ids[place]: problem for place, problem in problems.items()}
    for landed_id, problem in unfit.items():
        content.rejected[landed_id] = content.accepted.pop(landed_id), Rejection(problem)
    if unfit:
        content.drop_rows(unfit)
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
