"""How far each stream came: its resume point, totals and freshness, and whose turn it is to write."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select, update

from canonical_model.entities import ENTITIES
from canonical_model.errors import UnsafeToContinue
from canonical_model.record import Record
from storage.history import Turn
from storage.rows import to_json
from storage.schema.columns import STILL_KNOWN
from storage.schema.synchronisation import LANDING, PULL, STREAM_STATE
from storage.undecided import Undecided, undecided_in

_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class StreamState:
    """What a pull starts from, and how fresh a stream is.

    Attributes:
        resume: where to go on; None before the first page.
        source_total: records the source held when the last page came.
        control_totals: of the last pull that succeeded.
        last_event_at: the newest event seen in any page (the watermark).
        last_success_at: start of the last pull that came to its end; everything older has been read.
        undecided: what was stored and not judged as a whole, since a pull broke off; None where nothing was.
    """

    system: str
    stream: str
    resume: dict[str, Any] | None = None
    source_total: int | None = None
    control_totals: Mapping[str, Any] | None = None
    last_event_at: datetime | None = None
    last_success_at: datetime | None = None
    undecided: Undecided | None = None


def stream_state(connection: Connection, system: str, stream: str) -> StreamState:
    """The state of a stream; an empty one where nothing was ever pulled."""
    found = [state for state in stream_states(connection, system) if state.stream == stream]
    return found[0] if found else StreamState(system, stream)


def stream_states(connection: Connection, system: str | None = None) -> list[StreamState]:
    """Every stream that was ever pulled, by system and stream."""
    succeeded = (
        select(func.max(PULL.c.id))
        .where(
            PULL.c.system == STREAM_STATE.c.system,
            PULL.c.stream == STREAM_STATE.c.stream,
            PULL.c.outcome == "succeeded",
        )
        .correlate(STREAM_STATE)
        .scalar_subquery()
    )
    query = (
        select(STREAM_STATE, PULL.c.control_totals)
        .join_from(STREAM_STATE, PULL, PULL.c.id == succeeded, isouter=True)
        .order_by(STREAM_STATE.c.system, STREAM_STATE.c.stream)
    )
    if system is not None:
        query = query.where(STREAM_STATE.c.system == system)
    return [
        StreamState(
            row.system,
            row.stream,
            None if row.resume_point is None else json.loads(row.resume_point),
            row.source_total,
            None if row.control_totals is None else json.loads(row.control_totals),
            row.last_event_at,
            row.last_success_at,
            undecided_in(row.undecided),
        )
        for row in connection.execute(query)
    ]


def landed_ids(connection: Connection, system: str, stream: str) -> set[str]:
    """Raw records that the stream holds now.

    Where a source hides its deletions, those that a whole pull did not show are gone: give them as ``deleted``.
    """
    query = select(LANDING.c.landed_id).where(
        LANDING.c.system == system, LANDING.c.stream == stream, LANDING.c.known_to == STILL_KNOWN
    )
    return set(connection.execute(query).scalars())


def landed_record(
    connection: Connection, system: str, stream: str, landed_id: str
) -> tuple[dict[str, Any], datetime] | None:
    """A raw record that the stream holds now, and since when it is known like that; None where it holds none."""
    query = select(LANDING.c.payload, LANDING.c.known_from).where(
        LANDING.c.system == system,
        LANDING.c.stream == stream,
        LANDING.c.landed_id == landed_id,
        LANDING.c.known_to == STILL_KNOWN,
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else (json.loads(row.payload), row.known_from)


def take_turn(
    connection: Connection, system: str, stream: str, pull_id: int, known_at: datetime
) -> tuple[Turn, set[type[Record]]]:
    """Lock a stream until the end of the transaction; gives the turn and the entities the stream ever gave.

    Raises:
        UnsafeToContinue: the stream belongs to another pull by now.
    """
    query = select(STREAM_STATE.c.pull_id, STREAM_STATE.c.entities).where(
        STREAM_STATE.c.system == system, STREAM_STATE.c.stream == stream
    )
    row = connection.execute(query.with_for_update()).one_or_none()
    if row is None or row.pull_id != pull_id:
        raise UnsafeToContinue(
            f"{system}.{stream}: another pull has started since this one did; this one stops, let the other finish"
        )
    newest = select(func.max(STREAM_STATE.c.known_at)).where(STREAM_STATE.c.system == system)
    before = connection.execute(newest).scalar_one()
    if before is not None:
        known_at = max(known_at, before + _MICROSECOND)
    # an entity that the model has no more is left as it is
    entities = {ENTITIES[name] for name in json.loads(row.entities) if name in ENTITIES}
    return Turn(system, stream, pull_id, known_at), entities


def advance(
    connection: Connection,
    turn: Turn,
    entities: Collection[type[Record]],
    resume: Mapping[str, Any] | None,
    source_total: int | None,
    newest_event: datetime | None,
) -> None:
    """Move a stream behind the page that was just written; None leaves a value as it is."""
    values: dict[str, Any] = {
        "known_at": turn.known_at,
        "entities": to_json(sorted(entity.__name__ for entity in entities)),
    }
    if resume is not None:
        values["resume_point"] = to_json(resume)
    if source_total is not None:
        values["source_total"] = source_total
    of_stream = (STREAM_STATE.c.system == turn.system, STREAM_STATE.c.stream == turn.stream)
    connection.execute(update(STREAM_STATE).values(values).where(*of_stream))
    if newest_event is not None:
        seen = STREAM_STATE.c.last_event_at
        connection.execute(
            update(STREAM_STATE)
            .values(last_event_at=newest_event)
            .where(*of_stream, seen.is_(None) | (seen < newest_event))
        )
