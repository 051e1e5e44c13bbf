"""SOAP: list operations of a WSDL, page by page, with WS-Security or a session of the service's own.

The mapping's ``source_object`` is the operation; which elements hold rows, page size, page token and so on are
options, checked against the WSDL before the first question, so that a changed WSDL is told by what it misses.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from connectors.http.bounded import LARGEST_ANSWER
from connectors.http.tls import TLS_OPTIONS
from connectors.importing import IMPORTING
from connectors.paged_pull import paged
from connectors.patience import PATIENCE_OPTIONS
from connectors.ports import Capabilities, Option, Page, ResumePoint, Sink, Source, StreamRead, SystemSettings, Writes
from connectors.probing import Probe
from connectors.settings import PLAIN_HTTP, TOTAL_COUNTS, checked, stream_options
from connectors.soap.soap_plan import plan_of

if TYPE_CHECKING:
    from connectors.soap.wsdl_service import SoapService
    from connectors.soap.xml_records import Shapes

CAPABILITIES = Capabilities(
    kind="soap",
    protocol="SOAP 1.1 and 1.2, WSDL 1.1 (document and RPC style literal, RPC style encoded), WS-Security 1.0 "
    "(UsernameToken, X.509 signatures)",
    logins=("text", "digest", "basic", "session", "none"),
    incremental=True,
    deletes="invisible",
    total=True,
    system_options=(
        Option("login", "UsernameToken with password as text (default) or digest, basic (HTTP), session, or none"),
        Option("username", "for all but none"),
        Option("password", "for all but none", secret=True),
        Option("session_operation", "for login session: operation that gives the id of a session"),
        Option("session_username", "element of its request that takes the username (default username)"),
        Option("session_password", "element of its request that takes the password (default password)"),
        Option("session_arguments", "further elements of its request, name: value; never a secret"),
        Option("session_id", "element of its answer that holds the id"),
        Option(
            "session_header", "header that takes the id: Session.id; {namespace}Session.id where the WSDL has none"
        ),
        Option("session_faults", "names of fault details, or codes, that mean: the session has ended"),
        Option("session_end", "operation that ends a session (default: none)"),
        Option("signing_certificate", "PEM file of an RSA certificate; requests are signed with it (X.509)"),
        Option("signing_key", "PEM file of its private key (default: it stands in signing_certificate)"),
        Option("signing_key_password", "of that key, where it is encrypted", secret=True),
        Option("signing_token", "binary (default) sends the certificate as a token, issuer inside the signature"),
        Option("signing_digest", "sha256 (default), or sha1 for a service that knows no other"),
        Option("wsdl", "URL or file of the WSDL (default: the address with ?wsdl)"),
        Option("service", "service of the WSDL (default: its first)"),
        Option("port", "port of the service (default: its first)"),
        *TLS_OPTIONS,
        LARGEST_ANSWER,
        PLAIN_HTTP,
        *PATIENCE_OPTIONS,
    ),
    stream_options=(
        Option("rows", "path of the repeated element in the answer, as in items.subscription", required=True),
        Option("page_size", "element of the request that takes the page size"),
        Option("paging", "token (default), page, offset, last (go on behind the last row) or none"),
        Option("page_token", "element of the request that takes the page token, page, offset or last position"),
        Option("next_token", "element of the answer that holds the next page token; of the row, for paging last"),
        Option("first_page", "number of the first page, for paging page (default 1)"),
        Option("more", "element of the answer that says whether more follows"),
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
    with IMPORTING:
        from connectors.soap.wsdl_service import SoapService  # noqa: PLC0415 - brings zeep
        from connectors.soap.xml_records import Shapes  # noqa: PLC0415 - as above

    return SoapSource(checked(settings, CAPABILITIES), SoapService(settings), Shapes())


def open_probe(settings: SystemSettings) -> Probe:
    """Look around in a service; its WSDL is read with the first question.

    Raises:
        ConfigurationError: a setting is missing or wrong.
    """
    with IMPORTING:
        from connectors.soap.probe import SoapProbe  # noqa: PLC0415 - brings zeep
        from connectors.soap.wsdl_service import SoapService  # noqa: PLC0415 - as above

    return SoapProbe(open_source(settings), SoapService(checked(settings, CAPABILITIES)), settings.name)


def open_sink(settings: SystemSettings) -> Sink:
    """A sink over a service; its WSDL is read with the first write.

    Raises:
        ConfigurationError: a setting is missing or wrong.
    """
    with IMPORTING:
        from connectors.soap.soap_sink import SoapSink  # noqa: PLC0415 - brings zeep
        from connectors.soap.wsdl_service import SoapService  # noqa: PLC0415 - as above
        from connectors.soap.xml_records import Shapes  # noqa: PLC0415 - as above

    return SoapSink(settings, SoapService(checked(settings, CAPABILITIES), for_writes=True), Shapes())


class SoapSource:
    """Reads one service."""

    def __init__(self, settings: SystemSettings, service: "SoapService", shapes: "Shapes") -> None:
        self._settings = settings
        self._service = service
        self._shapes = shapes

    def pages(self, read: StreamRead, resume: ResumePoint | None) -> Iterator[Page]:
        """Yield pages; see ``connectors.ports.Source``."""
        with IMPORTING:
            from connectors.soap.soap_pull import SoapPull  # noqa: PLC0415 - brings zeep

        plan = plan_of(read.stream, read.cursor_field, stream_options(self._settings, read, CAPABILITIES))
        yield from paged(read, resume, SoapPull(self._service, self._shapes, plan, read))

    def close(self) -> None:
        """Close the connection."""
        self._service.close()
