"""What the tests of REST sources read, and how they ask."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from pydantic import SecretStr

from connectors.ports import Page, Source, StreamRead, SystemSettings
from tests.fakes.scripted_http import Asked, Reply

Open = Callable[[SystemSettings], Source]
READ = StreamRead("things", "v2/things", ("id", "name"), ("id",), page_size=3, options={"rows": "data"})
NOW = datetime(2026, 4, 5, 12, tzinfo=UTC)
SECRET = "hush-hush-0815"


def reading(**options: Any) -> StreamRead:
    return replace(READ, options={**READ.options, **options})


def settings(url: str, login: str = "bearer", named: str = "token", **options: Any) -> SystemSettings:
    known = {"login": login, "longest_wait_s": 0.05, **options}
    secrets = {named: SecretStr(SECRET)} if login != "none" else {}
    return SystemSettings("theirs", "rest", url, known, secrets, timeout_s=30.0)


def ids(pages: list[Page]) -> list[str]:
    return [record["id"] for page in pages for record in page.records]


def as_json(told: Any, status: int = 200, **headers: str) -> Reply:
    return Reply(status, json.dumps(told).encode(), {"Content-Type": "application/json", **headers})


def header(asked: Asked, name: str) -> str:
    return next((value for known, value in asked.headers.items() if known.lower() == name.lower()), "")


STYLES = {
    "cursor": {"paging": "cursor", "position_parameter": "offset"},
    "page": {"paging": "page"},
    "offset": {"paging": "offset", "total": "header:X-Total"},
    "link": {"paging": "link"},
    "header": {"paging": "link"},
    "none": {"paging": "none"},
}


def by_token(url: str, **options: Any) -> SystemSettings:
    return settings(url, "oauth2", "client_secret", token_url="/token", client_id="hub", **options)


CURSOR = reading(position_parameter="offset")
