"""The org's web application: which path answers what."""

import json
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulated_estate.books import Row
from simulated_estate.faults.feed import Feeds
from simulated_estate.faults.point import FaultPoint
from simulated_estate.servers.forms import form_fields
from simulated_estate.servers.salesforce.bulk_queries import DAILY_JOBS, BulkQueries
from simulated_estate.servers.salesforce.collections_of_records import Collections
from simulated_estate.servers.salesforce.errors import OrgError, limit_exceeded, malformed_query, not_found
from simulated_estate.servers.salesforce.queries import Queries
from simulated_estate.servers.salesforce.schema import Schema
from simulated_estate.servers.salesforce.sessions import LoginError, OrgCredentials, Sessions
from simulated_estate.servers.salesforce.writes import Writes
from simulated_estate.servers.write_log import WriteLog

PAGE_SIZE = 2000
SMALLEST_PAGE = 200
DAILY_REQUESTS = 100_000
_VERSIONS = range(30, 67)
_Answer = Callable[[Request], Awaitable[Response]]
_Resource = tuple[str, list[str], _Answer]
"""Path, methods and what answers them."""


class SalesforceOrg:
    """One org: its rows, sessions and limits, and the application that serves them.

    Args:
        rows: sObject name -> rows, read anew for each request.
        address: the URL that clients reach the org by.
        smallest_page: what a smaller ``batchSize`` is raised to, 200 in a real org.
    """

    def __init__(
        self,
        rows: dict[str, list[Row]],
        credentials: OrgCredentials,
        point: FaultPoint,
        address: str,
        smallest_page: int = SMALLEST_PAGE,
        clock: Callable[[], datetime] | None = None,
        log: WriteLog | None = None,
    ) -> None:
        self.sessions = Sessions(credentials, lambda: point.faults.expire_session)
        self._point = point
        self._schema = Schema(rows)
        self._queries = Queries(rows, self._schema, Feeds(point))
        self._bulk = BulkQueries(self._queries, point)
        self._collections = Collections(rows, self._schema)
        self._writes = Writes(rows, self._schema, clock or _wall_clock, log or WriteLog())
        self._address = address
        self._smallest_page = smallest_page
        self._requests = 0
        data = "/services/data/{version}"
        self.application = Starlette(
            routes=[
                Route("/services/oauth2/token", self._token, methods=["POST"]),
                Route("/services/Soap/u/{version}", self._soap_login, methods=["POST"]),
                Route("/services/data", self._versions),
                Route("/services/data/", self._versions),
                Route(f"{data}/composite", self._guarded(self._composite), methods=["POST"]),
                Route(f"{data}/sobjects/{{entity}}/{{field}}/{{value}}", self._guarded(self._read)),
                Route(
                    f"{data}/sobjects/{{entity}}/{{field}}/{{value}}", self._guarded(self._upsert), methods=["PATCH"]
                ),
                *(
                    Route(f"{data}{path}{slash}", self._guarded(answer), methods=methods)
                    for path, methods, answer in self._resources()
                    for slash in ("", "/")
                ),
            ],
            exception_handlers={OrgError: _refuse, 404: _nowhere},
        )
        self.application.router.redirect_slashes = False

    def _resources(self) -> list[_Resource]:
        return [
            ("/query", ["GET"], self._query),
            ("/queryAll", ["GET"], self._query),
            ("/jobs/query", ["GET", "POST"], self._bulk.jobs),
            ("/jobs/query/{job}", ["GET", "PATCH", "DELETE"], self._bulk.job),
            ("/jobs/query/{job}/results", ["GET"], self._bulk.results),
            ("/composite/sobjects", ["POST", "PATCH", "DELETE"], self._collections.write),
            ("/composite/sobjects/{entity}", ["GET", "POST"], self._collections.read),
            ("/{kind:str}/{locator:str}", ["GET"], self._more),
            ("/limits", ["GET"], self._limits),
            ("/sobjects", ["GET"], self._sobjects),
            ("/sobjects/{entity}/describe", ["GET"], self._describe),
        ]

    def _guarded(self, answer: _Answer) -> _Answer:
        async def guarded(request: Request) -> Response:
            if not _is_version(request.path_params["version"]):
                raise not_found()
            self.sessions.check(request.headers.get("authorization", ""))
            self._requests += 1
            if self._requests > self._allowed():
                raise limit_exceeded()
            response = await answer(request)
            response.headers["Sforce-Limit-Info"] = f"api-usage={self._requests}/{self._allowed()}"
            return response

        return guarded

    def _allowed(self) -> int:
        return self._point.faults.request_limit or DAILY_REQUESTS

    async def _token(self, request: Request) -> Response:
        form = await form_fields(request)
        try:
            return JSONResponse(self.sessions.log_in(form, request.headers.get("authorization", ""), self._address))
        except LoginError as refusal:
            return JSONResponse({"error": refusal.code, "error_description": refusal.description}, 400)

    async def _soap_login(self, request: Request) -> Response:
        version = request.path_params["version"]
        status, envelope = self.sessions.log_in_by_soap(await request.body(), self._address, version)
        return Response(envelope, status, media_type="text/xml")

    async def _versions(self, _request: Request) -> Response:
        return JSONResponse(
            [{"label": f"v{n}.0", "url": f"/services/data/v{n}.0", "version": f"{n}.0"} for n in _VERSIONS]
        )

    async def _query(self, request: Request) -> Response:
        soql = request.query_params.get("q", "")
        if not soql:
            raise malformed_query("A query string has to be specified")
        kind = request.url.path.rstrip("/").rpartition("/")[2]
        version = request.path_params["version"]
        return JSONResponse(self._queries.first_page(soql, kind, version, self._page_size(request)))

    async def _more(self, request: Request) -> Response:
        kind, locator = request.path_params["kind"], request.path_params["locator"]
        if kind not in ("query", "queryAll"):
            raise not_found()
        return JSONResponse(self._queries.next_page(locator, kind, self._page_size(request)))

    async def _read(self, request: Request) -> Response:
        fields = [name for name in request.query_params.get("fields", "").split(",") if name]
        return JSONResponse(self._writes.read(*_record_path(request), fields))

    async def _upsert(self, request: Request) -> Response:
        version = int(request.path_params["version"].removeprefix("v").partition(".")[0])
        only = request.query_params.get("updateOnly") == "true"
        try:
            body = json.loads(await request.body())
        except ValueError:
            raise OrgError(400, "JSON_PARSER_ERROR", "The body is no JSON") from None
        status, told = self._writes.upsert(_record_path(request), body, version, update_only=only)
        return Response(status_code=status) if told is None else JSONResponse(told, status)

    async def _composite(self, request: Request) -> Response:
        return JSONResponse(self._writes.composite(await request.body()))

    def _page_size(self, request: Request) -> int:
        wanted = re.search(r"batchSize\s*=\s*(\d+)", request.headers.get("sforce-query-options", ""), re.IGNORECASE)
        return min(PAGE_SIZE, max(self._smallest_page, int(wanted[1]))) if wanted else PAGE_SIZE

    async def _limits(self, _request: Request) -> Response:
        left = max(0, self._allowed() - self._requests)
        return JSONResponse(
            {
                "DailyApiRequests": {"Max": self._allowed(), "Remaining": left},
                "DailyBulkV2QueryJobs": {"Max": DAILY_JOBS, "Remaining": self._bulk.jobs_left},
                "DailyBulkV2QueryFileStorageMB": {"Max": 976_562, "Remaining": 976_562},
            }
        )

    async def _sobjects(self, _request: Request) -> Response:
        summaries: list[dict[str, Any]] = [self._schema.summary(name) for name in self._schema.entities()]
        return JSONResponse({"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": summaries})

    async def _describe(self, request: Request) -> Response:
        entity = self._schema.entity(request.path_params["entity"])
        if entity is None:
            raise not_found()
        return JSONResponse(self._schema.describe(entity))


def _wall_clock() -> datetime:
    return datetime.now(UTC)


def _record_path(request: Request) -> tuple[str, str, str]:
    """sObject, external id field and value; the value as it was before it was quoted."""
    entity, field, value = request.scope["raw_path"].decode().rsplit("/", 3)[-3:]
    return unquote(entity), unquote(field), unquote(value)


def _is_version(text: str) -> bool:
    found = re.fullmatch(r"v(\d+)\.0", text)
    return found is not None and int(found[1]) in _VERSIONS


async def _refuse(_request: Request, error: Exception) -> Response:
    assert isinstance(error, OrgError)  # noqa: S101 -- Starlette hands over what was registered
    return JSONResponse(error.body(), error.status)


async def _nowhere(request: Request, _error: Exception) -> Response:
    return await _refuse(request, not_found())
