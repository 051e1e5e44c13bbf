"""Query jobs of Bulk API 2.0: created, polled, read page by page, aborted, deleted."""

import gzip
import threading
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from simulated_estate.faults.point import FaultPoint
from simulated_estate.servers.salesforce.bodies import json_object
from simulated_estate.servers.salesforce.columns import written
from simulated_estate.servers.salesforce.errors import OrgError, malformed_query, not_found
from simulated_estate.servers.salesforce.queries import Queries, Result
from simulated_estate.servers.salesforce.result_csv import DELIMITERS, LINE_ENDINGS, csv_lines
from simulated_estate.servers.salesforce.sessions import USER_ID
from simulated_estate.servers.salesforce.soql import parse_soql

DAILY_JOBS = 10_000
USUAL_PAGE = 50_000
WITHOUT_BULK = frozenset({"PicklistValueInfo"})
_ENDED = ("JobComplete", "Aborted", "Failed")


@dataclass(slots=True)
class Job:
    """A query job; its result is frozen when it is done, as text lines with the header first."""

    info: dict[str, Any]
    result: Result
    lines: list[str] = field(default_factory=list)


class BulkQueries:
    """The query jobs of an org. A job moves on by a state each time that it is asked after."""

    def __init__(self, queries: Queries, point: FaultPoint) -> None:
        self._queries = queries
        self._point = point
        self._jobs: dict[str, Job] = {}
        self._created = 0
        self._lock = threading.Lock()

    @property
    def jobs_left(self) -> int:
        """Jobs that may still be created today."""
        return max(0, DAILY_JOBS - self._created)

    async def jobs(self, request: Request) -> Response:
        """Create a job (POST) or list all (GET)."""
        if request.method == "GET":
            return JSONResponse(
                {"done": True, "records": [job.info for job in self._jobs.values()], "nextRecordsUrl": None}
            )
        return JSONResponse(self._create(await json_object(request), request.path_params["version"]))

    async def job(self, request: Request) -> Response:
        """Tell of a job (GET), abort it (PATCH) or delete it (DELETE)."""
        job = self._known(request)
        if request.method == "DELETE":
            if job.info["state"] not in _ENDED:
                raise _wrong_state(job)
            del self._jobs[job.info["id"]]
            return Response(status_code=204)
        if request.method == "PATCH":
            if (await json_object(request)).get("state") != "Aborted" or job.info["state"] in _ENDED:
                raise _wrong_state(job)
            job.info["state"] = "Aborted"
        else:
            self._advance(job)
        return JSONResponse(job.info)

    async def results(self, request: Request) -> Response:
        """A page of a finished job's result, compressed for who takes it so."""
        job = self._known(request)
        if job.info["state"] != "JobComplete":
            raise _wrong_state(job)
        start = _start_of(request.query_params.get("locator", ""), len(job.lines))
        wanted = request.query_params.get("maxRecords", "")
        size = int(wanted) if wanted.isdigit() and int(wanted) else USUAL_PAGE
        lines = job.lines[1 + start : 1 + start + size]
        reached = start + len(lines)
        is_last = reached >= len(job.lines) - 1
        if is_last:
            self._queries.end_listing(job.result)
        body = "".join([job.lines[0], *lines]).encode()
        headers = {
            "Sforce-Locator": "null" if is_last else urlsafe_b64encode(str(reached).encode()).decode().rstrip("="),
            "Sforce-NumberOfRecords": str(len(lines)),
        }
        if "gzip" in request.headers.get("accept-encoding", ""):
            body, headers["Content-Encoding"] = gzip.compress(body, 1), "gzip"
        return Response(body, headers=headers, media_type="text/csv")

    def _create(self, wanted: dict[str, Any], version: str) -> dict[str, Any]:
        kind = wanted.get("operation")
        if kind not in ("query", "queryAll"):
            raise OrgError(400, "INVALIDJOB", f"Invalid operation: {kind}")
        delimiter, ending = wanted.get("columnDelimiter") or "COMMA", wanted.get("lineEnding") or "LF"
        if delimiter not in DELIMITERS or ending not in LINE_ENDINGS:
            raise OrgError(400, "INVALIDJOB", "Unknown columnDelimiter or lineEnding")
        query = parse_soql(str(wanted.get("query") or ""))
        if query.children:
            raise OrgError(400, "API_ERROR", "Aggregate Relationships not supported in Bulk V2 Query")
        if not query.fields:
            raise OrgError(400, "API_ERROR", "Aggregate Functions not supported in Bulk V2 Query")
        if query.offset:
            raise malformed_query("OFFSET clause is not supported in Bulk V2 Query")
        if query.sobject in WITHOUT_BULK:
            raise OrgError(400, "INVALIDENTITY", f"Entity '{query.sobject}' is not supported by the Bulk API.")
        result = self._queries.run(query, kind, version)
        with self._lock:
            self._created += 1
            info = {
                "id": f"750LV{self._created:010d}AAA",
                "operation": kind,
                "object": result.entity,
                "createdById": USER_ID,
                "createdDate": written(datetime.now(UTC)),
                "systemModstamp": written(datetime.now(UTC)),
                "state": "UploadComplete",
                "concurrencyMode": "Parallel",
                "contentType": "CSV",
                "apiVersion": float(version.removeprefix("v")),
                "lineEnding": ending,
                "columnDelimiter": delimiter,
            }
            self._jobs[str(info["id"])] = Job(info, result)
        return info

    def _advance(self, job: Job) -> None:
        if job.info["state"] == "UploadComplete":
            job.info["state"] = "InProgress"
        elif job.info["state"] == "InProgress":
            if self._point.happens(self._point.faults.job_fails):
                job.info |= {"state": "Failed", "errorMessage": "TimeOut: retried more than 15 times"}
                return
            ending = LINE_ENDINGS[job.info["lineEnding"]]
            job.lines = list(csv_lines(job.result, DELIMITERS[job.info["columnDelimiter"]], ending))
            done = {"numberRecordsProcessed": len(job.lines) - 1, "retries": 0, "totalProcessingTime": 1}
            job.info |= {"state": "JobComplete", "jobType": "V2Query", **done}

    def _known(self, request: Request) -> Job:
        job = self._jobs.get(request.path_params["job"])
        if job is None:
            raise not_found()
        return job


def _start_of(locator: str, lines: int) -> int:
    if not locator:
        return 0
    try:
        start = int(urlsafe_b64decode(locator + "=" * (-len(locator) % 4)))
    except ValueError:
        start = lines
    if not 0 < start < lines - 1:
        raise OrgError(400, "INVALIDLOCATOR", "Invalid locator")
    return start


def _wrong_state(job: Job) -> OrgError:
    return OrgError(400, "INVALIDJOBSTATE", f"Job {job.info['id']} is in state {job.info['state']}")
