"""What the store room takes: a device that came back.

``POST /api/v2/stock-movements`` notes a return out of ``serial``, ``region`` and ``moved_at``, and if wanted
``work_order_id`` and ``client_reference``; it answers 201 with the row, and 200 with the first one where that
reference is known.
"""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from simulated_estate.books import Row
from simulated_estate.servers.field_service_json import as_json
from simulated_estate.servers.field_service_problems import ProblemError
from simulated_estate.servers.instants import as_instant, iso_z
from simulated_estate.servers.write_log import WriteLog

_REQUIRED = ("serial", "region", "moved_at")
_KNOWN = (*_REQUIRED, "work_order_id", "client_reference")


class StockDesk:
    """Notes what comes back."""

    def __init__(self, rows: Callable[[], list[Row]], clock: Callable[[], datetime], log: WriteLog) -> None:
        self._rows = rows
        self._clock = clock
        self._log = log

    async def returned(self, request: Request) -> Response:
        """``POST``: a device came back."""
        asked = _asked(await request.body())
        reference = asked.get("client_reference")
        known = next((row for row in self._rows() if reference and row.get("client_reference") == reference), None)
        if known is not None:
            return Response(as_json(known), 200, media_type="application/json")
        before = [row for row in self._rows() if row["serial"] == asked["serial"]]
        row: Row = {
            "id": f"mv_{str(asked['serial']).lower()}_{len(self._rows())}_ret",
            "kind": before[-1]["kind"] if before else "ont",
            "model": before[-1]["model"] if before else None,
            "type": "return",
            "work_order_id": None,
            **asked,
            "updated_at": iso_z(self._clock()),
        }
        self._rows().append(row)
        self._log.note("fsm", "POST stock-movements", str(reference or ""), row["id"])
        return Response(as_json(row), 201, media_type="application/json")


def _asked(body: bytes) -> Row:
    try:
        asked: Any = json.loads(body)
    except ValueError:
        raise ProblemError(400, "no-json", "The body is no JSON") from None
    if not isinstance(asked, dict):
        raise ProblemError(400, "no-object", "The body is no JSON object")
    if unknown := [name for name in asked if name not in _KNOWN]:
        raise ProblemError(422, "unknown-field", f"{unknown[0]} is not a field that can be written", unknown[0])
    if missing := [name for name in _REQUIRED if not asked.get(name)]:
        raise ProblemError(422, "missing-field", f"{missing[0]} must be given", missing[0])
    try:
        as_instant(str(asked["moved_at"]))
    except ValueError:
        raise ProblemError(422, "no-moment", "moved_at is no ISO 8601 time", "moved_at") from None
    return asked
