"""Records in quarantine: look at them, let them out by a person's decision, or give them another chance."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from canonical_model.errors import ConfigurationError
from canonical_model.yaml_source import nearest
from connectors.mapping import MappedRaw, PageMapper
from hub.stream_pull import CLOCK_SKEW
from hub.sync import mapping_of
from hub.workplace import Hub
from storage.audit import note
from storage.pages import MappedPage, MappedRecord, store_again
from storage.pulls import owner
from storage.quarantine import Quarantined, let_out, quarantined, quarantined_ids, release, reword


@dataclass(frozen=True, slots=True)
class Decision:
    """Who decided something about records in quarantine, when and why."""

    actor: str
    at: datetime
    why: str = ""


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


def in_quarantine(hub: Hub, system: str | None = None, stream: str | None = None) -> list[Quarantined]:
    """What is in quarantine now, the longest first.

    Raises:
        ConfigurationError: nothing is known of that system or stream.
    """
    with hub.database.reading() as connection:
        found = quarantined(connection, system, stream)
    if not found and system is not None:
        systems = hub.operator.file.systems
        if system not in systems:
            raise ConfigurationError(f"there is no system {system!r}{nearest(system, systems)}")
        if stream is not None:
            mapping_of(hub, system, stream)
    return found


def one_in_quarantine(hub: Hub, system: str, stream: str, landed_id: str) -> Quarantined:
    """One record in quarantine.

    Raises:
        ConfigurationError: it is not in; names the nearest.
    """
    found = {record.landed_id: record for record in in_quarantine(hub, system, stream)}
    _must_be_in([landed_id], found, system, stream)
    return found[landed_id]


def release_records(hub: Hub, system: str, stream: str, landed_ids: Collection[str], decision: Decision) -> None:
    """Let records out without having been accepted: all of them or, where one is not in, none; noted in the audit.

    Raises:
        ConfigurationError: one of them is not in, or no reason is given.
    """
    if not decision.why.strip():
        raise ConfigurationError("a release needs a reason, for whoever asks later")
    in_quarantine(hub, system, stream)
    with hub.database.writing() as connection:
        _must_be_in(landed_ids, quarantined_ids(connection, system, stream), system, stream)
        release(connection, system, stream, landed_ids, decision.actor, decision.at, decision.why)


def retry_records(hub: Hub, system: str, stream: str, landed_ids: Collection[str], decision: Decision) -> Retried:
    """Map what the source said once by the mapping as it is now, and store what is accepted in one transaction.

    Each record is judged for itself. Those that stay are given the reason for which they are refused now. A pull of
    the stream may run meanwhile; the stream's cursor and freshness are left alone.

    Args:
        hub: the operator's hub.
        system: name in operator.yaml.
        stream: name of the mapping.
        landed_ids: which records; none of them stands for all that are in.
        decision: who wants it, and when.

    Raises:
        ConfigurationError: there is no such stream, or one of the records is not in.
    """
    mapping = mapping_of(hub, system, stream)
    held = {record.landed_id: record for record in in_quarantine(hub, system, stream)}
    _must_be_in(landed_ids, held, system, stream)
    wanted = [held[landed_id] for landed_id in landed_ids or held]
    with closing(PageMapper(mapping, hub.operator.mapped_systems[system])) as mapper:
        mapped = list(_mapped(mapper, wanted, decision.at))
    with hub.database.writing() as connection:
        return _stored(connection, system, stream, mapped, decision)


def _mapped(
    mapper: PageMapper, records: Collection[Quarantined], now: datetime
) -> Iterator[tuple[Quarantined, MappedRaw]]:
    """Each record as it is mapped now; what was observed by pulling it was observed when it was pulled."""
    by_pull: defaultdict[datetime, list[Quarantined]] = defaultdict(list)
    for record in records:
        by_pull[record.last_seen_at].append(record)
    for pulled_at, alike in by_pull.items():
        batch = mapper.map_picked([record.payload for record in alike], pulled_at, now + CLOCK_SKEW)
        yield from zip(alike, batch.raws, strict=True)


def _stored(
    connection: Connection, system: str, stream: str, mapped: list[tuple[Quarantined, MappedRaw]], decision: Decision
) -> Retried:
    untouched = {(record.landed_id, record.last_seen_at) for record in quarantined(connection, system, stream)}
    retried = Retried()
    sound: list[tuple[str, MappedRaw]] = []
    reasons: dict[str, tuple[str, str | None]] = {}
    for record, raw in mapped:
        if (record.landed_id, record.last_seen_at) not in untouched:
            retried.passed_over.append(record.landed_id)
        elif raw.rejection is not None:
            reasons[record.landed_id] = (raw.rejection.reason, raw.rejection.expectation)
        else:
            sound.append((record.landed_id, raw))
    still_in = _store(connection, system, stream, [raw for _, raw in sound], decision.at)
    for landed_id, raw in sound:
        # a mapping with another key gives the record another id
        if raw.landed_id in still_in:
            reasons[landed_id] = still_in[raw.landed_id]
        else:
            retried.accepted.append(landed_id)
    retried.refused = [(landed_id, reason) for landed_id, (reason, _) in reasons.items()]
    let_out(connection, system, stream, retried.accepted, decision.at)
    reword(connection, system, stream, reasons)
    detail = {"accepted": retried.accepted, "refused": list(reasons), "why": decision.why}
    note(connection, decision.at, decision.actor, "quarantine.retry", f"{system}.{stream}", detail)
    return retried


def _store(
    connection: Connection, system: str, stream: str, sound: list[MappedRaw], at: datetime
) -> dict[str, tuple[str, str | None]]:
    """Store what was mapped; gives what is in quarantine afterwards, with reason and check, by landed id."""
    pull_id = owner(connection, system, stream)
    if sound and pull_id is not None:
        records = [
            MappedRecord(raw.landed_id, raw.payload, raw.records, change_order=raw.change_order) for raw in sound
        ]
        store_again(connection, MappedPage(system, stream, pull_id, at, records))
    return {one.landed_id: (one.reason, one.expectation) for one in quarantined(connection, system, stream)}


def _must_be_in(landed_ids: Collection[str], held: Collection[str], system: str, stream: str) -> None:
    """Refuse ids that are not in quarantine, all of them at once."""
    missing = [f"{landed_id!r}{nearest(landed_id, list(held))}" for landed_id in landed_ids if landed_id not in held]
    if missing:
        raise ConfigurationError(f"not in quarantine of {system}.{stream}: {', '.join(missing)}")
