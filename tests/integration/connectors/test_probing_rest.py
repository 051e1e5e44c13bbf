"""What a REST service tells of itself, by a description or by a first page alone."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest

from canonical_model.errors import ConfigurationError, RetryableError
from connectors.discovery import open_probe
from connectors.ports import SystemSettings
from connectors.probing import Description
from tests.fakes.scripted_http import Asked, Reply, scripted_server

ROWS = [
    {
        "id": f"r{number}",
        "gps": {"lat": "41.5", "photos": [{"name": "p"}]},
        "parts": [{"sn": f"S{number}", "made": {"by": "x"}, "tests": [{"ok": True}]}],
        "site": {"access": {"doors": [{"code": "7", "floor": {"no": 1}}]}},
        "tags": ["a"],
        "updated_at": "2026-01-01T00:00:00Z",
    }
    for number in range(3)
]
OPENAPI = {
    "openapi": "3.0.0",
    "paths": {
        "/v1/things": {
            "get": {
                "summary": "All things",
                "parameters": [
                    {"name": "page_size", "in": "query"},
                    {"name": "offset", "in": "query"},
                    {"name": "modifiedSince", "in": "query"},
                    {"name": "X-Trace", "in": "header"},
                ],
            }
        },
        "/v1/things/{id}": {"get": {}},
        "/v1/orders": {"post": {}},
    },
}

Service = Callable[[dict[str, Any]], "Looked"]


class Looked:
    """A service that answers by path, and what a probe makes of it."""

    def __init__(self, url: str, asked: list[Asked]) -> None:
        self.settings = SystemSettings("svc", "rest", url, {"login": "none", "attempts": 1})
        self.asked = asked

    def objects(self) -> list[str]:
        with closing(open_probe(self.settings)) as probe:
            return [one.name for one in probe.objects()]

    def describe(self, name: str = "v1/things") -> Description:
        with closing(open_probe(self.settings)) as probe:
            return probe.describe(name, 50)


@pytest.fixture
def service() -> Iterator[Service]:
    answers: dict[str, Any] = {}

    def answer(asked: Asked) -> Reply:
        found = answers.get(asked.path.partition("?")[0])
        if found is None:
            return Reply(404, b"{}")
        body, headers = found if isinstance(found, tuple) else (found, {})
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return Reply(200, content, {"Content-Type": "application/json", **headers})

    with scripted_server(answer) as server:

        def serving(given: dict[str, Any]) -> Looked:
            answers.update(given)
            return Looked(server.url, server.asked)

        yield serving


def test_a_description_tells_collections_and_their_parameters(service: Service) -> None:
    looked = service({"/openapi.json": OPENAPI, "/v1/things": {"items": ROWS, "total": 3}})
    assert looked.objects() == ["v1/things"]
    found = looked.describe()
    assert found.options == {
        "rows": "items",
        "paging": "offset",
        "position_parameter": "offset",
        "size_parameter": "page_size",
        "since_parameter": "modifiedSince",
        "total": "total",
    }
    assert (found.key, found.cursor) == (("id",), "updated_at")
    lists = {path: [one.name for one in fields] for path, fields in found.lists.items()}
    assert lists == {
        "gps.photos": ["name"],
        "parts": ["sn", "made.by"],
        "site.access.doors": ["code", "floor.no"],
    }
    assert [one.name for one in found.fields] == ["id", "gps.lat", "tags", "updated_at", *lists]
    assert [note for note in found.notes if "parts.tests is a list inside a list" in note]
    assert any("page_size=50" in asked.path for asked in looked.asked)


@pytest.mark.parametrize(
    ("answer", "options"),
    [
        ({"data": ROWS, "next_cursor": "abc"}, {"rows": "data", "next": "next_cursor"}),
        (
            {"d": {"results": ROWS, "next": "/v1/things?p=2"}},
            {"rows": "d.results", "paging": "link", "next": "d.next"},
        ),
        ((ROWS, {"Link": '</v1/things?p=2>; rel="next"'}), {"paging": "link"}),
        ((ROWS, {"X-Total-Count": "3"}), {"paging": "none", "total": "header:X-Total-Count"}),
    ],
)
def test_a_first_page_alone_tells_rows_and_paging(service: Service, answer: Any, options: dict[str, str]) -> None:
    looked = service({"/v1/things": answer})
    assert looked.objects() == []
    found = looked.describe()
    assert found.options == options
    assert found.cursor is None
    assert "since_parameter" in " ".join(found.notes)


@pytest.mark.parametrize("answer", [{"message": "hello"}, {"items": [1, 2]}, "text"])
def test_an_answer_without_records_is_told(service: Service, answer: Any) -> None:
    with pytest.raises(ConfigurationError, match="holds no list of records"):
        service({"/v1/things": answer}).describe()


def test_an_answer_that_is_no_json_is_told_and_a_page_in_the_descriptions_place_ignored(service: Service) -> None:
    looked = service({"/openapi.json": b"<html>", "/v1/things": b"<html>"})
    assert looked.objects() == []
    with pytest.raises(RetryableError, match="no JSON"):
        looked.describe()
