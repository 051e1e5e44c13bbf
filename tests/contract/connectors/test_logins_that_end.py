"""A login that is refused in the middle of a pull: what can be renewed is renewed once, the rest is told."""

import json
import logging
import re
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr
from rest_reading import as_json, header
from source_harnesses import SOAP
from test_hostile_answers import as_envelope, fault

from canonical_model.errors import ConfigurationError
from connectors.ports import Page, ResumePoint, Source, StreamRead, SystemSettings
from simulated_estate.servers.billing_schema import FEEDS, NAMESPACE
from simulated_estate.servers.billing_wsdl import wsdl_text
from tests.fakes.scripted_http import Asked, Reply, scripted_server

Open = Callable[[SystemSettings], Source]
SECRET = "hush-hush-0815"
KEYS = [f"t{number}" for number in range(1, 8)]
PAGE = 3
UNAUTHORIZED = Reply(401)
XML = {"Content-Type": "text/xml; charset=utf-8"}


@dataclass
class Door:
    """Counts whom it lets in and whom it turns away.

    Attributes:
        shuts_after: pages that are given before it shuts; None leaves it open.
        opens_to: what opens it then all the same.
        tokens: how many were given out.
    """

    shuts_after: int | None = None
    opens_to: str = ""
    tokens: int = 0
    answered: int = 0
    refused: int = 0

    def lets_in(self, shown: str) -> bool:
        is_shut = self.shuts_after is not None and self.answered >= self.shuts_after and shown != self.opens_to
        self.refused += is_shut
        self.answered += not is_shut
        return not is_shut


def rest_service(door: Door) -> Callable[[Asked], Reply]:
    def answer(asked: Asked) -> Reply:
        if asked.path == "/token":
            door.tokens += 1
            return as_json({"access_token": f"token-{door.tokens}", "expires_in": 3600})
        query = parse_qs(urlsplit(asked.path).query)
        shown = header(asked, "Authorization") or header(asked, "X-API-Key") or query.get("api_key", [""])[0]
        if not door.lets_in(shown):
            return as_json({"error": f"the key {shown} is refused"}, 401)
        start = int(query.get("cursor", ["0"])[0])
        rows = [{"id": key, "at": f"2026-01-0{key[1:]}T00:00:00Z"} for key in KEYS[start : start + PAGE]]
        following = {"next": str(start + PAGE)} if start + PAGE < len(KEYS) else {}
        return as_json({"data": rows, **following})

    return answer


def soap_service(door: Door, refusal: Reply) -> Callable[[Asked], Reply]:
    def answer(asked: Asked) -> Reply:
        if asked.method == "GET":
            return Reply(200, wsdl_text(FEEDS, "http://elsewhere.invalid/").encode(), XML)
        if not door.lets_in("its name and password"):
            return refusal
        start = int((re.search(rb"pageToken>(\d+)<", asked.body) or [b"", b"0"])[1])
        rows = "".join(
            f"<chargeLine><lineId>{key}</lineId><modified>2026-01-0{key[1:]}T00:00:00Z</modified></chargeLine>"
            for key in KEYS[start : start + PAGE]
        )
        following = f"<nextPageToken>{start + PAGE}</nextPageToken>" if start + PAGE < len(KEYS) else ""
        inside = f"{rows}{following}<total>{len(KEYS)}</total>"
        return as_envelope(f'<ListChargeLinesResponse xmlns="{NAMESPACE}">{inside}</ListChargeLinesResponse>')

    return answer


ROWS = {"rows": "data", "since_parameter": "since"}
REST_READ = StreamRead("things", "v2/things", ("id", "at"), ("id",), "at", page_size=PAGE, options=ROWS)
SOAP_READ = replace(SOAP.read, fields=("lineId", "modified"), page_size=PAGE)


@dataclass(frozen=True)
class Scheme:
    kind: str
    options: dict[str, Any]
    secret: str
    refusal: Reply = UNAUTHORIZED

    @property
    def read(self) -> StreamRead:
        return REST_READ if self.kind == "rest" else SOAP_READ

    def service(self, door: Door) -> Callable[[Asked], Reply]:
        return rest_service(door) if self.kind == "rest" else soap_service(door, self.refusal)

    def settings(self, url: str) -> SystemSettings:
        secrets = {self.secret: SecretStr(SECRET)}
        return SystemSettings("theirs", self.kind, url, {**self.options, "longest_wait_s": 0.02}, secrets)


OAUTH = Scheme("rest", {"login": "oauth2", "token_url": "/token", "client_id": "hub"}, "client_secret")
FIXED = {
    "bearer": Scheme("rest", {"login": "bearer"}, "token"),
    "basic": Scheme("rest", {"login": "basic", "username": "hub"}, "password"),
    "api key": Scheme("rest", {"login": "api_key"}, "api_key"),
    "api key in the query": Scheme("rest", {"login": "api_key", "api_key_in": "query"}, "api_key"),
    "UsernameToken, 401": Scheme("soap", {"username": "hub"}, "password"),
    "UsernameToken digest, 401": Scheme("soap", {"username": "hub", "login": "digest"}, "password"),
    "UsernameToken digest, fault": Scheme(
        "soap", {"username": "hub", "login": "digest"}, "password", fault("wsse:FailedAuthentication")
    ),
    "SOAP over HTTP Basic": Scheme("soap", {"username": "hub", "login": "basic"}, "password"),
}
"""Logins that have nothing to renew: the same would be shown again."""


def pulled(source: Source, read: StreamRead, resume: ResumePoint | None, pages: list[Page]) -> None:
    for page in source.pages(read, resume):
        pages.append(page)  # noqa: PERF402 - what came before an error counts


def keys(pages: list[Page]) -> list[str]:
    return [str(record.get("id") or record["lineId"]) for page in pages for record in page.records]


def stored(page: Page) -> ResumePoint:
    found: ResumePoint = json.loads(json.dumps(page.resume))
    return found


@pytest.mark.parametrize("name", FIXED)
def test_a_login_that_cannot_be_renewed_is_told_with_system_and_page_and_the_pull_goes_on_there(
    name: str, open_: Open, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    scheme, door = FIXED[name], Door(shuts_after=2)
    with scripted_server(scheme.service(door)) as server:
        source, before = open_(scheme.settings(server.url)), list[Page]()
        with pytest.raises(ConfigurationError, match=r"^theirs: .*page 3 of this pull") as refused:
            pulled(source, scheme.read, None, before)
        assert door.refused == 1, "the same login was shown again"
        assert "login" in str(refused.value)
        assert SECRET not in caplog.text + "".join(traceback.format_exception(refused.value))
        assert keys(before) == KEYS[:6]
        assert "high" not in before[-1].resume, "the cursor has moved although the pull did not come to its end"
        door.shuts_after = None
        after: list[Page] = []
        pulled(open_(scheme.settings(server.url)), scheme.read, stored(before[-1]), after)
    assert keys(after) == KEYS[6:]
    assert after[-1].last
    assert after[-1].resume["high"] == "2026-01-07T00:00:00Z"


def test_a_token_that_is_refused_in_the_middle_is_renewed_once_and_nothing_is_doubled(open_: Open) -> None:
    door = Door(shuts_after=2, opens_to="Bearer token-2")
    with scripted_server(OAUTH.service(door)) as server:
        pages: list[Page] = []
        pulled(open_(OAUTH.settings(server.url)), OAUTH.read, None, pages)
    assert (door.tokens, door.refused) == (2, 1)
    assert keys(pages) == KEYS
    assert pages[-1].resume["high"] == "2026-01-07T00:00:00Z"


def test_a_new_token_that_is_refused_as_well_is_told_and_not_renewed_again(open_: Open) -> None:
    door = Door(shuts_after=2)
    with scripted_server(OAUTH.service(door)) as server:
        before: list[Page] = []
        with pytest.raises(ConfigurationError, match=r"^theirs: get v2/things: HTTP 401.*page 3 of this pull"):
            pulled(open_(OAUTH.settings(server.url)), OAUTH.read, None, before)
    assert (door.tokens, door.refused) == (2, 2)
    assert keys(before) == KEYS[:6]
