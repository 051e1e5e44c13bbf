"""One SOAP service through zeep: its WSDL, WS-Security and faults; answers come back as XML, for ``xml_records``.

Imported only when a system is opened, because zeep is heavy.
"""

from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
import zeep
from lxml import etree
from zeep.exceptions import DTDForbidden, EntitiesForbidden, ExternalReferenceForbidden
from zeep.exceptions import Error as ZeepError
from zeep.loader import parse_xml
from zeep.wsse.username import UsernameToken

from canonical_model.errors import ConfigurationError, RetryableError, SpliceError, UnsafeToContinue
from connectors.http.errors import http_errors, status_error
from connectors.http.session import CUT, PatientSession
from connectors.patience import PASSING_STATUSES, Patience, patience_of, patiently
from connectors.ports import SystemSettings
from connectors.settings import choice, http_address, near, option, secret
from connectors.soap.xml_records import local_name

LOGINS = ("text", "digest", "none")
_SECURITY_FAULTS = frozenset(  # WS-Security 1.0 and 1.1, section 12; they carry no detail element
    {
        "UnsupportedSecurityToken",
        "UnsupportedAlgorithm",
        "InvalidSecurity",
        "InvalidSecurityToken",
        "FailedAuthentication",
        "FailedCheck",
        "SecurityTokenUnavailable",
        "MessageExpired",
    }
)


class SoapService:
    """The operations of one service; the WSDL is read with the first question."""

    def __init__(self, settings: SystemSettings) -> None:
        """Check the settings; opens no connection.

        Raises:
            ConfigurationError: a setting is missing or wrong.
        """
        self._settings = settings
        self._name = settings.name
        address = http_address(settings)
        wsdl = str(settings.options.get("wsdl") or f"{settings.address}?wsdl")
        self._wsdl = wsdl if urlsplit(wsdl).scheme or wsdl.startswith("/") else urljoin(settings.address, wsdl)
        self._wsse = _wsse(settings)
        self._patience = patience_of(settings)
        session = PatientSession(
            address,
            timeout_s=settings.timeout_s,
            patience=Patience(attempts=1),  # a nonce is good for one request, so each attempt is a new envelope
            passing=lambda _: False,
            ca_bundle=settings.options.get("ca_bundle"),
        )
        self._transport = _Transport(session, {address.netloc, urlsplit(self._wsdl).netloc}, self._patience)
        self._client: Any = None
        self._operations: dict[str, Any] = {}
        self._proxy: Any = None

    def types(self, operation: str) -> tuple[Any, Any]:
        """Schema types of an operation's request and answer.

        Raises:
            ConfigurationError: the WSDL cannot be used, or has no such operation.
            RetryableError: the WSDL cannot be fetched now.
        """
        self._open()
        if operation not in self._operations:
            raise ConfigurationError(
                f"{self._name}: the WSDL has no operation {operation}{near(operation, self._operations)}"
            )
        found = self._operations[operation]
        return found.input.body.type, found.output.body.type

    def ask(self, operation: str, arguments: dict[str, Any], retry_faults: frozenset[str]) -> etree._Element:
        """Call an operation.

        Args:
            operation: its name in the WSDL.
            arguments: elements of the request, nested ones as dicts.
            retry_faults: names of detail elements that mean "later".

        Returns:
            The element inside the answer's body.

        Raises:
            ConfigurationError: login, or a typed fault that says the request is wrong.
            RetryableError: time-out, cut connection, garbled answer, a fault without detail.
            UnsafeToContinue: the answer holds a document type or entities.
        """
        self._open()
        doing = f"call {operation}"
        with http_errors(self._name, doing):
            try:
                response = patiently(
                    lambda: self._proxy[operation](**arguments), self._patience, passing=_passes, broken=CUT
                )
            except requests.RequestException:
                raise
            except (ZeepError, TypeError, ValueError) as error:  # raised while the request is built
                raise ConfigurationError(
                    f"{self._name}: {doing}: the WSDL does not accept the request: {error}; check the options"
                ) from error
        content = self._body(doing, response, retry_faults)
        expected = self._operations[operation].output.body.qname.localname
        if (name := local_name(str(content.tag))) != expected:
            raise ConfigurationError(
                f"{self._name}: {doing}: the answer is {name}, the WSDL says {expected}; the service has changed"
            )
        return content

    def close(self) -> None:
        """Close the connection."""
        self._transport.session.close()

    def _open(self) -> None:
        if self._client is not None:
            return
        safe = zeep.Settings(strict=True, raw_response=True, forbid_dtd=True, forbid_entities=True)
        with http_errors(self._name, "read WSDL"):
            try:
                client = zeep.Client(self._wsdl, wsse=self._wsse, transport=self._transport, settings=safe)
                port = self._port(client)
            except requests.RequestException:
                raise
            except ExternalReferenceForbidden as error:
                raise ConfigurationError(
                    f"{self._name}: the WSDL imports a document from another host; save it whole and set wsdl"
                ) from error
            except (ZeepError, etree.LxmlError, OSError, LookupError, TypeError, ValueError, AttributeError) as error:
                raise ConfigurationError(
                    f"{self._name}: there is no usable WSDL ({type(error).__name__}); check address and wsdl"
                ) from error
        self._operations = dict(port.binding.all())
        # Never the address that the WSDL names: credentials go where the operator says.
        self._proxy = client.create_service(port.binding.name, self._settings.address)
        self._client = client

    def _port(self, client: Any) -> Any:
        services = client.wsdl.services
        if not services:
            raise ConfigurationError(f"{self._name}: the WSDL names no service; check address and wsdl")
        place = f"system {self._name}: options:"
        service = self._settings.options.get("service") or next(iter(services), None)
        ports = services[choice(f"{place} service", service, services)].ports
        port = self._settings.options.get("port") or next(iter(ports), None)
        return ports[choice(f"{place} port", port, ports)]

    def _body(self, doing: str, response: requests.Response, retry_faults: frozenset[str]) -> etree._Element:
        if response.status_code in {401, 403}:
            raise status_error(self._name, doing, response.status_code, response.headers)
        try:
            envelope = parse_xml(response.content, self._transport, settings=self._client.settings)
        except (DTDForbidden, EntitiesForbidden) as error:
            raise UnsafeToContinue(
                f"{self._name}: {doing}: the answer holds a document type or entities; ask who runs the service"
            ) from error
        except ZeepError as error:
            if response.status_code != 200:
                raise status_error(self._name, doing, response.status_code, response.headers) from None
            raise RetryableError(f"{self._name}: {doing}: the answer is no XML; try again later") from error
        content = _content(envelope)
        if content is not None and local_name(str(content.tag)) == "Fault":
            raise self._fault(doing, content, retry_faults)
        if response.status_code != 200:
            raise status_error(self._name, doing, response.status_code, response.headers)
        if content is None:
            raise RetryableError(f"{self._name}: {doing}: the answer is no SOAP message; try again later")
        return content

    def _fault(self, doing: str, fault: etree._Element, retry_faults: frozenset[str]) -> SpliceError:
        """Branches on the detail element: stacks differ in the code that they give the same fault."""
        head = f"{self._name}: {doing}:"
        parts = {local_name(str(node.tag)).lower(): node for node in fault}
        detail = [node for node in parts.get("detail", ()) if isinstance(node.tag, str)]
        if not detail:
            code = next((code for code in _codes(parts) if code in _SECURITY_FAULTS), "")
            if code:
                return ConfigurationError(f"{head} {code}: login refused; check username, password and the clock")
            return RetryableError(f"{head} the service failed without saying why; try again later")
        names = [local_name(node.tag) for node in detail]
        said = ", ".join(_leaves(detail[0])) or "no more is said"
        if retry_faults & set(names):
            return RetryableError(f"{head} {names[0]} ({said}); try again later")
        return ConfigurationError(f"{head} {names[0]} ({said}); check the mapping's options")


class _Transport(zeep.Transport):  # type: ignore[misc]  # zeep has no types
    """zeep's transport without its debug log, which holds passwords, and without documents from elsewhere."""

    def __init__(self, session: PatientSession, hosts: set[str], patience: Patience) -> None:
        super().__init__(session=session)
        self._hosts = hosts
        self._may_read_files = "" in hosts  # the WSDL itself is a file
        self._patience = patience

    def post(self, address: str, message: bytes, headers: dict[str, str]) -> requests.Response:
        """Send an envelope."""
        answer: requests.Response = self.session.post(address, data=message, headers=headers)
        return answer

    def load(self, url: str) -> bytes:
        """Load a WSDL or a schema it imports.

        Raises:
            ExternalReferenceForbidden: it lies neither on the host of the service nor on that of the WSDL, or is a
                file although the WSDL is none.
            requests.RequestException: it cannot be loaded.
        """
        parts = urlsplit(url)
        is_web = parts.scheme in {"http", "https"}
        if (is_web and parts.netloc not in self._hosts) or (not is_web and not self._may_read_files):
            raise ExternalReferenceForbidden(url)
        if not is_web:
            loaded: bytes = super().load(url)
            return loaded
        answer: requests.Response = patiently(
            lambda: self.session.get(url), self._patience, passing=_passes, broken=CUT
        )
        if answer.status_code != 200:  # a redirect counts as well: it would lead past the check above
            raise requests.HTTPError(response=answer)
        return answer.content


def _wsse(settings: SystemSettings) -> UsernameToken | None:
    kind = choice(f"system {settings.name}: options: login", settings.options.get("login", LOGINS[0]), LOGINS)
    if kind == "none":
        return None
    return UsernameToken(
        option(settings, "username"), secret(settings, "password"), use_digest=kind == "digest", zulu_timestamp=True
    )


def _never_passes(_answer: requests.Response) -> bool:
    return False


def _passes(answer: requests.Response) -> bool:
    """A 500 with an envelope is a fault, which may well be for good; without one it is a server in trouble."""
    if answer.status_code == 500:
        return b"Envelope" not in answer.content
    return answer.status_code in PASSING_STATUSES or answer.status_code > 500


def _content(envelope: etree._Element) -> etree._Element | None:
    bodies = [node for node in envelope if local_name(str(node.tag)) == "Body"]
    return bodies[0][0] if bodies and len(bodies[0]) else None


def _codes(parts: dict[str, etree._Element]) -> list[str]:
    """Fault codes without their prefix: the one of SOAP 1.1, or all values of SOAP 1.2."""
    places = [node for name, node in parts.items() if name in {"faultcode", "code"}]
    return [str(node.text or "").strip().rpartition(":")[2] for place in places for node in place.iter()]


def _leaves(node: etree._Element) -> list[str]:
    """The first few values of a typed fault, such as its code and the field it names."""
    leaves = [child for child in node.iter() if isinstance(child.tag, str) and not len(child) and child.text]
    return [f"{local_name(str(leaf.tag))} {str(leaf.text).strip()[:60]}" for leaf in leaves[:3]]
