"""A REST service with one collection, paged in any style, with entity tags and tokens that end: over real HTTP."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.fakes.scripted_http import Asked, Reply, ScriptedServer, scripted_server


def things(*numbers: int) -> list[dict[str, Any]]:
    return [{"id": f"t{number}", "at": f"2026-01-01T00:{number:02d}:00Z", "name": f"n{number}"} for number in numbers]


@dataclass
class Things:
    """What the service holds, and how it tells it.

    Attributes:
        style: cursor, page, offset, link (in the body), header (a Link header) or none.
        rows: what it holds.
        is_tagged: whether answers bear an entity tag, made of their body alone.
        base: where links lead; relative to the question where it is empty.
        asked: conditional and plain questions for the collection, with their status.
    """

    style: str = "cursor"
    rows: list[dict[str, Any]] = field(default_factory=lambda: things(*range(1, 8)))
    is_tagged: bool = False
    base: str = ""
    asked: list[tuple[int, bool]] = field(default_factory=list)

    def __call__(self, asked: Asked) -> Reply:
        query = {name: values[0] for name, values in parse_qs(urlsplit(asked.path).query).items()}
        size = int(query.get("limit", 3)) if self.style != "none" else len(self.rows)
        start = int(query.get("offset", 0)) if "page" not in query else (int(query["page"]) - 1) * size
        rows, behind = self.rows[start : start + size], start + size
        body: dict[str, Any] = {"data": rows}
        headers = {"Content-Type": "application/json", "X-Total": str(len(self.rows))}
        if behind < len(self.rows):
            link = f"{self.base}?limit={size}&offset={behind}"
            if self.style == "cursor":
                body["next"] = str(behind)
            elif self.style == "link":
                body["next"] = link
            elif self.style == "header":
                headers["Link"] = f'<?offset=0>; rel="prev first", <{link}>; rel="next"'
        text = json.dumps(body).encode()
        tag = f'"{sha256(text).hexdigest()[:12]}"'
        is_same = self.is_tagged and _header(asked, "if-none-match") == tag
        self.asked.append((304 if is_same else 200, bool(_header(asked, "if-none-match"))))
        return Reply(
            304 if is_same else 200, b"" if is_same else text, headers | ({"ETag": tag} if self.is_tagged else {})
        )


def _header(asked: Asked, name: str) -> str:
    return next((value for known, value in asked.headers.items() if known.lower() == name), "")


@contextmanager
def serving(service: Things) -> Iterator[ScriptedServer]:
    with scripted_server(service) as server:
        yield server
