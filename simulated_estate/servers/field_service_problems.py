"""Errors of the field service API as RFC 9457 problem documents."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

_TITLES = {
    400: "Invalid parameter",
    401: "Not authenticated",
    404: "Not found",
    405: "Method not allowed",
}


class ProblemError(Exception):
    """An answer other than success; ``parameter`` names the query parameter to mend."""

    def __init__(self, status: int, kind: str, detail: str, parameter: str = "") -> None:
        super().__init__(detail)
        self.status = status
        self.kind = kind
        self.detail = detail
        self.parameter = parameter


def problem_response(request: Request, problem: ProblemError) -> Response:
    """The problem as ``application/problem+json``."""
    body = {
        "type": f"https://field-service.invalid/problems/{problem.kind}",
        "title": _TITLES.get(problem.status, "Error"),
        "status": problem.status,
        "detail": problem.detail,
        "instance": request.url.path,
    }
    if problem.parameter:
        body["parameter"] = problem.parameter
    headers = {"WWW-Authenticate": 'Bearer realm="field-service"'} if problem.status == 401 else None
    return JSONResponse(body, problem.status, headers, media_type="application/problem+json")


async def answer_problem(request: Request, error: Exception) -> Response:
    """Exception handler for ``ProblemError``."""
    assert isinstance(error, ProblemError)  # noqa: S101 -- Starlette hands over what was registered
    return problem_response(request, error)


async def answer_not_found(request: Request, _error: Exception) -> Response:
    """Exception handler for paths that lead nowhere."""
    return problem_response(request, ProblemError(404, "not-found", "There is nothing under this path"))


async def answer_wrong_method(request: Request, _error: Exception) -> Response:
    """Exception handler for methods that a path does not know."""
    return problem_response(
        request, ProblemError(405, "method-not-allowed", f"{request.method} is not possible here")
    )
