"""Feeds of rows as a REST application lists them: pages, changes since a moment, entity tags.

A listing takes ``updated_since`` (ISO 8601 with a zone), ``limit`` (1 to 1000, 200 unless told) and ``cursor``, and
answers ``{"data": [rows], "next": cursor or null}`` in the order of (``updated_at``, ``id``), with ``X-Total-Count``
(rows held at all) and ``ETag`` (``If-None-Match`` gives 304). One with ``client_reference`` holds the rows that were
made under that reference and no others. ``LISTING/KEY`` gives one row.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulated_estate.books import Row
from simulated_estate.faults.feed import Feeds
from simulated_estate.faults.point import FaultPoint
from simulated_estate.servers.field_service_json import as_json, tag_of
from simulated_estate.servers.field_service_problems import ProblemError
from simulated_estate.servers.instants import as_instant
from simulated_estate.servers.ordered_rows import OrderedRows, Position

STAMP = "updated_at"
KEY = "id"
LARGEST_PAGE = 1000
USUAL_PAGE = 200


class RestFeeds:
    """The listings of some rows.

    Args:
        rows: by the key of a feed.
        feeds: path of each listing -> key of its rows.
        check: counts a request, and raises ``ProblemError`` for one that may not come in.
        point: the faults of the system.
    """

    def __init__(
        self,
        rows: dict[str, list[Row]],
        feeds: Mapping[str, str],
        check: Callable[[Headers], None],
        point: FaultPoint,
    ) -> None:
        self._rows = rows
        self._keys = feeds
        self._check = check
        self._feeds = Feeds(point)
        self._ordered = {path: self._ordered_rows(path, key) for path, key in feeds.items()}

    def routes(self, root: str) -> Iterator[Route]:
        """Where the listings and their single rows are, below a root."""
        for path in self._keys:
            yield Route(f"{root}/{path}", self._listing(path), name=path)
        for path in self._keys:
            yield Route(f"{root}/{path}/{{key}}", self._single(path), name=f"{path}-one")

    def _ordered_rows(self, path: str, key: str) -> OrderedRows:
        return OrderedRows(path, lambda: self._rows.get(key, []), STAMP, KEY, self._feeds)

    def _listing(self, path: str) -> Callable[[Request], Any]:
        async def listing(request: Request) -> Response:
            self._check(request.headers)
            limit = _limit(request.query_params.get("limit"))
            reference = request.query_params.get("client_reference")
            if reference is not None:
                return _tagged(request, as_json({"data": self._made_under(path, reference), "next": None}), {})
            since = _since(request.query_params.get("updated_since"))
            cursor = request.query_params.get("cursor")
            page = self._ordered[path].page(_position(path, cursor) if cursor else None, since, limit)
            following = _cursor(path, page.following) if page.following else None
            body = as_json({"data": self._feeds.repeated(page.rows), "next": following})
            return _tagged(request, body, {"X-Total-Count": str(page.total)})

        return listing

    def _single(self, path: str) -> Callable[[Request], Any]:
        async def single(request: Request) -> Response:
            self._check(request.headers)
            key = request.path_params["key"]
            rows = [] if self._feeds.is_empty else self._rows.get(self._keys[path], [])
            row = next((row for row in rows if row[KEY] == key), None)
            if row is None:
                raise ProblemError(404, "not-found", f"There is no {key} under {path}")
            content = as_json(row)
            return _tagged(request, content, {}, tag_of(content))

        return single

    def _made_under(self, path: str, reference: str) -> list[Row]:
        rows = [] if self._feeds.is_empty else self._rows.get(self._keys[path], [])
        return [row for row in rows if row.get("client_reference") == reference]


def _tagged(request: Request, body: bytes, headers: dict[str, str], tag: str = "") -> Response:
    tag = tag or f"W/{tag_of(body)}"
    headers["ETag"] = tag
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json")


def _limit(text: str | None) -> int:
    if text is None:
        return USUAL_PAGE
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= LARGEST_PAGE):
        raise ProblemError(400, "invalid-parameter", f"limit must be 1 to {LARGEST_PAGE}", "limit")
    return int(text)


def _since(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))  # a bare + in a URL arrives as a space
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        detail = "updated_since must be an ISO 8601 time with a zone"
        raise ProblemError(400, "invalid-parameter", detail, "updated_since")
    return as_instant(moment)


def _cursor(path: str, position: Position) -> str:
    moment, key = position
    return urlsafe_b64encode(json.dumps([path, moment.isoformat(), key]).encode()).decode()


def _position(path: str, cursor: str) -> Position:
    try:
        written_for, moment, key = json.loads(urlsafe_b64decode(cursor.encode()))
        if written_for == path:
            return as_instant(moment), str(key)
    except (Base64Error, ValueError, TypeError):
        pass
    raise ProblemError(400, "unknown-cursor", "The cursor was not given out by this feed", "cursor")
