"""The field service system's web application: work orders and completions over REST.

``POST /oauth/token`` (client credentials) gives a bearer token; header ``X-Api-Key`` works as well.
``GET /api/v2/work-orders`` (and each of ``FEEDS``) lists rows as ``rest_feeds`` says. What can be written stands in
``field_service_writes``.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulated_estate.books import Row
from simulated_estate.faults.point import FaultPoint
from simulated_estate.servers.field_service_access import AccessTokens
from simulated_estate.servers.field_service_problems import (
    ProblemError,
    answer_not_found,
    answer_problem,
    answer_wrong_method,
)
from simulated_estate.servers.field_service_stock import StockDesk
from simulated_estate.servers.field_service_writes import WorkOrderDesk
from simulated_estate.servers.forms import form_fields
from simulated_estate.servers.rest_feeds import RestFeeds
from simulated_estate.servers.write_log import WriteLog

FEEDS = {
    "work-orders": "work_orders",
    "completions": "completions",
    "stock-movements": "stock_movements",
    "access-terminals": "access_terminals",
    "contractor-invoices": "contractor_invoices",
    "partner-charges": "partner_charges",
    "outages": "outages",
    "reservations": "reservations",
    "wholesale-lines": "wholesale_lines",
    "wholesale-charges": "wholesale_charges",
}
"""Path under ``/api/v2`` -> key of ``Books.field_service``."""
WRITTEN = ("work-orders", FEEDS["work-orders"])


class FieldService:
    """The rows of the field service system and the application that serves them."""

    def __init__(
        self,
        rows: dict[str, list[Row]],
        access: AccessTokens,
        point: FaultPoint,
        clock: Callable[[], datetime],
        log: WriteLog,
    ) -> None:
        self.access = access
        desk = WorkOrderDesk(lambda: rows.setdefault(WRITTEN[1], []), clock, log)
        stock = StockDesk(lambda: rows.setdefault(FEEDS["stock-movements"], []), clock, log)
        changes = f"/api/v2/{WRITTEN[0]}/{{key}}"
        feeds = RestFeeds(rows, FEEDS, access.check, point)
        self.application = Starlette(
            routes=[
                Route("/oauth/token", self._token, methods=["POST"]),
                Route(f"/api/v2/{WRITTEN[0]}", self._let_in(desk.create), methods=["POST"]),
                Route("/api/v2/stock-movements", self._let_in(stock.returned), methods=["POST"]),
                Route(changes, self._let_in(desk.change), methods=["PATCH"]),
                *feeds.routes("/api/v2"),
            ],
            exception_handlers={ProblemError: answer_problem, 404: answer_not_found, 405: answer_wrong_method},
        )

    async def _token(self, request: Request) -> Response:
        form = await form_fields(request)
        status, body = self.access.grant(form, request.headers.get("authorization", ""))
        return JSONResponse(body, status, {"Cache-Control": "no-store"})

    def _let_in(self, answer: Callable[[Request], Any]) -> Callable[[Request], Any]:
        async def let_in(request: Request) -> Response:
            self.access.check(request.headers)
            response: Response = await answer(request)
            return response

        return let_in
