"""SOAP: list operations of a WSDL, page by page, with a WS-Security UsernameToken.

The mapping's ``source_object`` is the operation; which elements hold rows, page size, page token and so on are
options, checked against the WSDL before the first question, so that a changed WSDL is told by what it misses.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from canonical_model.errors import ConfigurationError
from connectors.paged_pull import Answer, Ask, paged
from connectors.patience import PATIENCE_OPTIONS
from connectors.ports import Capabilities, Option, Page, ResumePoint, Sink, Source, StreamRead, SystemSettings, Writes
from connectors.probing import Probe
from connectors.settings import CA_BUNDLE, PLAIN_HTTP, TOTAL_COUNTS, checked, choice, stream_options

if TYPE_CHECKING:
    from connectors.soap.wsdl_service import SoapService
    from connectors.soap.xml_records import Shapes

CAPABILITIES = Capabilities(
    kind="soap",
    protocol="SOAP 1.1 and 1.2, WSDL 1.1 (document/literal), WS-Security UsernameToken",
    logins=("text", "digest", "none"),
    incremental=True,
    deletes="invisible",
    total=True,
    system_options=(
        Option("login", "UsernameToken with password as text (default) or digest, or none"),
        Option("username", "for text and digest"),
        Option("password", "for text and digest", secret=True),
        Option("wsdl", "URL or file of the WSDL (default: the address with ?wsdl)"),
        Option("service", "service of the WSDL (default: its first)"),
        Option("port", "port of the service (default: its first)"),
        CA_BUNDLE,
        PLAIN_HTTP,
        *PATIENCE_OPTIONS,
    ),
    stream_options=(
        Option("rows", "path of the repeated element in the answer, as in items.subscription", required=True),
        Option("page_size", "element of the request that takes the page size"),
        Option("page_token", "element of the request that takes the page token"),
        Option("next_token", "element of the answer that holds the next page token"),
        Option("since", "element of the request that takes the earliest change wanted"),
        Option("total", "element of the answer that holds the number of rows over all pages"),
        TOTAL_COUNTS,
        Option("arguments", "further elements of the request, name: value"),
        Option("retry_faults", "names of fault details that mean: later"),
    ),
    writes=Writes(
        repeats=("harmful", "keyed", "harmless"),
        options=(Option("retry_faults", "names of fault details that mean: later, nothing was done"),),
        look_options=(
            Option("row", "path of the element that holds what is shown (default: the whole answer)"),
            Option("absent_faults", "names of fault details that mean: there is no such request"),
        ),
        look_up_by_request_id=True,
    ),
)


def open_source(settings: SystemSettings) -> Source:
    """A source over a service; its WSDL is read with the first page.

    Raises:
        ConfigurationError: a setting is missing or wrong.
    """
    from connectors.soap.wsdl_service import SoapService  # noqa: PLC0415 - brings zeep
    from connectors.soap.xml_records import Shapes  # noqa: PLC0415 - as above

    return SoapSource(checked(settings, CAPABILITIES), SoapService(settings), Shapes())


def open_probe(settings: SystemSettings) -> Probe:
    """Look around in a service; its WSDL is read with the first question.

    Raises:
        ConfigurationError: a setting is missing or wrong.
    """
    from connectors.soap.probe import SoapProbe  # noqa: PLC0415 - brings zeep
    from connectors.soap.wsdl_service import SoapService  # noqa: PLC0415 - as above

    return SoapProbe(open_source(settings), SoapService(checked(settings, CAPABILITIES)), settings.name)


def open_sink(settings: SystemSettings) -> Sink:
    """A sink over a service; its WSDL is read with the first write.

    Raises:
        ConfigurationError: a setting is missing or wrong.
    """
    from connectors.soap.soap_sink import SoapSink  # noqa: PLC0415 - brings zeep
    from connectors.soap.wsdl_service import SoapService  # noqa: PLC0415 - as above
    from connectors.soap.xml_records import Shapes  # noqa: PLC0415 - as above

    return SoapSink(settings, SoapService(checked(settings, CAPABILITIES), for_writes=True), Shapes())


@dataclass(frozen=True, slots=True)
class Plan:
    """The options of a stream, typed; names as in ``CAPABILITIES.stream_options``."""

    rows: str
    page_size: str | None
    page_token: str | None
    next_token: str | None
    since: str | None
    total: str | None
    counts_whole: bool
    arguments: dict[str, Any]
    retry_faults: frozenset[str]


class SoapSource:
    """Reads one service."""

    def __init__(self, settings: SystemSettings, service: "SoapService", shapes: "Shapes") -> None:
        self._settings = settings
        self._service = service
        self._shapes = shapes

    def pages(self, read: StreamRead, resume: ResumePoint | None) -> Iterator[Page]:
        """Yield pages; see ``connectors.ports.Source``."""
        plan = _plan(self._settings, read)
        request, answer = self._service.types(read.source_object)
        _check(plan, read, self._shapes, request, answer)
        yield from paged(read, resume, _Pull(self._service, self._shapes, plan, read, answer))

    def close(self) -> None:
        """Close the connection."""
        self._service.close()


class _Pull:
    """The questions of one pull; remembers what the service holds."""

    def __init__(self, service: "SoapService", shapes: "Shapes", plan: Plan, read: StreamRead, answer: Any) -> None:
        self._service = service
        self._shapes = shapes
        self._plan = plan
        self._read = read
        self._answer = answer
        self._held: int | None = None

    def __call__(self, ask: Ask) -> Answer:
        """One page.

        Raises:
            ConfigurationError: the answer is not what the WSDL says.
        """
        plan = self._plan
        body = self._service.ask(self._read.source_object, _arguments(plan, ask), plan.retry_faults)
        try:
            row = self._shapes.at(self._answer, plan.rows)
            records = [self._shapes.value(node, row) for node in self._shapes.nodes(body, self._answer, plan.rows)]
            total = self._count(body)
            following = self._text(body, plan.next_token) or None
        except ConfigurationError as error:
            raise ConfigurationError(f"{self._read.stream}: {self._read.source_object}: {error}") from error
        if ask.since is None or plan.counts_whole:
            return Answer(records, following, total if ask.since is None else None, total)
        if self._held is None and plan.total:
            self._held = self(Ask(None, None, 1)).held
        return Answer(records, following, total, self._held)

    def _text(self, body: Any, path: str | None) -> str:
        nodes = self._shapes.nodes(body, self._answer, path) if path else []
        return (nodes[0].text or "").strip() if nodes else ""

    def _count(self, body: Any) -> int | None:
        if self._plan.total is None:
            return None
        text = self._text(body, self._plan.total)
        if not text.isdecimal():
            raise ConfigurationError(f"options: total: element {self._plan.total} holds no count")
        return int(text)


def _plan(settings: SystemSettings, read: StreamRead) -> Plan:
    options = stream_options(settings, read, CAPABILITIES)
    place = f"{read.stream}: options:"
    counts = choice(f"{place} total_counts", options.get("total_counts", "matching"), ("matching", "whole"))
    if (options.get("page_token") is None) != (options.get("next_token") is None):
        raise ConfigurationError(f"{place} page_token and next_token go together")
    if read.cursor_field and not options.get("since"):
        raise ConfigurationError(f"{place} since is missing; a stream with a cursor asks for changes")
    arguments, retry = options.get("arguments", {}), options.get("retry_faults", [])
    if not isinstance(arguments, dict) or not isinstance(retry, list):
        raise ConfigurationError(f"{place} arguments is a table of name: value, retry_faults a list of names")
    return Plan(
        rows=str(options["rows"]),
        page_size=options.get("page_size"),
        page_token=options.get("page_token"),
        next_token=options.get("next_token"),
        since=options.get("since"),
        total=options.get("total"),
        counts_whole=counts == "whole",
        arguments=arguments,
        retry_faults=frozenset(map(str, retry)),
    )


def _check(plan: Plan, read: StreamRead, shapes: "Shapes", request: Any, answer: Any) -> None:
    """Hold the mapping against the WSDL; every fault is told at once."""
    faults: list[str] = []
    wanted = [(request, path) for path in (plan.page_size, plan.page_token, plan.since, *plan.arguments) if path]
    wanted += [(answer, path) for path in (plan.rows, plan.next_token, plan.total) if path]
    for kind, path in wanted:
        try:
            shapes.at(kind, path)
        except KeyError as error:
            faults.append(str(error.args[0]))
    if not faults:
        row = shapes.at(answer, plan.rows)
        for name in dict.fromkeys([*read.fields, *read.key, *([read.cursor_field] if read.cursor_field else [])]):
            try:
                shapes.at(row, name.partition(".")[0])
            except KeyError as error:
                faults.append(str(error.args[0]))
    if faults:
        raise ConfigurationError(f"{read.stream}: {read.source_object}: {'; '.join(faults)}")


def _arguments(plan: Plan, ask: Ask) -> dict[str, Any]:
    """Elements of the request; a dotted path becomes nested ones."""
    own = ((plan.page_size, ask.size), (plan.page_token, ask.position), (plan.since, ask.since))
    nested: dict[str, Any] = {}
    for path, value in (*plan.arguments.items(), *own):
        if path is None or value is None:
            continue
        *outer, last = path.split(".")
        inside = nested
        for step in outer:
            inside = inside.setdefault(step, {})
        inside[last] = value
    return nested
