"""REST: collections of JSON objects, page by page, in the paging styles that are common.

The mapping's ``source_object`` is the path of the collection below the system's address. Where rows, the next page
and the total stand, and what the parameters are called, are options.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from canonical_model.errors import ConfigurationError, UnsafeToContinue
from connectors.paged_pull import Answer, Ask, paged
from connectors.patience import PATIENCE_OPTIONS
from connectors.ports import (
    Capabilities,
    Option,
    Page,
    RawRecord,
    ResumePoint,
    Sink,
    Source,
    StreamRead,
    SystemSettings,
    Writes,
)
from connectors.probing import Probe
from connectors.settings import CA_BUNDLE, PLAIN_HTTP, TOTAL_COUNTS, at_path, checked, choice, near, stream_options

if TYPE_CHECKING:
    from connectors.http.rest_service import RestAnswer, RestService

CAPABILITIES = Capabilities(
    kind="rest",
    protocol="HTTP/1.1 with JSON",
    logins=("api_key", "bearer", "basic", "oauth2", "none"),
    incremental=True,
    deletes="invisible",
    total=True,
    system_options=(
        Option("login", "api_key (default), bearer, basic, oauth2 (client credentials) or none"),
        Option("api_key_header", "header that takes the key (default X-API-Key)"),
        Option("api_key", "for login api_key", secret=True),
        Option("token", "for login bearer", secret=True),
        Option("username", "for login basic"),
        Option("password", "for login basic", secret=True),
        Option("token_url", "for login oauth2; on the system's own host, or https"),
        Option("client_id", "for login oauth2"),
        Option("client_secret", "for login oauth2", secret=True),
        Option("scope", "for login oauth2, if the source wants one"),
        Option("openapi", "path of its OpenAPI description, for looking around (default openapi.json, swagger.json)"),
        CA_BUNDLE,
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
STYLES = ("cursor", "page", "offset", "link", "none")


def open_source(settings: SystemSettings) -> Source:
    """A source over a service; the first page is the first request.

    Raises:
        ConfigurationError: a setting is missing or wrong.
    """
    from connectors.http.rest_service import RestService  # noqa: PLC0415 - brings httpx

    return RestSource(settings, RestService(checked(settings, CAPABILITIES)))


def open_probe(settings: SystemSettings) -> Probe:
    """Look around in a service.

    Raises:
        ConfigurationError: a setting is missing or wrong.
    """
    from connectors.http.probe import RestProbe  # noqa: PLC0415 - brings httpx
    from connectors.http.rest_service import RestService  # noqa: PLC0415 - as above

    service = RestService(checked(settings, CAPABILITIES))
    return RestProbe(service, settings.name, settings.options.get("openapi"))


def open_sink(settings: SystemSettings) -> Sink:
    """A sink over a service.

    Raises:
        ConfigurationError: a setting is missing or wrong.
    """
    from connectors.http.rest_service import RestService  # noqa: PLC0415 - brings httpx
    from connectors.http.rest_sink import RestSink  # noqa: PLC0415 - as above

    return RestSink(settings, RestService(checked(settings, CAPABILITIES), for_writes=True))


@dataclass(frozen=True, slots=True)
class Plan:
    """The options of a stream, typed; names as in ``CAPABILITIES.stream_options``."""

    paging: str
    rows: str
    size_parameter: str
    position_parameter: str
    first_page: int
    following: str
    since_parameter: str | None
    total: str | None
    counts_whole: bool
    parameters: dict[str, Any]


class RestSource:
    """Reads one service."""

    def __init__(self, settings: SystemSettings, service: "RestService") -> None:
        self._settings = settings
        self._service = service

    def pages(self, read: StreamRead, resume: ResumePoint | None) -> Iterator[Page]:
        """Yield pages; see ``connectors.ports.Source``."""
        yield from paged(read, resume, _Pull(self._service, _plan(self._settings, read), read))

    def close(self) -> None:
        """Close the connection."""
        self._service.close()


class _Pull:
    """The questions of one pull; remembers what the service holds."""

    def __init__(self, service: "RestService", plan: Plan, read: StreamRead) -> None:
        self._service = service
        self._plan = plan
        self._read = read
        self._held: int | None = None

    def __call__(self, ask: Ask) -> Answer:
        """One page.

        Raises:
            ConfigurationError: rows or total are not where the options say.
            UnsafeToContinue: a row is no JSON object.
        """
        plan = self._plan
        if plan.paging == "link" and ask.position is not None:
            answer = self._service.get(ask.position, {}, self._read.source_object)
        else:
            answer = self._service.get(self._read.source_object, _parameters(plan, ask), self._read.source_object)
        records = self._rows(answer)
        total = self._total(answer)
        following = self._following(answer, records, ask, total)
        if ask.since is None or plan.counts_whole:
            return Answer(records, following, total if ask.since is None else None, total)
        if self._held is None and plan.total:
            self._held = self(Ask(None, None, 1)).held
        return Answer(records, following, total, self._held)

    def _rows(self, answer: "RestAnswer") -> list[RawRecord]:
        rows = self._at(answer.body, self._plan.rows, "rows")
        if not isinstance(rows, list):
            raise ConfigurationError(f"{self._place('rows')}: {self._plan.rows or 'the answer'} is no list")
        if any(not isinstance(row, dict) for row in rows):
            raise UnsafeToContinue(
                f"{self._read.stream}: {self._read.source_object} gives rows that are no objects; ask its owner"
            )
        return rows

    def _total(self, answer: "RestAnswer") -> int | None:
        path = self._plan.total
        if path is None:
            return None
        is_header = path.startswith("header:")
        name = path.removeprefix("header:")
        told = answer.headers.get(name) if is_header else self._at(answer.body, path, "total")
        if isinstance(told, str) and told.isdecimal():
            return int(told)
        if isinstance(told, int) and not isinstance(told, bool) and told >= 0:
            return told
        raise ConfigurationError(f"{self._place('total')}: {name} holds no count")

    def _following(self, answer: "RestAnswer", records: list[RawRecord], ask: Ask, total: int | None) -> Any:
        """Where the next page begins; counting styles end at the total, or at an empty page where there is none."""
        plan = self._plan
        if plan.paging == "none" or (not records and plan.paging in {"page", "offset"}):
            return None
        if plan.paging == "offset":
            # By the rows received and not by the size asked for: a page cut short then loses nothing.
            reached = int(ask.position or 0) + len(records)
            return None if total is not None and self._ends_at(ask) and reached >= total else reached
        if plan.paging == "page":
            page = plan.first_page if ask.position is None else int(ask.position)
            past = (page - plan.first_page + 1) * ask.size
            return None if total is not None and self._ends_at(ask) and past >= total else page + 1
        if plan.paging == "link" and answer.next_link is not None:
            return answer.next_link
        try:
            return at_path(answer.body, plan.following) or None
        except KeyError:
            return None

    def _ends_at(self, ask: Ask) -> bool:
        """Whether a total counts the rows of this very question, so that a position can be held against it."""
        return ask.since is None or not self._plan.counts_whole

    def _at(self, body: Any, path: str, name: str) -> Any:
        try:
            return at_path(body, path)
        except KeyError as error:
            known = body if isinstance(body, Mapping) else ()
            raise ConfigurationError(
                f"{self._place(name)}: the answer has no {error.args[0]}{near(str(error.args[0]), known)}"
            ) from error

    def _place(self, name: str) -> str:
        return f"{self._read.stream}: {self._read.source_object}: options: {name}"


def _plan(settings: SystemSettings, read: StreamRead) -> Plan:
    options = stream_options(settings, read, CAPABILITIES)
    place = f"{read.stream}: options:"
    paging = choice(f"{place} paging", options.get("paging", STYLES[0]), STYLES)
    counts = choice(f"{place} total_counts", options.get("total_counts", "matching"), ("matching", "whole"))
    parameters, first = options.get("parameters", {}), options.get("first_page", 1)
    if not isinstance(parameters, dict) or not isinstance(first, int):
        raise ConfigurationError(f"{place} parameters is a table of name: value, first_page a whole number")
    if read.cursor_field and not options.get("since_parameter"):
        raise ConfigurationError(f"{place} since_parameter is missing; a stream with a cursor asks for changes")
    return Plan(
        paging=paging,
        rows=str(options.get("rows") or ""),
        size_parameter=str(options.get("size_parameter", "limit")),
        position_parameter=str(options.get("position_parameter", paging)),
        first_page=first,
        following=str(options.get("next", "next")),
        since_parameter=options.get("since_parameter"),
        total=options.get("total"),
        counts_whole=counts == "whole",
        parameters=parameters,
    )


def _parameters(plan: Plan, ask: Ask) -> dict[str, Any]:
    parameters = {**plan.parameters, plan.size_parameter: ask.size}
    if plan.since_parameter and ask.since is not None:
        parameters[plan.since_parameter] = ask.since
    if plan.paging == "page":
        parameters[plan.position_parameter] = plan.first_page if ask.position is None else ask.position
    elif plan.paging == "offset":
        parameters[plan.position_parameter] = ask.position or 0
    elif plan.paging == "cursor" and ask.position is not None:
        parameters[plan.position_parameter] = ask.position
    return parameters
