"""The simulated field service system sends what changes: signed, again until it is answered, in no strict order."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from estate_rows import work_order
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulated_estate.servers.http_thread import HttpThread
from simulated_estate.servers.serve import RunningEstate


class Receiver:
    """Notes every request, and answers with the statuses it is given, then with 202."""

    def __init__(self, secret: str, *statuses: int) -> None:
        self.ids: list[str] = []
        self.rows: list[dict[str, Any]] = []
        self._secret = secret
        self._statuses = list(statuses)
        self.application = Starlette(routes=[Route("/hook", self._take, methods=["POST"])])

    async def _take(self, request: Request) -> Response:
        body = await request.body()
        content = request.headers["x-signature-timestamp"].encode() + b"." + body
        expected = hmac.new(self._secret.encode(), content, hashlib.sha256).hexdigest()
        assert request.headers["x-signature"] == f"sha256={expected}"
        event = json.loads(body)
        self.ids.append(event["event_id"])
        self.rows.append(event["data"])
        return Response(status_code=self._statuses.pop(0) if self._statuses else 202)


@contextmanager
def receiving(estate: RunningEstate, *statuses: int) -> Iterator[tuple[Receiver, str]]:
    receiver = Receiver(estate.credentials["field_service"]["webhook_secret"], *statuses)
    server = HttpThread("receiver", receiver.application)
    server.start()
    try:
        yield receiver, f"http://127.0.0.1:{server.port}/hook"
    finally:
        server.stop()


ROWS = [work_order(number) for number in range(1, 31)]


def test_each_row_is_an_event_with_the_row_as_the_pull_gives_it(estate: RunningEstate) -> None:
    with receiving(estate) as (receiver, address):
        delivery = estate.send_changes("work-orders", ROWS, address, senders=1)
    assert [row["id"] for row in receiver.rows] == [row["id"] for row in ROWS]
    assert delivery.acknowledged == frozenset(receiver.ids)
    assert delivery.sent == len(set(receiver.ids)) == len(ROWS)


def test_the_same_state_is_the_same_event_and_a_change_is_another(estate: RunningEstate) -> None:
    with receiving(estate) as (receiver, address):
        for row in (ROWS[0], ROWS[0], ROWS[0] | {"state": "done"}):
            estate.send_changes("work-orders", [row], address)
    first, same, other = receiver.ids
    assert first == same != other


def test_an_event_that_is_not_answered_is_sent_again_and_one_that_is_refused_is_not(estate: RunningEstate) -> None:
    with receiving(estate, 503, 429, 202, 400) as (receiver, address):
        delivery = estate.send_changes("work-orders", ROWS[:2], address, senders=1, pause_s=0)
    assert receiver.ids == [receiver.ids[0]] * 3 + [receiver.ids[3]]
    assert delivery.acknowledged == {receiver.ids[0]}
    assert delivery.refused == {receiver.ids[3]: 400}


def test_nobody_there_is_given_up_in_the_end(estate: RunningEstate) -> None:
    with receiving(estate) as (_, address):
        pass
    delivery = estate.send_changes("work-orders", ROWS[:1], address, attempts=2, pause_s=0)
    assert (delivery.sent, len(delivery.given_up)) == (2, 1)


def test_events_come_twice_and_late_on_demand(estate: RunningEstate) -> None:
    estate.set_faults("fsm:duplicate=0.5,fsm:reorder=0.3")
    with receiving(estate) as (receiver, address):
        estate.send_changes("work-orders", ROWS, address, senders=1)
    came = [row["id"] for row in receiver.rows]
    assert len(came) > len(ROWS) == len(set(came))
    assert list(dict.fromkeys(came)) != [row["id"] for row in ROWS]
