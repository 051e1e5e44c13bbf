"""One SOAP service through zeep: its WSDL, WS-Security and faults; answers come back as XML, for ``xml_records``.

Imported only when a system is opened, because zeep is heavy.
"""

from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
import zeep
from lxml import etree
from zeep.exceptions import Error as ZeepError
from zeep.exceptions import ExternalReferenceForbidden
from zeep.wsse.username import UsernameToken

from canonical_model.errors import (
    ConfigurationError,
    OutcomeUnknown,
    RetryableError,
    SpliceError,
    UnsafeToContinue,
)
from connectors.http.bounded import largest_answer
from connectors.http.errors import http_errors, status_error
from connectors.http.logins import basic_header
from connectors.http.session import CUT, PatientSession
from connectors.http.tls import tls_context
from connectors.http.write_errors import write_errors, write_status_error
from connectors.patience import Patience, patience_of, patiently
from connectors.ports import SystemSettings
from connectors.settings import choice, http_address, near, option, secret
from connectors.soap.faults import SECURITY_FAULTS, Told, content_of, fault_told, told_by
from connectors.soap.safe_xml import DoctypeError, NotXmlError, parse
from connectors.soap.transport import EndlessImportError, SoapTransport, passes
from connectors.soap.xml_records import local_name

LOGINS = ("text", "digest", "basic", "none")


class SoapService:
    """The operations of one service; the WSDL is read with the first question."""

    def __init__(self, settings: SystemSettings, *, for_writes: bool = False) -> None:
        """Check the settings; opens no connection.

        Args:
            settings: of the system.
            for_writes: send each request once and over a connection of its own.

        Raises:
            ConfigurationError: a setting is missing or wrong.
        """
        self._settings = settings
        self._name = settings.name
        address = http_address(settings)
        wsdl = str(settings.options.get("wsdl") or f"{settings.address}?wsdl")
        self._wsdl = wsdl if urlsplit(wsdl).scheme or wsdl.startswith("/") else urljoin(settings.address, wsdl)
        login = choice(f"system {self._name}: options: login", settings.options.get("login", LOGINS[0]), LOGINS)
        self._wsse = _username_token(settings, login) if login in {"text", "digest"} else None
        basic = basic_header(option(settings, "username"), secret(settings, "password")) if login == "basic" else {}
        self._patience = Patience(attempts=1) if for_writes else patience_of(settings)
        session = PatientSession(
            address,
            timeout_s=settings.timeout_s,
            patience=Patience(attempts=1),  # a nonce is good for one request, so each attempt is a new envelope
            passing=lambda _: False,
            ca_bundle=settings.options.get("ca_bundle"),
            fresh=for_writes,
            tls=tls_context(settings),
            most_bytes=largest_answer(settings),
        )
        self._transport = SoapTransport(session, settings.address, self._wsdl, self._patience, basic)
        self._client: Any = None
        self._operations: dict[str, Any] = {}
        self._proxy: Any = None

    def operations(self) -> tuple[str, ...]:
        """Names of the operations.

        Raises:
            ConfigurationError, RetryableError: as ``types``.
        """
        self._open()
        return tuple(self._operations)

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
        if found.output is None or found.output.body is None:
            raise ConfigurationError(
                f"{self._name}: operation {operation} answers nothing, so that nothing is learnt"
            )
        return found.input.body.type if found.input.body is not None else None, found.output.body.type

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
        self.types(operation)
        doing = f"call {operation}"
        with http_errors(self._name, doing):
            response = patiently(
                lambda: self._posted(doing, operation, arguments), self._patience, passing=passes, broken=CUT
            )
        content = self._body(operation, response, retry_faults)
        expected = _answer_name(self._operations[operation])
        if (name := local_name(str(content.tag))) != expected:
            raise ConfigurationError(
                f"{self._name}: {doing}: the answer is {name}, the WSDL says {expected}; the service has changed"
            )
        return content

    def tell(self, operation: str, arguments: dict[str, Any]) -> Told:
        """Call an operation that changes something, once.

        Args:
            operation: its name in the WSDL.
            arguments: elements of the request, nested ones as dicts.

        Raises:
            ConfigurationError, RetryableError: it is certain that nothing happened.
            OutcomeUnknown: it may have happened: no answer, none that is SOAP, a fault that the WSDL does not name.
        """
        self.types(operation)
        doing = f"call {operation}"
        with write_errors(self._name, doing):
            response = self._posted(doing, operation, arguments)
        if response.status_code in {401, 403}:
            raise status_error(self._name, doing, response.status_code, response.headers)
        found = self._operations[operation]
        told = told_by(response)
        head = f"{self._name}: {doing}:"
        if told is None:
            if response.status_code == 200:
                raise OutcomeUnknown(f"{head} the answer is no SOAP message; it may have happened all the same")
            raise write_status_error(self._name, doing, response.status_code, response.headers)
        if told.code in SECURITY_FAULTS:
            raise ConfigurationError(f"{head} {told.code}: login refused; check username, password and the clock")
        if told.content is None and not set(told.faults) & _declared_faults(found):
            name = told.faults[0] if told.faults else "a fault without detail"
            raise OutcomeUnknown(f"{head} {name}, which the WSDL does not name; it may have happened all the same")
        expected = _answer_name(found)
        if told.content is not None and local_name(str(told.content.tag)) != expected:
            raise OutcomeUnknown(f"{head} the answer is not {expected}; it may have happened all the same")
        return told

    def close(self) -> None:
        """Close the connection."""
        self._transport.session.close()

    def _posted(self, doing: str, operation: str, arguments: dict[str, Any]) -> requests.Response:
        try:
            answer: requests.Response = self._proxy[operation](**arguments)
        except requests.RequestException:
            raise
        except (ZeepError, TypeError, ValueError) as error:  # raised while the request is built
            raise ConfigurationError(
                f"{self._name}: {doing}: the WSDL does not accept the request: {error}; check the options"
            ) from error
        return answer

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
            except DoctypeError as error:
                raise UnsafeToContinue(
                    f"{self._name}: the WSDL, or what it imports, has a document type; ask who runs the service"
                ) from error
            except (EndlessImportError, RecursionError) as error:
                raise ConfigurationError(
                    f"{self._name}: the WSDL imports one document after another; save it whole and set wsdl"
                ) from error
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

    def _body(self, operation: str, response: requests.Response, retry_faults: frozenset[str]) -> etree._Element:
        doing = f"call {operation}"
        if response.status_code in {401, 403}:
            raise status_error(self._name, doing, response.status_code, response.headers)
        try:
            envelope = parse(response.content, response.headers.get("Content-Type", ""))
        except DoctypeError as error:
            raise UnsafeToContinue(
                f"{self._name}: {doing}: the answer holds a document type or entities; ask who runs the service"
            ) from error
        except NotXmlError as error:
            if response.status_code != 200:
                raise status_error(self._name, doing, response.status_code, response.headers) from None
            raise RetryableError(f"{self._name}: {doing}: the answer is no XML; try again later") from error
        content = content_of(envelope)
        if content is not None and local_name(str(content.tag)) == "Fault":
            raise self._fault(doing, content, retry_faults, _declared_faults(self._operations[operation]))
        if response.status_code != 200:
            raise status_error(self._name, doing, response.status_code, response.headers)
        if content is None:
            raise RetryableError(f"{self._name}: {doing}: the answer is no SOAP message; try again later")
        return content

    def _fault(
        self, doing: str, fault: etree._Element, retry_faults: frozenset[str], declared: set[str]
    ) -> SpliceError:
        """Branches on the detail element: stacks differ in the code that they give the same fault."""
        head = f"{self._name}: {doing}:"
        told = fault_told(fault)
        if not told.faults:
            if told.code in SECURITY_FAULTS:
                return ConfigurationError(
                    f"{head} {told.code}: login refused; check username, password and the clock"
                )
            return RetryableError(f"{head} the service failed without saying why; try again later")
        names, said = told.faults, told.said
        if not set(names) & (declared | retry_faults):  # of the server's inside, a stack trace often
            return RetryableError(
                f"{head} {names[0]}, which the WSDL does not name: the service failed; try again later"
            )
        if retry_faults & set(names):
            return RetryableError(f"{head} {names[0]} ({said}); try again later")
        return ConfigurationError(f"{head} {names[0]} ({said}); check the mapping's options")


def _username_token(settings: SystemSettings, login: str) -> UsernameToken:
    return UsernameToken(
        option(settings, "username"), secret(settings, "password"), use_digest=login == "digest", zulu_timestamp=True
    )


def _answer_name(operation: Any) -> str:
    """The element that an answer holds; in RPC style the operation with a suffix (WS-I Basic Profile, R2729)."""
    if operation.style == "rpc":
        return f"{operation.name}Response"
    return str(operation.output.body.qname.localname)


def _declared_faults(operation: Any) -> set[str]:
    """Names of the detail elements that the WSDL declares for an operation."""
    messages = operation.abstract.fault_messages.values()
    elements = [part.element for message in messages for part in message.parts.values()]
    return {element.qname.localname for element in elements if element is not None}
