"""Faults that a server itself would answer with: waiting, 5xx and 429."""

from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from simulated_estate.faults.point import FaultPoint

Wording = Callable[[int], tuple[str, bytes]]
"""Status -> media type and body, in the words of the system."""


class HttpFaults:
    """ASGI middleware that answers in place of its application when the dice say so."""

    def __init__(self, application: ASGIApp, point: FaultPoint, wording: Wording) -> None:
        self._application = application
        self._point = point
        self._wording = wording

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        if self._point.faults.latency:
            await self._point.late(self._point.faults.latency)
        status = self._status()
        if status:
            await self._refuse(receive, send, status)
        else:
            await self._application(scope, receive, send)

    def _status(self) -> int:
        faults = self._point.faults
        if self._point.happens(faults.too_many):
            return 429
        return next((status for status, share in faults.statuses.items() if self._point.happens(share)), 0)

    async def _refuse(self, receive: Receive, send: Send, status: int) -> None:
        while (await receive()).get("more_body"):
            pass  # a body left unread would cost the client its connection
        media_type, body = self._wording(status)
        headers = [(b"content-type", media_type.encode()), (b"content-length", str(len(body)).encode())]
        if status == 429:
            headers.append((b"retry-after", str(self._point.faults.retry_after).encode()))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
