"""JSON bodies of requests to the org; numbers with a fraction become Decimal."""

import json
from decimal import Decimal
from typing import Any

from starlette.requests import Request

from simulated_estate.servers.salesforce.errors import OrgError


async def json_object(request: Request) -> dict[str, Any]:
    """The body of a request.

    Raises:
        OrgError: JSON_PARSER_ERROR.
    """
    try:
        told = json.loads(await request.body(), parse_float=Decimal)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise OrgError(400, "JSON_PARSER_ERROR", "The HTTP entity body is required to be a JSON object")
    return told
