"""An API key that goes into the query: on the wire with each request, and nowhere else."""

import json
import logging
import traceback
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr
from rest_reading import NOW, Open, as_json, ids, reading

from canonical_model.errors import ConfigurationError, RetryableError, SpliceError
from connectors.discovery import open_sink
from connectors.ports import Part, SystemSettings, Write
from tests.fakes.paged_things import things
from tests.fakes.scripted_http import Asked, Reply, scripted_server

KEY = "k&y hush=0815/ä"
QUOTED = "k%26y+hush%3D0815%2F%C3%A4"
PATHLIKE = "k%26y%20hush%3D0815%2F%C3%A4"


def settings(url: str, timeout_s: float = 30.0, **options: Any) -> SystemSettings:
    known = {"login": "api_key", "api_key_in": "query", "api_key_parameter": "app key", "longest_wait_s": 0.02}
    return SystemSettings("theirs", "rest", url, {**known, **options}, {"api_key": SecretStr(KEY)}, timeout_s)


def shown(asked: Asked) -> list[str]:
    return parse_qs(urlsplit(asked.path).query).get("app key", [])


def hidden(*texts: object) -> bool:
    return not [text for text in texts for spelled in (KEY, QUOTED, PATHLIKE) if spelled in str(text)]


@pytest.mark.parametrize("place", ["body", "header"])
@pytest.mark.parametrize("spelled", [QUOTED, PATHLIKE])
def test_the_key_goes_with_each_request_once_although_links_come_back_with_it(
    place: str, spelled: str, open_: Open, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    def answer(asked: Asked) -> Reply:
        start = int(parse_qs(urlsplit(asked.path).query).get("from", ["0"])[0])
        link = f"?from={start + 3}&app+key={spelled}&sig=a%20b;c&flag"
        told: dict[str, Any] = {"data": things(*range(1, 8))[start : start + 3]}
        if start + 3 >= 7:
            return as_json(told)
        return as_json({**told, "next": link}) if place == "body" else as_json(told, Link=f'<{link}>; rel="next"')

    read = reading(paging="link", parameters={"region": "north & south"})
    with scripted_server(answer) as server:
        source = open_(settings(f"{server.url}/api"))
        pages = list(source.pages(read, None))
    assert ids(pages) == [f"t{number}" for number in range(1, 8)]
    assert [shown(asked) for asked in server.asked] == [[KEY]] * 3
    assert "region=north" in server.asked[0].path
    assert "sig=a%20b;c&flag&app+key=" in server.asked[1].path, "what the service linked to was spelled anew"
    assert not [value for asked in server.asked for value in asked.headers.values() if KEY in value]
    assert hidden(caplog.text, repr(source), *(json.dumps(page.resume) for page in pages))
    assert {"httpx", "httpcore.http11"} <= {record.name for record in caplog.records}, "no log was looked at"


def test_the_log_of_httpx_holds_no_query_at_all(open_: Open, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with scripted_server(lambda _: as_json({"data": things(1)})) as server:
        list(open_(settings(server.url)).pages(reading(parameters={"region": "north"}), None))
    (told,) = [record.getMessage() for record in caplog.records if record.name == "httpx"]
    assert f"GET {server.url}/v2/things " in told


REFUSALS: dict[str, tuple[Callable[[str], Reply], type[SpliceError]]] = {
    "refused": (lambda key: as_json({"error": f"no application has the key {key}"}, 401), ConfigurationError),
    "refused as it was spelled": (lambda _: as_json({"detail": f"GET ?app+key={QUOTED}"}, 403), ConfigurationError),
    "not there": (lambda key: as_json({"message": f"/v2/things?app key={key}"}, 404), ConfigurationError),
    "elsewhere": (lambda _: Reply(302, headers={"Location": f"/login?app+key={QUOTED}"}), ConfigurationError),
    "in trouble": (lambda _: Reply(503), RetryableError),
    "no JSON": (lambda key: Reply(200, key.encode()), RetryableError),
    "garbled": (lambda _: Reply(200, b"x", {"Content-Encoding": "gzip"}), RetryableError),
    "cut": (lambda _: Reply(200, b"[", promised=90, ending="reset"), RetryableError),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_no_failure_tells_the_key(name: str, open_: Open, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    reply, error = REFUSALS[name]
    with scripted_server(lambda _: reply(KEY)) as server, pytest.raises(error) as failed:
        list(open_(settings(server.url)).pages(reading(), None))
    assert hidden("".join(traceback.format_exception(failed.value)))
    causes: list[BaseException] = [failed.value]
    while (cause := causes[-1].__cause__ or causes[-1].__context__) is not None:
        causes.append(cause)
    requests = [vars(cause).get("_request") for cause in causes]
    assert hidden(*(getattr(request, "url", "") for request in requests))
    assert hidden(caplog.text)
    assert {"httpx", "httpcore.http11"} <= {record.name for record in caplog.records}, "no log was looked at"


def test_a_service_out_of_reach_or_silent_tells_nothing(open_: Open, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(RetryableError) as away:
        list(open_(settings("http://127.0.0.1:9", attempts=1)).pages(reading(), None))
    with (
        scripted_server(lambda _: Reply(200, promised=9, ending="silent")) as server,
        pytest.raises(RetryableError) as silent,
    ):
        list(open_(settings(server.url, timeout_s=1.0)).pages(reading(), None))
    assert hidden(caplog.text, *(traceback.format_exception(each.value) for each in (away, silent)))


def test_a_write_carries_the_key_too() -> None:
    write = Write("make", "r-1", "keyed", (Part("v2/things", {}, {"name": "n"}),))
    with scripted_server(lambda _: as_json({"id": "t9"}, 201)) as server:
        with closing(open_sink(settings(server.url))) as sink:
            assert sink.send(write).reference == "t9"
        (asked,) = server.asked
    assert (asked.method, shown(asked), json.loads(asked.body)) == ("POST", [KEY], {"name": "n"})


def test_a_collection_that_has_not_changed_is_asked_for_with_the_key(open_: Open) -> None:
    def answer(asked: Asked) -> Reply:
        assert shown(asked) == [KEY]
        if asked.headers.get("If-None-Match") == '"1"':
            return Reply(304)
        return as_json({"data": things(1)}, ETag='"1"')

    with scripted_server(answer) as server:
        source = open_(settings(server.url))
        read = replace(reading(), hub_clock=NOW)
        (first,) = source.pages(read, None)
        (second,) = source.pages(read, json.loads(json.dumps(first.resume)))
    assert second.unchanged
    assert hidden(json.dumps(first.resume))


def test_a_proxy_of_the_environment_is_heeded(open_: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted_server(lambda _: as_json({"data": things(1)})) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        pages = list(open_(settings("http://things.example", plain_http=True)).pages(reading(), None))
    assert ids(pages) == ["t1"]
    assert proxy.asked[0].path.startswith("http://things.example/v2/things?")
    assert shown(proxy.asked[0]) == [KEY]


@pytest.mark.parametrize(
    ("options", "secrets", "told"),
    [
        ({"api_key_in": "body"}, {"api_key": SecretStr(KEY)}, "api_key_in: 'body' is unknown"),
        ({}, {}, "secrets: api_key is missing"),
        ({"api_key_parameter": ""}, {"api_key": SecretStr(KEY)}, "api_key_parameter is missing"),
    ],
)
def test_a_setting_that_will_not_do_is_told_at_once(
    options: dict[str, Any], secrets: dict[str, SecretStr], told: str, open_: Open
) -> None:
    with pytest.raises(ConfigurationError, match=told):
        open_(replace(settings("http://127.0.0.1:9", **options), secrets=secrets))
