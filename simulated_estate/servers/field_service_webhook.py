"""The field service system sends what changes by itself: one signed POST for each event, again until it is answered.

The body is ``{"event_id": ..., "type": "completions.changed", "data": row}``. ``X-Signature`` is ``sha256=`` and the
hex HMAC-SHA256 of ``X-Signature-Timestamp`` (seconds since 1970), a point and the body.
"""

import hashlib
import hmac
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx

from simulated_estate.books import Row
from simulated_estate.faults.point import FaultPoint
from simulated_estate.servers.field_service_json import as_json

HELD_BACK = 10
"""So many later events overtake one that is out of order."""
WAIT_S = 30.0


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of events.

    Attributes:
        sent: requests, repeated ones included.
        acknowledged: ids of events that were answered with 202.
        refused: status by id of events that the receiver did not want; they are not sent again.
        given_up: ids of events that were never answered.
    """

    sent: int
    acknowledged: frozenset[str]
    refused: dict[str, int]
    given_up: frozenset[str]


@dataclass(frozen=True, slots=True)
class Event:
    """One event, ready to be sent."""

    id: str
    body: bytes


def event_of(feed: str, row: Row) -> Event:
    """The event that says a row is now as it stands; the same row in the same state is the same event."""
    state = hashlib.sha256(as_json([feed, row])).hexdigest()
    event_id = f"evt_{state[:24]}"
    return Event(event_id, as_json({"event_id": event_id, "type": f"{feed}.changed", "data": row}))


def signed_headers(secret: str, body: bytes, moment: float) -> dict[str, str]:
    """The headers of a request that is signed at a moment (seconds since 1970)."""
    stamp = str(int(moment))
    signature = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {
        "Content-Type": "application/json",
        "X-Signature": f"sha256={signature}",
        "X-Signature-Timestamp": stamp,
    }


def send_changes(
    feed: str,
    rows: Iterable[Row],
    address: str,
    secret: str,
    point: FaultPoint,
    *,
    senders: int = 4,
    attempts: int = 20,
    pause_s: float = 0.05,
    clock: Callable[[], float] = time.time,
) -> Delivery:
    """Send rows of a feed, several at the same time, and wait for the answers.

    Args:
        feed: ``completions`` or ``work-orders``.
        rows: in the order of their changes.
        address: where to.
        secret: to sign with.
        point: faults ``duplicate`` and ``reorder`` strike here.
        senders: connections side by side.
        attempts: for each event; an answer of 5xx, 408 or 429, and none at all, ask for another one.
        pause_s: between two attempts.
        clock: of the sender, seconds since 1970.
    """
    events = _shuffled([event_of(feed, row) for row in rows], point)
    with httpx.Client(timeout=WAIT_S, trust_env=False) as client, ThreadPoolExecutor(senders) as pool:

        def deliver(event: Event) -> tuple[int, int]:
            for attempt in range(1, attempts + 1):
                status = _post(client, address, event, signed_headers(secret, event.body, clock()))
                if status is not None and status < 500 and status not in (408, 429):
                    return attempt, status
                time.sleep(pause_s)
            return attempts, 0

        outcomes = list(zip(events, pool.map(deliver, events), strict=True))
    return Delivery(
        sent=sum(tries for _, (tries, _) in outcomes),
        acknowledged=frozenset(event.id for event, (_, status) in outcomes if status == 202),
        refused={event.id: status for event, (_, status) in outcomes if status not in (0, 202)},
        given_up=frozenset(event.id for event, (_, status) in outcomes if status == 0),
    )


def _post(client: httpx.Client, address: str, event: Event, headers: dict[str, str]) -> int | None:
    try:
        return client.post(address, content=event.body, headers=headers).status_code
    except httpx.TransportError:
        return None


def _shuffled(events: Sequence[Event], point: FaultPoint) -> list[Event]:
    """Events as they leave: some twice, some after later ones."""
    places: list[tuple[int, Event]] = []
    for place, event in enumerate(events):
        late = HELD_BACK if point.happens(point.faults.reorder) else 0
        places.append((place + late, event))
        if point.happens(point.faults.duplicate):
            places.append((place + late + 1, event))
    return [event for _, event in sorted(places, key=lambda one: one[0])]
