"""One SOAP service through zeep: its WSDL, WS-Security and faults; answers come back as XML, for ``xml_records``.

Imported only when a system is opened, because zeep is heavy.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from lxml import etree
from zeep.exceptions import Error as ZeepError

from canonical_model.errors import ConfigurationError, OutcomeUnknown, SpliceError
from connectors.http.bounded import largest_answer
from connectors.http.errors import http_errors, status_error
from connectors.http.logins import basic_header
from connectors.http.session import CUT, PatientSession
from connectors.http.tls import tls_context
from connectors.http.write_errors import write_errors, write_status_error
from connectors.patience import Patience, patience_of, patiently
from connectors.ports import SystemSettings
from connectors.settings import choice, http_address, near, option, secret, without_secrets
from connectors.soap.answers import answer_name, content_told, declared_faults
from connectors.soap.encoding import whole
from connectors.soap.faults import SECURITY_FAULTS, Told, told_by
from connectors.soap.message_security import message_security
from connectors.soap.session_login import Headers, Session, SessionLogin, headers_for, session_login
from connectors.soap.transport import SoapTransport, passes
from connectors.soap.wsdl import Wsdl, read_wsdl
from connectors.soap.xml_records import Shapes, local_name

LOGINS = ("text", "digest", "basic", "session", "none")


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
        self._wsse = message_security(settings, login)
        self._session = Session(session_login(settings)) if login == "session" else None
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
        self._known: Wsdl | None = None

    def operations(self) -> tuple[str, ...]:
        """Names of the operations.

        Raises:
            ConfigurationError, RetryableError: as ``types``.
        """
        return tuple(self._wsdl_read().operations)

    def types(self, operation: str) -> tuple[Any, Any]:
        """Schema types of an operation's request and answer.

        Raises:
            ConfigurationError: the WSDL cannot be used, or has no such operation.
            RetryableError: the WSDL cannot be fetched now.
        """
        known = self._wsdl_read()
        if operation not in known.operations:
            raise ConfigurationError(
                f"{self._name}: the WSDL has no operation {operation}{near(operation, known.operations)}"
            )
        if known.encoded.get(operation, "rpc") != "rpc":
            raise ConfigurationError(
                f"{self._name}: operation {operation} is of document style with SOAP encoding, which no standard"
                " defines; have the service offer RPC style, or literal messages"
            )
        found = known.operations[operation]
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
        response = self._asked(doing, operation, arguments)
        if self._is_over(operation, response):
            response = self._asked(doing, operation, arguments)
            self._refuse_lost(operation, response)
        return self._content(operation, response, retry_faults)

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
        response = self._sent(doing, operation, arguments)
        if self._is_over(operation, response):  # turned away at the door, so it may go once more
            response = self._sent(doing, operation, arguments)
            self._refuse_lost(operation, response)
        if response.status_code in {401, 403}:
            raise status_error(self._name, doing, response.status_code, response.headers)
        found = self._operations[operation]
        told = told_by(response, self._encoded(operation))
        head = f"{self._name}: {doing}:"
        if told is None:
            if response.status_code == 200:
                raise OutcomeUnknown(f"{head} the answer is no SOAP message; it may have happened all the same")
            raise write_status_error(self._name, doing, response.status_code, response.headers)
        if told.code in SECURITY_FAULTS:
            raise ConfigurationError(f"{head} {told.code}: login refused; check username, password and the clock")
        if told.content is None and not set(told.faults) & declared_faults(found):
            name = told.faults[0] if told.faults else "a fault without detail"
            raise OutcomeUnknown(f"{head} {name}, which the WSDL does not name; it may have happened all the same")
        expected = answer_name(found)
        if told.content is not None and local_name(str(told.content.tag)) != expected:
            raise OutcomeUnknown(f"{head} the answer is not {expected}; it may have happened all the same")
        return told

    def close(self) -> None:
        """End the session where there is an operation for it, and close the connection."""
        if self._session is not None and self._session.login.ending and self._session.id:
            with suppress(SpliceError):  # it ends by itself, if later
                self._sent("end the session", self._session.login.ending, {})
            self._session.id = ""
        self._transport.session.close()

    @property
    def _operations(self) -> Mapping[str, Any]:
        return self._wsdl_read().operations

    def _encoded(self, operation: str) -> Any:
        """Type of the answer's body where it is encoded."""
        known = self._wsdl_read()
        return known.operations[operation].output.body.type if operation in known.encoded else None

    def _asked(self, doing: str, operation: str, arguments: dict[str, Any]) -> requests.Response:
        headers = self._headers(operation)
        with http_errors(self._name, doing):
            return patiently(
                lambda: self._posted(doing, operation, arguments, headers),
                self._patience,
                passing=passes,
                broken=CUT,
            )

    def _sent(self, doing: str, operation: str, arguments: dict[str, Any]) -> requests.Response:
        headers = self._headers(operation)
        with write_errors(self._name, doing):
            return self._posted(doing, operation, arguments, headers)

    def _headers(self, operation: str) -> Headers | None:
        """Headers that carry the session, which begins with the first call; None without one."""
        if self._session is None:
            return None
        self._session.id = self._session.id or self._logged_in(self._session.login)
        try:
            return headers_for(self._session.login, self._operations[operation], self._session.id)
        except ConfigurationError as error:
            raise ConfigurationError(f"{self._name}: {error}") from error

    def _logged_in(self, login: SessionLogin) -> str:
        """The id of a new session.

        Raises:
            ConfigurationError: the service gives none.
            RetryableError: it cannot be asked now.
        """
        shapes, operation = Shapes(), login.operation
        request, answer = self.types(operation)
        if login.ending:
            self.types(login.ending)
        faults = shapes.missing([*((request, path) for path in login.paths), (answer, login.id_path)])
        if faults:
            raise ConfigurationError(f"{self._name}: login: {operation}: {'; '.join(faults)}; check the options")
        with http_errors(self._name, "login"):
            response = patiently(
                lambda: self._posted("login", operation, login.arguments, None),
                self._patience,
                passing=passes,
                broken=CUT,
            )
        if (told := told_by(response, self._encoded(operation))) is not None and told.content is None:
            said = without_secrets(f"{told.faults[0]} ({told.said})" if told.faults else "a fault", self._settings)
            raise ConfigurationError(
                f"{self._name}: login: {operation}: {said}: refused; check username, password and session_arguments"
            )
        content = self._content(operation, response, frozenset())
        found = [(node.text or "").strip() for node in shapes.nodes(content, answer, login.id_path)]
        if len(found) != 1 or not found[0] or not found[0].isprintable():
            raise ConfigurationError(f"{self._name}: login: {operation} answers with no session id; check session_id")
        return found[0]

    def _is_over(self, operation: str, response: requests.Response) -> bool:
        """Whether the session has ended; the next call begins another then."""
        if self._session is None or (response.status_code == 200 and b"Fault" not in response.content):
            return False  # without reading a page twice
        return self._session.has_ended(response.status_code, told_by(response, self._encoded(operation)))

    def _refuse_lost(self, operation: str, response: requests.Response) -> None:
        if self._is_over(operation, response):
            raise ConfigurationError(
                f"{self._name}: call {operation}: the session is refused right after login; check session_header and "
                "the rights of its user"
            )

    def _posted(
        self, doing: str, operation: str, arguments: dict[str, Any], headers: Any = None
    ) -> requests.Response:
        known = self._wsdl_read()
        shown = {} if headers is None else {"_soapheaders": headers}
        body = known.operations[operation].input.body
        try:
            if operation in known.encoded and body is not None:
                arguments = whole(arguments, body.type)
            answer: requests.Response = known.proxy[operation](**arguments, **shown)
        except requests.RequestException:
            raise
        except (ZeepError, TypeError, ValueError) as error:  # raised while the request is built
            raise ConfigurationError(
                f"{self._name}: {doing}: the WSDL does not accept the request: {error}; check the options"
            ) from error
        return answer

    def _wsdl_read(self) -> Wsdl:
        if self._known is None:
            self._known = read_wsdl(self._settings, self._wsdl, self._wsse, self._transport)
        return self._known

    def _content(self, operation: str, response: requests.Response, retry_faults: frozenset[str]) -> etree._Element:
        found = self._operations[operation]
        return content_told(self._name, found, response, retry_faults, self._encoded(operation))
