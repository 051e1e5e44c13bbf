"""The endpoint over real HTTP: what it believes, what it refuses, and that 202 means committed."""

import json
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from canonical_model.errors import ConfigurationError
from console.web_server import serving
from hub.webhooks.endpoint import webhook_application
from hub.webhooks.group_commit import Write, writing_to
from hub.webhooks.inlets import inlets_of
from hub.workplace import Hub
from storage.database import Database, open_database
from storage.inbox import InboxEvent, IncomingEvent, conflicts, inbox_events
from tests.fakes.webhook_operator import (
    ENVIRONMENT,
    NEXT_SECRET,
    NOW,
    SECRET,
    base64_signature,
    done,
    post,
    signed,
    webhook_hub,
)
from tests.waiting import wait_until


class Bodies:
    """Counts the bodies of requests that an application has read whole."""

    def __init__(self, application: ASGIApp) -> None:
        self.read = 0
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def counted() -> Message:
            message = await receive()
            self.read += message["type"] == "http.request" and not message.get("more_body")
            return message

        await self._application(scope, counted, send)


@dataclass
class Listening:
    """A running endpoint."""

    address: str
    hub: Hub
    bodies: Bodies

    def kept(self) -> list[InboxEvent]:
        with self.hub.database.reading() as connection:
            return inbox_events(connection, most=10_000)[::-1]


@pytest.fixture
def listen(tmp_path: Path) -> Iterator[Callable[..., Listening]]:
    with ExitStack() as stack:

        def start(
            address: str | None = None, write: Callable[[Database], Write] = writing_to, patience_s: float = 60
        ) -> Listening:
            hub = stack.enter_context(webhook_hub(tmp_path, address))
            inlets = inlets_of(hub.operator, hub.environment)
            bodies = Bodies(webhook_application(inlets, write(hub.database), lambda: NOW, patience_s))
            return Listening(stack.enter_context(serving(bodies, "test", "127.0.0.1", 0)).address, hub, bodies)

        yield start


@pytest.fixture
def listening(listen: Callable[..., Listening]) -> Listening:
    return listen()


def test_an_event_is_committed_before_it_is_answered(listen: Callable[..., Listening], database_address: str) -> None:
    listening = listen(database_address)
    answer = post(listening.address, done(1))
    assert (answer.status_code, answer.json()) == (202, {"status": "kept", "events": 1})
    (event,) = listening.kept()
    assert (event.system, event.stream, event.event_id, event.state) == ("jobs", "done", "e1-0", "received")
    assert (event.received_at, event.signed_at, event.payload) == (NOW, NOW, done(1))


def test_an_event_that_comes_again_is_answered_alike_and_kept_once(
    listen: Callable[..., Listening], database_address: str
) -> None:
    listening = listen(database_address)
    spaced = json.dumps(done(1), indent=3).encode()
    assert [post(listening.address, body).status_code for body in (done(1), done(1), spaced)] == [202, 202, 202]
    assert len(listening.kept()) == 1


def test_the_same_id_with_another_content_is_told_and_kept_aside(listening: Listening) -> None:
    post(listening.address, done(1))
    changed = done(1, tier="Gold")
    answers = [post(listening.address, changed), post(listening.address, [done(2), changed])]
    assert [answer.status_code for answer in answers] == [409, 409]
    assert "another content" in answers[0].json()["detail"]
    assert [event.payload for event in listening.kept()] == [done(1), done(2)]
    with listening.hub.database.reading() as connection:
        assert [one.payload for one in conflicts(connection)] == [changed]


def test_a_body_may_hold_many_events_and_all_are_kept_or_none(listening: Listening) -> None:
    assert post(listening.address, [done(1), done(2), done(3)]).json()["events"] == 3
    broken = post(listening.address, [done(4), {"job": {}}])
    assert broken.status_code == 400
    assert "holds no event" in broken.json()["detail"]
    assert [event.event_id for event in listening.kept()] == ["e1-0", "e2-0", "e3-0"]


def test_another_senders_convention_is_a_matter_of_its_block(listening: Listening) -> None:
    body = json.dumps({"changes": [{"order": "N1", "version": 1, "state": "new"}]}).encode()
    headers = {"X-Hub": base64_signature(body), "content-type": "application/vnd.desk+json; charset=utf-8"}
    assert post(listening.address, body, "desk/states", **headers).status_code == 202
    assert post(listening.address, body, "desk/states", **headers).status_code == 202
    (event,) = listening.kept()
    assert (event.signed_at, event.payload["order"]) == (None, "N1")
    assert post(listening.address, body + b" ", "desk/states", **headers).status_code == 401


def test_either_of_two_secrets_opens(listening: Listening) -> None:
    body = json.dumps(done(1)).encode()
    for secret, status in ((SECRET, 202), (NEXT_SECRET, 202), ("what nobody agreed upon", 401)):
        assert post(listening.address, body, **signed(body, secret)).status_code == status


def test_whatever_is_wrong_with_a_signature_the_answer_is_the_same(listening: Listening) -> None:
    body = json.dumps(done(1)).encode()
    wrong = [
        {"X-Signature": ""},
        {"X-Signature": "sha256=" + "0" * 64},
        {"X-Signature-Timestamp": ""},
        signed(body, "what nobody agreed upon"),
        signed(body + b" "),
        signed(body, at=NOW - timedelta(minutes=6)),
        signed(body, at=NOW + timedelta(minutes=6)),
    ]
    answers = [post(listening.address, body, **headers) for headers in wrong]
    assert {answer.status_code for answer in answers} == {401}
    assert {answer.content for answer in answers} == {b'{"status":"refused","detail":"not signed as agreed"}'}
    assert listening.kept() == []


@pytest.mark.parametrize(
    ("content", "stream", "headers", "status"),
    [
        (b"{", "jobs/done", {}, 400),
        (b"\xff", "jobs/done", {}, 400),
        (b"[" * 9_000, "jobs/done", {}, 400),
        (done(1), "jobs/undone", {}, 404),
        (done(1), "nobody/done", {}, 404),
        (done(1), "jobs/done", {"content-type": "text/plain"}, 415),
        (done(1, tier="x" * 70_000), "jobs/done", {}, 413),
    ],
)
def test_what_cannot_be_used_is_refused_and_not_kept(
    listening: Listening, content: Any, stream: str, headers: dict[str, str], status: int
) -> None:
    assert post(listening.address, content, stream, **headers).status_code == status
    assert listening.kept() == []


def test_other_methods_and_paths_lead_nowhere(listening: Listening) -> None:
    with httpx.Client(base_url=listening.address, trust_env=False, timeout=60) as client:
        assert client.get("/webhooks/jobs/done").status_code == 405
        assert client.post("/webhooks/jobs").status_code == 404
        assert client.post("/webhooks/jobs/done/more").status_code == 404


def test_a_body_of_unknown_length_is_read_no_further_than_it_may_be_long(listening: Listening) -> None:
    given = 0

    def parts() -> Iterator[bytes]:
        nonlocal given
        for _ in range(10_000):
            given += 1
            yield b"x" * 10_000

    with httpx.Client(trust_env=False, timeout=60) as client:
        try:
            headers = signed(b"") | {"content-type": "application/json"}
            assert (
                client.post(f"{listening.address}/webhooks/jobs/done", content=parts(), headers=headers).status_code
                == 413
            )
        except httpx.TransportError:
            pass  # the connection was closed while the client was still writing
    assert given < 10_000


def test_a_body_that_ends_early_is_not_kept(listening: Listening) -> None:
    body = json.dumps(done(1)).encode()
    lines = [f"{name}: {value}" for name, value in signed(body).items()]
    host, port = listening.address.removeprefix("http://").split(":")
    head = "\r\n".join(["POST /webhooks/jobs/done HTTP/1.1", "Host: x", f"Content-Length: {len(body)}", *lines])
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.sendall(head.encode() + b"\r\n\r\n" + body[:-10])
    assert post(listening.address, done(2)).status_code == 202
    assert [event.event_id for event in listening.kept()] == ["e2-0"]


def test_without_a_database_nothing_is_promised(listen: Callable[..., Listening], database_address: str) -> None:
    def slow_to_give_up(_: Database) -> Write:
        impatient = open_database(database_address, lock_wait_s=0.2)

        def write(events: Any) -> set[int]:
            try:
                return writing_to(impatient)(events)
            finally:
                impatient.close()

        return write

    listening = listen(database_address, slow_to_give_up)
    with listening.hub.database.writing() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("LOCK TABLE inbox IN ACCESS EXCLUSIVE MODE")
        refused = post(listening.address, done(1))
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
    assert listening.kept() == []
    assert post(listening.address, done(1)).status_code == 202
    assert len(listening.kept()) == 1


def test_a_database_that_is_gone_is_no_reason_to_lie(
    listen: Callable[..., Listening], request: pytest.FixtureRequest
) -> None:
    server = request.getfixturevalue("postgres")
    name = server.create_database()
    listening = listen(server.url(name))
    assert post(listening.address, done(1)).status_code == 202
    server.drop_database(name)
    assert post(listening.address, done(2)).status_code == 503


def test_a_commit_that_takes_too_long_is_not_waited_for(listen: Callable[..., Listening]) -> None:
    may_go_on = threading.Event()

    def slow(database: Database) -> Write:
        def write(events: Any) -> set[int]:
            may_go_on.wait(120)
            return writing_to(database)(events)

        return write

    listening = listen(write=slow, patience_s=0.2)
    assert post(listening.address, done(1)).status_code == 503
    may_go_on.set()
    wait_until(lambda: post(listening.address, done(1)).status_code == 202, "sent again it is taken")
    assert len(listening.kept()) == 1


def test_a_body_that_dribbles_in_is_not_waited_for(listen: Callable[..., Listening]) -> None:
    listening = listen(patience_s=0.2)
    host, port = listening.address.removeprefix("http://").split(":")
    lines = ["POST /webhooks/jobs/done HTTP/1.1", "Host: x", "Content-Type: application/json", "Content-Length: 99"]
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.sendall("\r\n".join([*lines, "", "{"]).encode())
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 408")


def test_requests_that_wait_share_a_commit_and_each_gets_its_own_answer(listen: Callable[..., Listening]) -> None:
    commits: list[int] = []
    began, may_go_on = threading.Event(), threading.Event()

    def counting(database: Database) -> Write:
        def write(events: Any) -> set[int]:
            commits.append(len(events))
            began.set()
            may_go_on.wait(120)
            return writing_to(database)(events)

        return write

    listening = listen(write=counting)
    with ThreadPoolExecutor(12) as pool:
        first = pool.submit(post, listening.address, done(0))
        began.wait(120)
        contents = [done(1), done(2), done(1, tier="Gold"), [done(3), done(4)], [done(5), done(2, tier="Gold")]]
        contents += [done(number) for number in range(6, 12)]
        answers = [pool.submit(post, listening.address, content) for content in contents]
        wait_until(lambda: listening.bodies.read == 1 + len(contents), "every request has arrived")
        may_go_on.set()
        statuses = [answer.result().status_code for answer in answers]
        assert first.result().status_code == 202
    assert len(commits) <= 3
    assert sum(commits) == 14
    # which of two contents under one id comes first is open; one of them is refused
    assert sorted(statuses) == [202] * 9 + [409] * 2
    assert len({event.event_id for event in listening.kept()}) == len(listening.kept()) == 12


def test_a_defect_is_answered_with_500_and_the_next_request_is_served(listen: Callable[..., Listening]) -> None:
    def broken_at_first(database: Database) -> Write:
        calls: list[int] = []

        def write(events: list[IncomingEvent]) -> set[int]:
            calls.append(1)
            if len(calls) == 1:
                raise ZeroDivisionError
            return writing_to(database)(events)

        return write

    listening = listen(write=broken_at_first)
    assert [post(listening.address, done(number)).status_code for number in (1, 2)] == [500, 202]


def test_neither_payload_nor_secret_is_logged(listening: Listening, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    answers = [
        post(listening.address, done(1, tier="Confidential")),
        post(listening.address, done(1, tier="Top Confidential")),
        post(listening.address, b'{"tier": "Confidential"}'),
        post(listening.address, b'"Confidential'),
        post(listening.address, done(1, tier="Confidential"), **{"X-Signature": "sha256=00"}),
    ]
    assert [answer.status_code for answer in answers] == [202, 409, 400, 400, 401]
    said = "\n".join(str(vars(record)) for record in caplog.records if not record.name.startswith(("http", "hpack")))
    assert "a webhook is not believed" in said
    assert "came again with another content" in said
    assert "Confidential" not in said
    assert SECRET not in said


def test_an_operator_that_takes_no_events_or_lacks_a_secret_is_told_at_the_start(tmp_path: Path) -> None:
    with webhook_hub(tmp_path) as hub:
        with pytest.raises(
            ConfigurationError, match=r"systems\.jobs\.webhook\.secrets\.1: .* JOBS_NEXT_SECRET is not set"
        ):
            inlets_of(hub.operator, {"JOBS_SECRET": SECRET})
        with pytest.raises(ConfigurationError, match="at least 16 bytes"):
            inlets_of(hub.operator, ENVIRONMENT | {"JOBS_SECRET": ""})
        assert SECRET not in repr(inlets_of(hub.operator, ENVIRONMENT))
    left_out = {"done": "webhook: {event_id: event, record: job}=>", "states": "webhook: {events: changes}=>"}
    with (
        webhook_hub(tmp_path, **left_out) as hub,
        pytest.raises(ConfigurationError, match="takes no events in"),
    ):
        inlets_of(hub.operator, ENVIRONMENT)


def test_a_secret_that_no_mapping_needs_is_remarked_upon(tmp_path: Path) -> None:
    with webhook_hub(tmp_path, states="webhook: {events: changes}=>") as hub:
        assert list(inlets_of(hub.operator, ENVIRONMENT)) == [("jobs", "done")]
        (warning,) = hub.operator.warnings
    assert "systems.desk.webhook: no mapping has a webhook for this system" in warning


def test_a_request_under_way_is_answered_when_the_server_is_told_to_end(tmp_path: Path) -> None:
    began, may_end = threading.Event(), threading.Event()

    with webhook_hub(tmp_path) as hub, closing(hub.database):

        def slow(events: Any) -> set[int]:
            began.set()
            may_end.wait(120)
            return writing_to(hub.database)(events)

        application = webhook_application(inlets_of(hub.operator, hub.environment), slow, lambda: NOW)
        with ThreadPoolExecutor(1) as pool:
            with serving(application, "test", "127.0.0.1", 0) as server:
                answer = pool.submit(post, server.address, done(1))
                began.wait(120)
                threading.Timer(0.3, may_end.set).start()
            assert answer.result().status_code == 202
