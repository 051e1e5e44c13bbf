"""``POST /webhooks/{system}/{stream}``: believe, take apart, keep, and only then say 202.

Answers, each a JSON object with ``status`` and, where there is something to mend, ``detail``:

===  ==================================================================================================
202  every event of the body is committed in the inbox, now or already before
400  the body is no JSON, or holds no events as the mapping says; nothing was kept
401  not signed by the system, or not just now; the same words for every cause
404  no stream of that name takes events in
408  the body came too slowly
409  the id of an event has come before with another content; all events are kept, those set aside
413  the body is larger than the system may send
415  the body is not said to be JSON
503  the database is out of reach or too slow; nothing is promised, send again after ``Retry-After`` seconds
===  ==================================================================================================
"""

import asyncio
import logging
from datetime import datetime

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from canonical_model.errors import ConfigurationError, RetryableError
from connectors.webhooks.events import read_events
from connectors.webhooks.signing import verify
from hub.running_clock import Clock
from hub.webhooks.group_commit import GroupCommit, Write
from hub.webhooks.inlets import Inlet, Inlets
from storage.inbox import IncomingEvent

log = logging.getLogger(__name__)

PATIENCE_S = 10.0
"""For a body to come, and for a commit: most senders give up after ten to thirty seconds, and hear nothing then."""
TRY_AGAIN_AFTER_S = 5


class _Refused(Exception):  # noqa: N818 - ends a request, and is no error of ours
    """An answer other than 202."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


def webhook_application(inlets: Inlets, write: Write, clock: Clock, patience_s: float = PATIENCE_S) -> Starlette:
    """The web application.

    Args:
        inlets: the streams that take events in.
        write: keeps events in one transaction (``group_commit.writing_to``).
        clock: our own, asked at each request.
        patience_s: seconds for a body to come, and then for the commit.
    """
    commits = GroupCommit(write)

    async def take(request: Request) -> Response:
        inlet = inlets.get((request.path_params["system"], request.path_params["stream"]))
        if inlet is None:
            raise _Refused(404, "no stream of that name takes events in")
        if not _is_json(request.headers.get("content-type", "")):
            raise _Refused(415, "content-type application/json is expected")
        body = await _body(request, inlet.largest_body, patience_s)
        events = _events(request, inlet, body, clock())
        against = await _kept(commits, events, patience_s)
        if against:
            _told("an event came again with another content", inlet, event_id=events[min(against)].event_id)
            raise _Refused(409, "the id of an event has come before with another content, which counts; kept aside")
        return JSONResponse({"status": "kept", "events": len(events)}, 202)

    routes = [Route("/webhooks/{system}/{stream}", take, methods=["POST"])]
    return Starlette(routes=routes, exception_handlers={_Refused: _refusal})


def _is_json(content_type: str) -> bool:
    media_type = content_type.partition(";")[0].strip().lower()
    return media_type == "application/json" or media_type.endswith("+json")


def _events(request: Request, inlet: Inlet, body: bytes, now: datetime) -> list[IncomingEvent]:
    """The events of a request that is believed.

    Raises:
        _Refused: 400 or 401.
    """
    verdict = verify(inlet.signing, inlet.keys, request.headers, body, now)
    if verdict.refusal is not None:
        _told("a webhook is not believed", inlet, cause=verdict.refusal)
        raise _Refused(401, "not signed as agreed")
    header = inlet.signing.id_header
    try:
        sent = read_events(body, inlet.shape, request.headers.get(header) if header else None)
    except ValueError as error:
        _told("a webhook cannot be read", inlet, cause=str(error))
        raise _Refused(400, str(error)) from error
    return [
        IncomingEvent(inlet.system, inlet.stream, event.event_id, now, verdict.signed_at, event.payload, event.digest)
        for event in sent
    ]


async def _body(request: Request, largest: int, patience_s: float) -> bytes:
    """The body, read no further than it may be long.

    Raises:
        _Refused: it is longer, or too slow.
    """
    too_large = _Refused(413, f"more than {largest // 1024} KB")
    told = request.headers.get("content-length", "")
    if told.isdigit() and int(told[:20]) > largest:
        raise too_large
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(patience_s):
            async for part in request.stream():
                size += len(part)
                if size > largest:
                    raise too_large
                parts.append(part)
    except TimeoutError as error:
        raise _Refused(408, f"the body did not come within {patience_s:g} seconds") from error
    except ClientDisconnect as error:
        raise _Refused(400, "the connection ended before the body did") from error
    return b"".join(parts)


async def _kept(commits: GroupCommit, events: list[IncomingEvent], patience_s: float) -> set[int]:
    """Keep events; gives the places of those in conflict.

    Raises:
        _Refused: 503.
    """
    try:
        async with asyncio.timeout(patience_s):
            return await commits.keep(events)
    except (RetryableError, ConfigurationError, TimeoutError) as error:
        log.warning("events could not be kept", extra={"events": len(events), "cause": str(error) or "too slow"})
        raise _Refused(503, "cannot be kept now; send again later") from error


def _told(message: str, inlet: Inlet, **facts: str) -> None:
    log.warning(message, extra={"system": inlet.system, "stream": inlet.stream, **facts})


async def _refusal(_request: Request, refused: Exception) -> Response:
    assert isinstance(refused, _Refused)  # noqa: S101 - Starlette hands over what was registered
    headers = {}
    if refused.status in (408, 413):
        headers["Connection"] = "close"  # what is left of the body is not read
    if refused.status == 503:
        headers["Retry-After"] = str(TRY_AGAIN_AFTER_S)
    return JSONResponse({"status": "refused", "detail": refused.detail}, refused.status, headers)
