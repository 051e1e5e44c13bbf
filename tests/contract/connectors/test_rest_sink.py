"""What a REST sink puts on the wire, and what it makes of conditions, lists and ids."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from pydantic import SecretStr

from canonical_model.errors import ConfigurationError, RetryableError, UnsafeToContinue
from connectors.discovery import open_sink
from connectors.ports import Expected, Look, Part, Sink, SystemSettings, Write
from tests.fakes.scripted_http import Asked, Reply, ScriptedServer, scripted_server


def as_json(told: Any, status: int = 200, **headers: str) -> Reply:
    return Reply(status, json.dumps(told).encode(), {"Content-Type": "application/json", **headers})


@contextmanager
def opened(answers: Mapping[str, Reply]) -> Iterator[tuple[Sink, ScriptedServer]]:
    """A sink over a server that answers by method."""
    with scripted_server(lambda asked: answers[asked.method]) as server:
        settings = SystemSettings(
            "jobs", "rest", server.url, {"login": "bearer"}, {"token": SecretStr("t-0815")}, 20.0
        )
        sink = open_sink(settings)
        yield sink, server
        sink.close()


def write(options: Mapping[str, Any] | None = None, target: str = "jobs/{id}", **values: Any) -> Write:
    key = {"id": "a/b c"} if "{id}" in target else {}
    return Write("update_work_order", "key-1", "keyed", (Part(target, key, values or {"x": 1}, options or {}),))


def look(rows: str | None = None) -> Look:
    return Look("jobs", {}, {"ref": "key 1"}, (Expected("x", "text", "1"),), {} if rows is None else {"rows": rows})


def headers(asked: Asked) -> dict[str, str]:
    return {name.lower(): value for name, value in asked.headers.items()}


def test_a_write_travels_once_with_its_key_and_a_nested_body() -> None:
    with opened({"PUT": as_json({"id": 7})}) as (sink, server):
        options = {"method": "PUT", "key_header": "Idempotency-Key"}
        receipt = sink.send(write(options, **{"a": 1, "b.c": "x", "d.0.e": True}))
    (asked,) = server.asked
    assert (asked.method, asked.path) == ("PUT", "/jobs/a%2Fb%20c")
    assert json.loads(asked.body) == {"a": 1, "b": {"c": "x"}, "d": [{"e": True}]}
    assert headers(asked)["idempotency-key"] == "key-1"
    assert receipt.reference == "7"


@pytest.mark.parametrize(
    ("path", "body", "reference"),
    [
        ("id", {"id": "wo-1"}, "wo-1"),
        ("data.key", {"data": {"key": 5}}, "5"),
        ("id", {"id": None}, ""),
        ("id", [], ""),
    ],
)
def test_the_services_own_id_is_read_where_it_tells_one(path: str, body: Any, reference: str) -> None:
    with opened({"POST": as_json(body)}) as (sink, _):
        assert sink.send(write({"reference": path})).reference == reference


def test_an_answer_without_a_body_is_an_answer() -> None:
    with opened({"POST": Reply(204)}) as (sink, _):
        assert not sink.send(write()).is_refusal


def test_a_change_is_tied_to_the_version_that_was_read() -> None:
    with opened({"GET": as_json({}, ETag='"v1"'), "PATCH": as_json({})}) as (sink, server):
        sink.send(write({"method": "PATCH", "match": True}))
    assert [asked.method for asked in server.asked] == ["GET", "PATCH"]
    assert headers(server.asked[1])["if-match"] == '"v1"'


def test_who_came_in_between_is_not_overwritten() -> None:
    with (
        opened({"GET": as_json({}, ETag='"v1"'), "PATCH": as_json({}, 412)}) as (sink, _),
        pytest.raises(RetryableError, match="HTTP 412"),
    ):
        sink.send(write({"method": "PATCH", "match": True}))


def test_a_record_without_a_version_or_without_itself_is_not_changed_by_condition() -> None:
    with opened({"GET": as_json({}), "PATCH": as_json({})}) as (sink, server):
        with pytest.raises(ConfigurationError, match="has no ETag; leave match out"):
            sink.send(write({"method": "PATCH", "match": True}))
        assert [asked.method for asked in server.asked] == ["GET"]
    with opened({"GET": Reply(404), "PATCH": as_json({})}) as (sink, server):
        assert sink.send(write({"method": "PATCH", "match": True})).is_refusal
        assert [asked.method for asked in server.asked] == ["GET"]


@pytest.mark.parametrize("status", [400, 404, 410, 422])
def test_a_refusal_is_told_with_the_first_line_of_its_words(status: int) -> None:
    with opened({"POST": as_json({"detail": "no such type\nsecond line"}, status)}) as (sink, _):
        receipt = sink.send(write())
    assert (receipt.is_refusal, receipt.said) == (True, f"HTTP {status} (no such type)")


def test_a_method_that_changes_nothing_is_refused_before_anything_is_sent() -> None:
    with opened({}) as (sink, server):
        with pytest.raises(ConfigurationError, match="method: 'DELETE' is unknown"):
            sink.send(write({"method": "DELETE"}))
        assert server.asked == []


@pytest.mark.parametrize(
    ("rows", "body", "shown"),
    [
        (None, {"x": 1}, {"x": 1}),
        ("data", {"data": []}, None),
        ("data", {"data": [{"x": 1}]}, {"x": 1}),
        ("data.items", {"data": {"items": [{"x": 1}]}}, {"x": 1}),
        ("", [{"x": 1}], {"x": 1}),
        ("", [], None),
    ],
)
def test_what_is_shown_is_one_object_or_nothing(rows: str | None, body: Any, shown: Any) -> None:
    with opened({"GET": as_json(body)}) as (sink, server):
        assert sink.observe(look(rows)) == shown
    assert server.asked[0].path in ("/jobs?ref=key%201", "/jobs?ref=key+1")


@pytest.mark.parametrize(
    ("rows", "reply", "error"),
    [
        ("data", as_json({"data": [{"x": 1}, {"x": 1}]}), UnsafeToContinue),
        ("data", as_json({"items": []}), ConfigurationError),
        ("data", as_json({"data": {"x": 1}}), ConfigurationError),
        ("data", as_json({"data": ["x"]}), RetryableError),
        (None, as_json(["x"]), RetryableError),
        (None, Reply(200, b"<html></html>"), RetryableError),
        (None, Reply(200, b'{"x": '), RetryableError),
        (None, Reply(403), ConfigurationError),
        (None, Reply(500), RetryableError),
    ],
)
def test_a_look_that_cannot_be_understood_is_told(rows: str | None, reply: Reply, error: type[Exception]) -> None:
    with opened({"GET": reply}) as (sink, _), pytest.raises(error):
        sink.observe(look(rows))


def test_what_is_not_there_is_nothing() -> None:
    with opened({"GET": Reply(404)}) as (sink, _):
        assert sink.observe(look()) is None
