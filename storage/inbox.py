"""The inbox: events that other systems sent, each kept once under its sender's id, until they are taken in.

An event that comes again with the same content changes nothing. One that comes again with another content is kept
beside the first, as a conflict, and never taken in.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeVar

from sqlalchemy import Connection, Row, delete, func, select, tuple_, update

from storage.schema.inbox import INBOX, INBOX_CONFLICT
from storage.upsert import conflict_insert

One = TypeVar("One")
State = Literal["received", "taken", "rejected"]

_EVENT_KEY = ("system", "stream", "event_id")
_MOST_IDS = 500
"""Ids in one statement; SQLite takes 32,766 values."""


@dataclass(frozen=True, slots=True)
class IncomingEvent:
    """An event as it came in.

    Attributes:
        event_id: the sender's name of it, unique within the stream.
        received_at: when it came.
        signed_at: the moment the sender signed with; None where it signs none.
        payload: the event as JSON text.
        digest: equal for equal content.
    """

    system: str
    stream: str
    event_id: str
    received_at: datetime
    signed_at: datetime | None
    payload: str
    digest: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What no two events share."""
        return self.system, self.stream, self.event_id


@dataclass(frozen=True, slots=True)
class InboxEvent:
    """An event in the inbox.

    Attributes:
        id: counts up in the order of arrival.
        attempts: how often it was tried to take it in.
        reason: why it was rejected, why it still waits, or why it changed nothing.
        settled_at: when it was taken or rejected.
    """

    id: int
    system: str
    stream: str
    event_id: str
    received_at: datetime
    signed_at: datetime | None
    payload: dict[str, Any]
    state: State
    attempts: int
    reason: str
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Conflict:
    """An event that came under an id that another content had taken."""

    system: str
    stream: str
    event_id: str
    received_at: datetime
    payload: dict[str, Any]


def keep_events(connection: Connection, events: Sequence[IncomingEvent]) -> set[int]:
    """Keep each event that is new; returns the places of those that contradict one that came before.

    All of it lasts with the transaction, or nothing does. Conflicts are kept too, each content once.
    """
    if not events:
        return set()
    # in the order of the key, so that two writers never wait for each other crosswise
    ordered = sorted(events, key=lambda event: event.key)
    statement = conflict_insert(connection, INBOX).on_conflict_do_nothing(index_elements=list(_EVENT_KEY))
    started = {"state": "received", "attempts": 0, "reason": ""}
    connection.execute(statement, [_values(event) | started for event in ordered])
    held = _digests(connection, {event.key for event in events})
    against = {place for place, event in enumerate(events) if held[event.key] != event.digest}
    if against:
        beside = conflict_insert(connection, INBOX_CONFLICT)
        beside = beside.on_conflict_do_nothing(index_elements=[*reversed(_EVENT_KEY), "digest"])
        connection.execute(beside, [_values(events[place]) for place in sorted(against)])
    return against


def waiting(connection: Connection) -> dict[tuple[str, str], int]:
    """How many events wait to be taken in, by system and stream."""
    query = (
        select(INBOX.c.system, INBOX.c.stream, func.count())
        .where(INBOX.c.state == "received")
        .group_by(INBOX.c.system, INBOX.c.stream)
        .order_by(INBOX.c.system, INBOX.c.stream)
    )
    return {(system, stream): number for system, stream, number in connection.execute(query)}


def next_events(connection: Connection, system: str, stream: str, most: int) -> list[InboxEvent]:
    """The events of a stream that wait, in the order of arrival."""
    of_stream = (INBOX.c.system == system, INBOX.c.stream == stream, INBOX.c.state == "received")
    query = select(INBOX).where(*of_stream).order_by(INBOX.c.id).limit(most)
    return [_event(row) for row in connection.execute(query)]


def settle(connection: Connection, taken: Mapping[int, str], rejected: Mapping[int, str], at: datetime) -> bool:
    """Mark events as taken or rejected, each with a reason or none.

    Returns:
        Whether all of them still waited. Where one did not, another process has taken it in: undo the transaction.
    """
    settled = 0
    for state, reasons in (("taken", taken), ("rejected", rejected)):
        alike: dict[str, list[int]] = {}
        for number, reason in reasons.items():
            alike.setdefault(reason, []).append(number)
        values = {"state": state, "settled_at": at, "attempts": INBOX.c.attempts + 1}
        for reason, numbers in alike.items():
            for some in _in_parts(numbers):
                those = (INBOX.c.id.in_(some), INBOX.c.state == "received")
                settled += connection.execute(update(INBOX).where(*those).values(reason=reason, **values)).rowcount
    return settled == len(taken) + len(rejected)


def leave_waiting(connection: Connection, numbers: Collection[int], reason: str) -> None:
    """Note that events could not be taken in this time, and why."""
    for some in _in_parts(sorted(numbers)):
        connection.execute(
            update(INBOX)
            .where(INBOX.c.id.in_(some), INBOX.c.state == "received")
            .values(attempts=INBOX.c.attempts + 1, reason=reason)
        )


def put_back(
    connection: Connection, numbers: Collection[int] | None, system: str | None = None, stream: str | None = None
) -> int:
    """Let rejected events wait again; returns how many do.

    Args:
        connection: a writing transaction.
        numbers: ids of the events; None for all that are rejected.
        system: only of this system.
        stream: only of this stream.
    """
    statement = update(INBOX).where(INBOX.c.state == "rejected").values(state="received", settled_at=None)
    if system is not None:
        statement = statement.where(INBOX.c.system == system)
    if stream is not None:
        statement = statement.where(INBOX.c.stream == stream)
    if numbers is None:
        return connection.execute(statement).rowcount
    return sum(connection.execute(statement.where(INBOX.c.id.in_(some))).rowcount for some in _in_parts(numbers))


def forget_taken(connection: Connection, before: datetime) -> int:
    """Delete events that were taken in before a moment; what they said stays landed. Returns how many."""
    return connection.execute(delete(INBOX).where(INBOX.c.state == "taken", INBOX.c.settled_at < before)).rowcount


def inbox_events(
    connection: Connection,
    state: State | None = None,
    system: str | None = None,
    stream: str | None = None,
    most: int = 50,
) -> list[InboxEvent]:
    """Events of the inbox, the latest first."""
    query = select(INBOX).order_by(INBOX.c.id.desc()).limit(most)
    for column, wanted in ((INBOX.c.state, state), (INBOX.c.system, system), (INBOX.c.stream, stream)):
        if wanted is not None:
            query = query.where(column == wanted)
    return [_event(row) for row in connection.execute(query)]


def event_with(connection: Connection, number: int) -> InboxEvent | None:
    """The event of that id."""
    row = connection.execute(select(INBOX).where(INBOX.c.id == number)).one_or_none()
    return None if row is None else _event(row)


def conflicts(connection: Connection, system: str | None = None, stream: str | None = None) -> list[Conflict]:
    """What came under the id of another event, the latest first."""
    query = select(INBOX_CONFLICT).order_by(INBOX_CONFLICT.c.received_at.desc(), INBOX_CONFLICT.c.event_id)
    for column, wanted in ((INBOX_CONFLICT.c.system, system), (INBOX_CONFLICT.c.stream, stream)):
        if wanted is not None:
            query = query.where(column == wanted)
    return [
        Conflict(row.system, row.stream, row.event_id, row.received_at, json.loads(row.payload))
        for row in connection.execute(query)
    ]


def _values(event: IncomingEvent) -> dict[str, Any]:
    return {name: getattr(event, name) for name in IncomingEvent.__slots__}


def _digests(connection: Connection, keys: Collection[tuple[str, str, str]]) -> dict[tuple[str, str, str], str]:
    columns = [INBOX.c[name] for name in _EVENT_KEY]
    found = {}
    for some in _in_parts(sorted(keys)):
        query = select(*columns, INBOX.c.digest).where(tuple_(*columns).in_(some))
        found.update({(row[0], row[1], row[2]): row[3] for row in connection.execute(query)})
    return found


def _event(row: Row[Any]) -> InboxEvent:
    values = dict(row._mapping)  # noqa: SLF001 - the public name of a row's columns
    del values["digest"]
    return InboxEvent(**values | {"payload": json.loads(row.payload)})


def _in_parts(values: Collection[One]) -> Iterator[list[One]]:
    listed = list(values)
    for start in range(0, len(listed), _MOST_IDS):
        yield listed[start : start + _MOST_IDS]
