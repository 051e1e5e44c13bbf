"""The events in the body of a request, each with its id; and the record in an event."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.exact_json import loads
from connectors.ports import RawRecord
from connectors.settings import at_path

LONGEST_ID = 200
MOST_EVENTS = 5_000

_encode = json.JSONEncoder(separators=(",", ":"), sort_keys=True).encode


@dataclass(frozen=True, slots=True)
class EventShape:
    """Where things stand in what a sender sends; paths have points between their steps.

    Attributes:
        events: path of the list of events in the body; None where the body is one event, or is the list.
        event_id: path of the id in an event; None where a header holds it, or nothing does.
        record: path of the record in an event; None where the event is the record.
    """

    events: str | None = None
    event_id: str | None = None
    record: str | None = None


@dataclass(frozen=True, slots=True)
class SentEvent:
    """One event of a body.

    Attributes:
        event_id: the sender's name of it; its digest where the sender names none.
        payload: the event as JSON text, with sorted keys and in ASCII.
        digest: of ``payload``: the same for the same content, whatever blanks and order of keys it came with.
    """

    event_id: str
    payload: str
    digest: str


def read_events(body: bytes, shape: EventShape, header_id: str | None = None) -> list[SentEvent]:
    """Take a body apart.

    Args:
        body: as it came.
        shape: where things stand in it.
        header_id: id that a header gave for the whole body; its events are numbered where there are several.

    Raises:
        ValueError: it cannot be used; says why, and shows nothing of it.
    """
    try:
        events = _events(loads(body), shape)
        payloads = [_encode(event) for event in events]
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    except UnicodeDecodeError as error:
        raise ValueError("the body is no UTF-8 text") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"the body is no JSON: {error.msg} at character {error.pos}") from error
    numbered = zip(events, payloads, strict=True)
    return [
        _sent(event, payload, shape, _numbered(header_id, number, len(events)))
        for number, (event, payload) in enumerate(numbered, start=1)
    ]


def record_in(event: Mapping[str, Any], shape: EventShape) -> RawRecord:
    """The record that an event is about.

    Raises:
        ValueError: there is none where it should be; names the place.
    """
    try:
        record = at_path(event, shape.record or "")
    except KeyError as error:
        raise ValueError(f"the event holds no {shape.record}: {error.args[0]} is missing") from None
    if not isinstance(record, dict):
        raise ValueError(f"{shape.record} is no object with fields")  # noqa: TRY004 - it is a value of a sender
    return record


def _events(content: Any, shape: EventShape) -> list[dict[str, Any]]:
    if shape.events is not None:
        try:
            content = at_path(content, shape.events)
        except KeyError as error:
            raise ValueError(f"the body holds no {shape.events}: {error.args[0]} is missing") from None
        if not isinstance(content, list):
            raise ValueError(f"{shape.events} is no list")
    events = content if isinstance(content, list) else [content]
    if not all(isinstance(event, dict) for event in events):
        raise ValueError("an event is no object with fields")
    if len(events) > MOST_EVENTS:
        raise ValueError(f"more than {MOST_EVENTS} events in one body")
    return events


def _sent(event: dict[str, Any], payload: str, shape: EventShape, header_id: str | None) -> SentEvent:
    digest = hashlib.sha256(payload.encode()).hexdigest()
    if shape.event_id is not None:
        try:
            found = at_path(event, shape.event_id)
        except KeyError as error:
            raise ValueError(f"an event holds no {shape.event_id}: {error.args[0]} is missing") from None
    else:
        found = digest if header_id is None else header_id
    if isinstance(found, bool) or not isinstance(found, str | int):
        raise ValueError(f"{shape.event_id} is neither text nor a whole number")  # noqa: TRY004 - as above
    event_id = str(found)
    if not event_id.isprintable() or not 0 < len(event_id) <= LONGEST_ID:
        raise ValueError(f"an event's id is empty, longer than {LONGEST_ID} characters or not printable")
    return SentEvent(event_id, payload, digest)


def _numbered(header_id: str | None, number: int, of: int) -> str | None:
    return header_id if header_id is None or of == 1 else f"{header_id}#{number}"
