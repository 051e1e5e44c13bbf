"""How fresh and how whole each stream was at a moment, and what was known then: what a snapshot is taken by.

A pull makes known what it brings as of its start, page by page a microsecond later. So what was known at a moment is
all that the pulls brought which had begun by then, and a pull is either in a snapshot or it is not.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Row, and_, func, or_, select

from storage.history import known
from storage.pulls import AS_OF
from storage.schema.columns import STILL_KNOWN
from storage.schema.synchronisation import LANDING, PULL, STREAM_STATE

_MICROSECOND = timedelta(microseconds=1)

StreamName = tuple[str, str]
"""System and stream."""


@dataclass(frozen=True, slots=True)
class FeedState:
    """One stream as it was at a moment.

    Attributes:
        last_success_at: of when the source's last word is: start of the last pull that came to its end, or the moment
            of which that pull told what was; None if none had.
        last_pull_at: start of the last pull, however it ended.
        last_pull_outcome: how it ended, as is known now; ``running`` where it was killed, or goes on.
        source_total: records the source said it held, at the last pull that came to its end.
        records: raw records that the hub held.
        records_before: those it held when the complete pull before the last complete one had ended; None if there
            was none.
    """

    last_success_at: datetime | None
    last_pull_at: datetime
    last_pull_outcome: str
    source_total: int | None
    records: int
    records_before: int | None


def first_pull_at(connection: Connection, systems: Collection[str]) -> datetime | None:
    """When the first pull of any of these systems began; None where there was none."""
    query = select(func.min(PULL.c.started_at)).where(PULL.c.system.in_(systems))
    first: datetime | None = connection.execute(query).scalar_one()
    return first


def known_until(connection: Connection, moment: datetime) -> datetime | None:
    """The moment up to which history has to be read for what was known; None where everything known now was."""
    query = select(func.min(PULL.c.started_at)).where(PULL.c.started_at > moment)
    later: datetime | None = connection.execute(query).scalar_one()
    return None if later is None else later - _MICROSECOND


def feed_states(connection: Connection, moment: datetime) -> dict[StreamName, FeedState]:
    """Every stream that had been pulled at a moment."""
    until = known_until(connection, moment)
    last = {name: pull for name in _streams(connection) if (pull := _last_pull(connection, name, moment)) is not None}
    complete = {name: _last_pull(connection, name, moment, _SUCCEEDED) for name in last}
    before = {
        name: _last_pull(connection, name, moment, _SUCCEEDED, PULL.c.id < pull.id)
        for name, pull in complete.items()
        if pull is not None
    }
    held = _held(connection, until)
    held_before = _held_before(connection, moment, until, held, {name: pull for name, pull in before.items() if pull})
    return {
        name: FeedState(
            last_success_at=None if (done := complete[name]) is None else _told_of(done),
            last_pull_at=pull.started_at,
            last_pull_outcome=pull.outcome,
            source_total=None if done is None else json.loads(done.control_totals).get("source_total"),
            records=held.get(name, 0),
            records_before=held_before.get(name),
        )
        for name, pull in last.items()
    }


def last_words(connection: Connection, moment: datetime) -> dict[StreamName, datetime]:
    """Of when the last word of each source was at a moment; nothing is counted, however much the hub holds.

    Streams of which no pull had come to its end are left out.
    """
    done = {name: _last_pull(connection, name, moment, _SUCCEEDED) for name in _streams(connection)}
    return {name: _told_of(pull) for name, pull in done.items() if pull is not None}


def first_asked(connection: Connection, system: str, stream: str, moment: datetime) -> datetime | None:
    """When the first pull of a stream began, however it ended; None where none had by a moment."""
    query = select(func.min(PULL.c.started_at)).where(*_of_stream((system, stream)), PULL.c.started_at <= moment)
    first: datetime | None = connection.execute(query).scalar_one()
    return first


_SUCCEEDED = PULL.c.outcome == "succeeded"
_Pull = Row[tuple[int, datetime, str, str]]


def _told_of(pull: _Pull) -> datetime:
    told = json.loads(pull.control_totals).get(AS_OF)
    return pull.started_at if told is None else datetime.fromisoformat(told)


def _streams(connection: Connection) -> list[StreamName]:
    query = select(STREAM_STATE.c.system, STREAM_STATE.c.stream).order_by(
        STREAM_STATE.c.system, STREAM_STATE.c.stream
    )
    return [(row.system, row.stream) for row in connection.execute(query)]


def _last_pull(
    connection: Connection, name: StreamName, moment: datetime, *those: ColumnElement[bool]
) -> _Pull | None:
    query = (
        select(PULL.c.id, PULL.c.started_at, PULL.c.outcome, PULL.c.control_totals)
        .where(*_of_stream(name), PULL.c.started_at <= moment, *those)
        .order_by(PULL.c.id.desc())
        .limit(1)
    )
    return connection.execute(query).one_or_none()


def _of_stream(name: StreamName) -> tuple[ColumnElement[bool], ...]:
    return PULL.c.system == name[0], PULL.c.stream == name[1]


def _held(connection: Connection, until: datetime | None) -> dict[StreamName, int]:
    return _counted(connection, known(LANDING, until))


def _held_before(
    connection: Connection,
    moment: datetime,
    until: datetime | None,
    held: Mapping[StreamName, int],
    before: Mapping[StreamName, _Pull],
) -> dict[StreamName, int]:
    """What was held before some pulls: what is held, less what came since, and what went since."""
    since = {name: _done_since(connection, name, moment, pull.id) for name, pull in before.items()}
    windows = [
        and_(LANDING.c.system == system, LANDING.c.stream == stream, LANDING.c.known_to >= began)
        for (system, stream), (_, _, began) in since.items()
        if began is not None
    ]
    ended = LANDING.c.known_to <= until if until is not None else LANDING.c.known_to != STILL_KNOWN
    went = _counted(connection, ended, or_(*windows)) if windows else {}
    counts = {}
    for name, (came, deleted, _) in since.items():
        now = held.get(name, 0)
        # pulls of one and the same moment cannot be told apart by it, but no more went than the source deleted
        counts[name] = min(now - came + went.get(name, 0), now + deleted)
    return counts


def _done_since(
    connection: Connection, name: StreamName, moment: datetime, pull_id: int
) -> tuple[int, int, datetime | None]:
    """What pulls after one landed and deleted, and when the first of them began."""
    query = select(
        func.coalesce(func.sum(PULL.c.landed), 0),
        func.coalesce(func.sum(PULL.c.deleted), 0),
        func.min(PULL.c.started_at),
    ).where(*_of_stream(name), PULL.c.id > pull_id, PULL.c.started_at <= moment)
    landed, deleted, began = connection.execute(query).one()
    return int(landed), int(deleted), began


def _counted(connection: Connection, *those: ColumnElement[bool]) -> dict[StreamName, int]:
    query = (
        select(LANDING.c.system, LANDING.c.stream, func.count())
        .where(*those)
        .group_by(LANDING.c.system, LANDING.c.stream)
    )
    return {(system, stream): number for system, stream, number in connection.execute(query)}
