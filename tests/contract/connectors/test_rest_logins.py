"""Logins of a REST source over real HTTP: headers, and tokens that end."""

from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr
from rest_reading import CURSOR, READ, SECRET, Open, as_json, by_token, header, ids

from canonical_model.errors import ConfigurationError
from connectors.http.logins import ClientToken
from connectors.ports import Page, SystemSettings
from tests.fakes.paged_things import things
from tests.fakes.scripted_http import Asked, Reply, scripted_server


@pytest.mark.parametrize(
    ("login", "secrets", "options", "name", "value"),
    [
        ("api_key", {"api_key": "k 1"}, {}, "X-API-Key", "k 1"),
        ("api_key", {"api_key": "ApiKey k"}, {"api_key_header": "Authorization"}, "Authorization", "ApiKey k"),
        ("bearer", {"token": "t"}, {}, "Authorization", "Bearer t"),
        ("basic", {"password": "pä:ss"}, {"username": "hub"}, "Authorization", "Basic aHViOnDDpDpzcw=="),
        ("none", {}, {}, "Authorization", ""),
    ],
)
def test_a_login_of_one_header(
    login: str, secrets: dict[str, str], options: dict[str, Any], name: str, value: str, open_: Open
) -> None:
    with scripted_server(lambda _: as_json({"data": []})) as server:
        known = SystemSettings(
            "theirs", "rest", server.url, {"login": login, **options}, {k: SecretStr(v) for k, v in secrets.items()}
        )
        list(open_(known).pages(READ, None))
    assert [header(asked, name) for asked in server.asked] == [value]


class TokenDesk:
    """Gives tokens by number, and takes only the last one."""

    def __init__(self, **told: Any) -> None:
        self.told = told
        self.given = 0
        self.questions: list[Asked] = []
        self.refused = 0

    def __call__(self, asked: Asked) -> Reply:
        if asked.path == "/token":
            self.questions.append(asked)
            self.given += 1
            return as_json({"access_token": f"token-{self.given}", "token_type": "Bearer", **self.told})
        if header(asked, "Authorization") != f"Bearer token-{self.given}":
            self.refused += 1
            return as_json({"error": "invalid_token"}, 401)
        offset = int(asked.path.rpartition("offset=")[2] or 0) if "offset=" in asked.path else 0
        rows = things(*range(offset + 1, min(offset + 4, 8)))
        return as_json({"data": rows, **({"next": str(offset + 3)} if offset + 3 < 7 else {})})


def test_one_token_serves_a_whole_pull(open_: Open) -> None:
    desk = TokenDesk(expires_in=3600)
    with scripted_server(desk) as server:
        assert len(ids(list(open_(by_token(server.url)).pages(CURSOR, None)))) == 7
    assert (desk.given, desk.refused) == (1, 0)


@pytest.mark.parametrize("life", [0, "0"])
def test_a_token_is_renewed_before_it_ends_and_never_sent_after(life: Any, open_: Open) -> None:
    desk = TokenDesk(expires_in=life)
    with scripted_server(desk) as server:
        assert len(ids(list(open_(by_token(server.url)).pages(CURSOR, None)))) == 7
    assert (desk.given, desk.refused) == (3, 0)


def test_a_token_that_ends_before_its_time_is_renewed_once_and_no_page_is_lost(open_: Open) -> None:
    desk = TokenDesk(expires_in=3600)
    with scripted_server(desk) as server:
        source = open_(by_token(server.url))
        pages: list[Page] = []
        for page in source.pages(CURSOR, None):
            pages.append(page)
            desk.given += 1  # whatever was given counts no more
    assert len(ids(pages)) == 7
    assert desk.refused == 2


@pytest.mark.parametrize(
    ("expires_in", "moments"),
    [
        (3600, {0.0: 1, 3539.0: 1, 3540.0: 2}),
        ("3600", {0.0: 1, 3541.0: 2}),
        (30, {0.0: 1, 26.9: 1, 27.1: 2}),
        (None, {0.0: 1, 1e9: 1}),
        ("soon", {0.0: 1, 1e9: 1}),
        (-5, {0.0: 1, 1e9: 1}),
        (True, {0.0: 1, 1e9: 1}),
    ],
)
def test_when_a_token_is_renewed(expires_in: Any, moments: dict[float, int]) -> None:
    desk = TokenDesk(expires_in=expires_in)
    clock = [0.0]

    class Told:
        def __init__(self, reply: Reply) -> None:
            self.status_code, self.headers, self.content = reply.status, reply.headers, reply.body

    known = by_token("https://things.example")
    token = ClientToken(
        known,
        address=_split("https://things.example"),
        ask=lambda url, form, headers: Told(desk(Asked("POST", "/token", {}, b""))),
        clock=lambda: clock[0],
    )
    for moment, number in moments.items():
        clock[0] = moment
        assert token.header() == {"Authorization": f"Bearer token-{number}"}


def _split(url: str) -> Any:
    from urllib.parse import urlsplit

    return urlsplit(url)


@pytest.mark.parametrize("client_login", ["header", "body"])
def test_a_client_says_who_it_is_where_the_service_wants_it(client_login: str, open_: Open) -> None:
    desk = TokenDesk()
    with scripted_server(desk) as server:
        known = by_token(server.url, client_login=client_login, scope="read", token_fields={"audience": "things"})
        list(open_(known).pages(CURSOR, None))
    (asked,) = desk.questions
    form = asked.body.decode()
    assert "grant_type=client_credentials" in form
    assert "scope=read" in form
    assert "audience=things" in form
    assert (SECRET in form) == (client_login == "body")
    assert header(asked, "Authorization").startswith("Basic ") == (client_login == "header")


@pytest.mark.parametrize("token_url", ["http://127.0.0.1:9/token", "http://elsewhere.example/token"])
def test_a_client_secret_goes_to_no_other_host_unencrypted(token_url: str, open_: Open) -> None:
    known = by_token("https://things.example")
    with pytest.raises(ConfigurationError, match="token_url: expected https"):
        open_(replace(known, options={**known.options, "token_url": token_url}))
