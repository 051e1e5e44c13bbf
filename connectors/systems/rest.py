"""REST: collections of JSON objects, page by page, in the paging styles that are common.

The mapping's ``source_object`` is the path of the collection below the system's address. Where rows, the next page
and the total stand, and what the parameters are called, are options.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from connectors.http.bounded import LARGEST_ANSWER
from connectors.http.rest_plan import plan_of
from connectors.http.rest_pull import RestPull
from connectors.http.revalidation import remembering, spared
from connectors.http.tls import TLS_OPTIONS
from connectors.importing import IMPORTING
from connectors.paged_pull import paged
from connectors.patience import PATIENCE_OPTIONS
from connectors.ports import (
    Capabilities,
    Option,
    Page,
    ResumePoint,
    Sink,
    Source,
    StreamRead,
    SystemSettings,
    Writes,
)
from connectors.probing import Probe
from connectors.settings import PLAIN_HTTP, TOTAL_COUNTS, checked, stream_options

if TYPE_CHECKING:
    from connectors.http.rest_service import RestService

CAPABILITIES = Capabilities(
    kind="rest",
    protocol="HTTP/1.1 with JSON",
    logins=("api_key", "bearer", "basic", "oauth2", "none"),
    incremental=True,
    deletes="invisible",
    total=True,
    revalidates=True,
    system_options=(
        Option("login", "api_key (default), bearer, basic, oauth2 (client credentials) or none"),
        Option("api_key_in", "header (default), or query where a service knows no other way"),
        Option("api_key_header", "header that takes the key (default X-API-Key)"),
        Option("api_key_parameter", "query parameter that takes the key (default api_key)"),
        Option("api_key", "for login api_key", secret=True),
        Option("token", "for login bearer", secret=True),
        Option("username", "for login basic"),
        Option("password", "for login basic", secret=True),
        Option("token_url", "for login oauth2; on the system's own host, or https"),
        Option("client_id", "for login oauth2"),
        Option("client_secret", "for login oauth2", secret=True),
        Option("client_login", "how oauth2 sends id and secret: header (default, HTTP Basic) or body"),
        Option("scope", "for login oauth2, if the source wants one"),
        Option("token_fields", "further fields of the token request, name: value, such as audience; never a secret"),
        Option("links", "as_given (default), or same_host where a service does not know its own address"),
        *TLS_OPTIONS,
        LARGEST_ANSWER,
        Option("openapi", "path of its OpenAPI description, for looking around (default openapi.json, swagger.json)"),
        PLAIN_HTTP,
        *PATIENCE_OPTIONS,
    ),
    stream_options=(
        Option("paging", "cursor (default), page, offset, link or none"),
        Option("rows", "path of the list in the answer, as in data.items; empty where the answer is the list"),
        Option("size_parameter", "query parameter of the page size (default limit)"),
        Option("position_parameter", "query parameter of the cursor, page or offset (default: the style's name)"),
        Option("first_page", "number of the first page, for paging page (default 1)"),
        Option("next", "path of the next cursor or link in the answer (default next; links also by Link header)"),
        Option("next_field", "field of the last row that is the next cursor, where the answer names none"),
        Option("more", "path of a truth value in the answer: whether more follows"),
        Option("since_parameter", "query parameter that takes the earliest change wanted"),
        Option("total", "path of the number of rows over all pages, or header:NAME"),
        TOTAL_COUNTS,
        Option("parameters", "further query parameters, name: value; never a secret"),
    ),
    writes=Writes(
        repeats=("harmful", "keyed", "harmless"),
        options=(
            Option("method", "POST (default), PUT or PATCH"),
            Option("key_header", "header that takes our request id, such as Idempotency-Key"),
            Option("match", "true changes only what was just read (ETag, If-Match)"),
            Option("reference", "path of the service's own id in the answer (default id)"),
        ),
        look_options=(Option("rows", "path of the list in the answer, where it is one; data.items"),),
        idempotency_keys=True,
        look_up_by_request_id=True,
    ),
)


def open_source(settings: SystemSettings) -> Source:
    """A source over a service; the first page is the first request.

    Raises:
        ConfigurationError: a setting is missing or wrong.
    """
    with IMPORTING:
        from connectors.http.rest_service import RestService  # noqa: PLC0415 - brings httpx

    return RestSource(settings, RestService(checked(settings, CAPABILITIES)))


def open_probe(settings: SystemSettings) -> Probe:
    """Look around in a service.

    Raises:
        ConfigurationError: a setting is missing or wrong.
    """
    with IMPORTING:
        from connectors.http.probe import RestProbe  # noqa: PLC0415 - brings httpx
        from connectors.http.rest_service import RestService  # noqa: PLC0415 - as above

    service = RestService(checked(settings, CAPABILITIES))
    return RestProbe(service, settings.name, settings.options.get("openapi"))


def open_sink(settings: SystemSettings) -> Sink:
    """A sink over a service.

    Raises:
        ConfigurationError: a setting is missing or wrong.
    """
    with IMPORTING:
        from connectors.http.rest_service import RestService  # noqa: PLC0415 - brings httpx
        from connectors.http.rest_sink import RestSink  # noqa: PLC0415 - as above

    return RestSink(settings, RestService(checked(settings, CAPABILITIES), for_writes=True))


class RestSource:
    """Reads one service."""

    def __init__(self, settings: SystemSettings, service: "RestService") -> None:
        self._settings = settings
        self._service = service

    def pages(self, read: StreamRead, resume: ResumePoint | None) -> Iterator[Page]:
        """Yield pages; see ``connectors.ports.Source``.

        A stream without a cursor is read whole each time, unless the service says of every page that it is what it
        was (``connectors.http.revalidation``).
        """
        plan = plan_of(read.stream, read.cursor_field, stream_options(self._settings, read, CAPABILITIES))
        pull = RestPull(self._service, plan, read)
        if read.cursor_field is not None:
            yield from paged(read, resume, pull)
        elif (unchanged := spared(pull, resume)) is not None:
            yield unchanged
        else:
            yield from remembering(pull, paged(read, None, pull))

    def close(self) -> None:
        """Close the connection."""
        self._service.close()
