"""What lies in quarantine, mapped once more by the mapping as it is now, and stored where it is accepted."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from connectors.mapping import MappedRaw, PageMapper, StreamMapping
from hub.mapped_records import stored_form
from hub.reference_gate import passed_references
from hub.stream_pull import CLOCK_SKEW
from hub.workplace import Hub
from storage.pages import MappedPage, store_again
from storage.pulls import owner
from storage.quarantine import Quarantined, Rejection, let_out, quarantined_among, reword

MappedAgain = list[tuple[Quarantined, MappedRaw]]
"""Records in quarantine with what became of each."""


@dataclass(slots=True)
class Retried:
    """What became of records that got another chance.

    Attributes:
        accepted: landed ids of those that are canonical records now.
        refused: landed id and reason, as of now, of those that stay in quarantine.
        passed_over: landed ids of those that a pull touched meanwhile.
    """

    accepted: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)


def mapped_again(
    hub: Hub, mapping: StreamMapping, mapper: PageMapper, records: Collection[Quarantined], now: datetime
) -> MappedAgain:
    """Each record as it is mapped and judged now; what was observed by pulling it was observed when it was pulled."""
    by_pull: defaultdict[datetime, list[Quarantined]] = defaultdict(list)
    for record in records:
        by_pull[record.last_seen_at].append(record)
    mapped: MappedAgain = []
    for pulled_at, alike in by_pull.items():
        batch = mapper.map_picked([record.payload for record in alike], pulled_at, now + CLOCK_SKEW)
        batch = passed_references(hub.database, mapping, batch, is_whole_page=False)
        mapped += zip(alike, batch.raws, strict=True)
    return mapped


def store_mapped_again(
    connection: Connection, of: tuple[str, str], pull_id: int | None, mapped: MappedAgain, at: datetime
) -> Retried:
    """Store what is accepted, and give what stays the reason for which it is refused now.

    Args:
        connection: of a writing transaction.
        of: system and stream.
        pull_id: the pull that must own the stream; None for whichever does.
        mapped: what to store.
        at: from when on it is known.

    Raises:
        UnsafeToContinue: the stream has another owner.
    """
    system, stream = of
    before = quarantined_among(connection, system, stream, [record.landed_id for record, _ in mapped])
    untouched = {(record.landed_id, record.last_seen_at) for record in before}
    retried = Retried()
    sound: MappedAgain = []
    reasons: dict[str, Rejection] = {}
    for record, raw in mapped:
        refused = stored_form(raw).rejection
        if (record.landed_id, record.last_seen_at) not in untouched:
            retried.passed_over.append(record.landed_id)
        elif refused is not None:
            reasons[record.landed_id] = refused
        else:
            sound.append((record, raw))
    turn = pull_id if pull_id is not None else owner(connection, system, stream)
    if sound and turn is not None:
        store_again(connection, MappedPage(system, stream, turn, at, [stored_form(raw) for _, raw in sound]))
    # storage may refuse what the mapping took, and a mapping with another key gives the record another id
    still_in = {
        one.landed_id: Rejection(one.reason, one.expectation, one.waits_for)
        for one in quarantined_among(connection, system, stream, [raw.landed_id for _, raw in sound])
    }
    for record, raw in sound:
        if raw.landed_id in still_in:
            reasons[record.landed_id] = still_in[raw.landed_id]
        else:
            retried.accepted.append(record.landed_id)
    retried.refused = [(landed_id, rejection.reason) for landed_id, rejection in reasons.items()]
    let_out(connection, system, stream, retried.accepted, at)
    reword(connection, system, stream, reasons)
    return retried
