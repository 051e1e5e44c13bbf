"""The web application of the billing system to which accounts are moved.

``GET /v1/invoices`` (and each of ``FEEDS``) lists rows as ``rest_feeds`` says; header ``X-Api-Key`` lets in.
"""

import secrets

from starlette.applications import Starlette
from starlette.datastructures import Headers

from simulated_estate.books import Row
from simulated_estate.faults.point import FaultPoint
from simulated_estate.servers.field_service_problems import (
    ProblemError,
    answer_not_found,
    answer_problem,
    answer_wrong_method,
)
from simulated_estate.servers.rest_feeds import RestFeeds

FEEDS = {
    "cut-overs": "cut_overs",
    "subscriptions": "subscriptions",
    "invoices": "invoices",
    "payments": "payments",
    "balances": "balances",
    "job-pauses": "job_pauses",
}
"""Path under ``/v1`` -> key of ``Books.target_billing``."""


class TargetBilling:
    """Its rows and the application that serves them."""

    def __init__(self, rows: dict[str, list[Row]], api_key: str, point: FaultPoint) -> None:
        self._api_key = api_key.encode()
        feeds = RestFeeds(rows, FEEDS, self._check, point)
        self.application = Starlette(
            routes=list(feeds.routes("/v1")),
            exception_handlers={ProblemError: answer_problem, 404: answer_not_found, 405: answer_wrong_method},
        )

    def _check(self, headers: Headers) -> None:
        if not secrets.compare_digest(headers.get("x-api-key", "").encode(), self._api_key):
            raise ProblemError(401, "invalid-token", "The API key is missing or wrong")
