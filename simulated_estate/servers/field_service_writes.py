"""What the field service API takes: new work orders, and changes of existing ones.

``POST /api/v2/work-orders`` makes one out of ``order_reference``, ``region``, ``type`` and, if wanted,
``client_reference``, ``scheduled_for``, ``expected_serial``, ``address`` and ``notes``; it answers 201 with the row.
``PATCH /api/v2/work-orders/{id}`` changes ``state``, ``scheduled_for``, ``expected_serial`` or ``notes``; with
``If-Match`` only the version that has this ETag. With ``Idempotency-Key`` the same request again is answered with the
first answer (``Idempotent-Replayed: true``), and another request under a known key with 422.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from simulated_estate.books import Row
from simulated_estate.servers.field_service_json import as_json, tag_of
from simulated_estate.servers.field_service_problems import ProblemError
from simulated_estate.servers.instants import as_instant, iso_z
from simulated_estate.servers.write_log import WriteLog

TYPES = ("install", "change", "repair", "move", "disconnect")
STATES = ("new", "booked", "en_route", "on_site", "parked", "done", "unable", "void")
ENDED = ("done", "unable", "void")
_REQUIRED = ("order_reference", "region", "type")
_NEW = (*_REQUIRED, "client_reference", "scheduled_for", "expected_serial", "address", "notes")
_CHANGED = ("state", "scheduled_for", "expected_serial", "notes")


@dataclass(frozen=True, slots=True)
class _Answered:
    """An answer under an idempotency key, with what was asked."""

    asked: str
    status: int
    body: bytes
    tag: str


class WorkOrderDesk:
    """Makes and changes work orders; remembers every answer that was given under an idempotency key."""

    def __init__(self, rows: Callable[[], list[Row]], clock: Callable[[], datetime], log: WriteLog) -> None:
        self._rows = rows
        self._clock = clock
        self._log = log
        self._answers: dict[str, _Answered] = {}

    async def create(self, request: Request) -> Response:
        """``POST``: a new work order."""
        body = await request.body()
        known = self._known(request, body)
        if known is not None:
            return known
        asked = _asked(body, _NEW)
        if missing := [name for name in _REQUIRED if not asked.get(name)]:
            raise ProblemError(422, "missing-field", f"{missing[0]} must be given", missing[0])
        _check(asked)
        row = self._row(asked)
        self._rows().append(row)
        key = request.headers.get("idempotency-key", "")
        self._log.note("fsm", "POST work-orders", key or str(asked.get("client_reference", "")), row["id"])
        return self._answer(request, body, 201, row)

    async def change(self, request: Request) -> Response:
        """``PATCH``: a change of a work order."""
        body = await request.body()
        known = self._known(request, body)
        if known is not None:
            return known
        asked = _asked(body, _CHANGED)
        _check(asked)
        key = request.path_params["key"]
        row = next((row for row in self._rows() if row["id"] == key), None)
        if row is None:
            raise ProblemError(404, "not-found", f"There is no {key} under work-orders")
        wanted = request.headers.get("if-match", "")
        if wanted and wanted not in ("*", tag_of(as_json(row))):
            raise ProblemError(412, "changed-meanwhile", "The work order has changed since it was read")
        if row.get("state") in ENDED and asked.get("state", row["state"]) != row["state"]:
            raise ProblemError(422, "ended", "The work order has ended", "state")
        row.update(asked, updated_at=iso_z(self._clock()))
        self._log.note("fsm", "PATCH work-orders", request.headers.get("idempotency-key", ""), key)
        return self._answer(request, body, 200, row)

    def _row(self, asked: Row) -> Row:
        now = iso_z(self._clock())
        number = hashlib.sha256(f"{len(self._rows())}:{now}:{asked}".encode()).hexdigest()[:8]
        given = {name: value for name, value in asked.items() if name != "notes" or value}
        return {
            "id": f"wo_{number}",
            "state": "booked" if asked.get("scheduled_for") else "new",
            "address": "",
            "scheduled_for": None,
            "expected_serial": None,
            "visits": [],
            "activities": [],
            **given,
            "created_at": now,
            "updated_at": now,
        }

    def _known(self, request: Request, body: bytes) -> Response | None:
        known = self._answers.get(request.headers.get("idempotency-key", ""))
        if known is None:
            return None
        if known.asked != _fingerprint(request, body):
            raise ProblemError(422, "key-reused", "The idempotency key stands for another request")
        headers = {"ETag": known.tag, "Idempotent-Replayed": "true"}
        return Response(known.body, known.status, headers, media_type="application/json")

    def _answer(self, request: Request, body: bytes, status: int, row: Row) -> Response:
        content = as_json(row)
        if key := request.headers.get("idempotency-key", ""):
            self._answers[key] = _Answered(_fingerprint(request, body), status, content, tag_of(content))
        return Response(content, status, {"ETag": tag_of(content)}, media_type="application/json")


def _fingerprint(request: Request, body: bytes) -> str:
    return f"{request.method} {request.url.path} {hashlib.sha256(body).hexdigest()}"


def _asked(body: bytes, known: tuple[str, ...]) -> Row:
    try:
        asked: Any = json.loads(body)
    except ValueError:
        raise ProblemError(400, "no-json", "The body is no JSON") from None
    if not isinstance(asked, dict):
        raise ProblemError(400, "no-object", "The body is no JSON object")
    if unknown := [name for name in asked if name not in known]:
        raise ProblemError(422, "unknown-field", f"{unknown[0]} is not a field that can be written", unknown[0])
    return asked


def _check(asked: Row) -> None:
    words = {"type": TYPES, "state": STATES}
    for name, allowed in words.items():
        if name in asked and asked[name] not in allowed:
            raise ProblemError(422, "unknown-word", f"{name} is one of {', '.join(allowed)}", name)
    moment = asked.get("scheduled_for")
    if moment is None:
        return
    try:
        as_instant(str(moment)).astimezone(UTC)
    except ValueError:
        raise ProblemError(422, "no-moment", "scheduled_for is no ISO 8601 time", "scheduled_for") from None
