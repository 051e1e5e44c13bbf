"""How zeep reaches a service and the documents of its WSDL: patiently, to bounds, and nowhere else.

Imported only when a system is opened, because zeep is heavy.
"""

from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import urlsplit

import requests
import zeep
from zeep.exceptions import ExternalReferenceForbidden

from connectors.http.session import CUT, PatientSession
from connectors.patience import PASSING_STATUSES, Patience, patiently
from connectors.settings import origin
from connectors.soap.encoding import Styles, encoded_operations, encoding_schema
from connectors.soap.safe_xml import NotXmlError, refuse_doctype
from connectors.soap.xml_records import ENCODING

MOST_DOCUMENTS = 300
"""Documents that a WSDL may be made of."""

Login = Mapping[str, str]
"""Headers that go to the service's own host alone."""


class EndlessImportError(Exception):
    """A WSDL imports documents that import others, and so on."""


class SoapTransport(zeep.Transport):  # type: ignore[misc]  # zeep has no types
    """zeep's transport without its debug log, which holds passwords, and without documents from elsewhere."""

    def __init__(self, session: PatientSession, address: str, wsdl: str, patience: Patience, login: Login) -> None:
        super().__init__(session=session)
        self._own = origin(urlsplit(address))
        self._hosts = {self._own, origin(urlsplit(wsdl))}
        self._may_read_files = not urlsplit(wsdl).netloc  # the WSDL itself is a file
        self._patience = patience
        self._login = login
        self._loaded = 0
        self.encoded: Styles = {}
        """Of the documents loaded so far."""

    def post(self, address: str, message: bytes, headers: dict[str, str]) -> requests.Response:
        """Send an envelope."""
        answer: requests.Response = self.session.post(address, data=message, headers={**headers, **self._login})
        return answer

    def load(self, url: str) -> bytes:
        """Load a WSDL or a schema it imports.

        Raises:
            ExternalReferenceForbidden: it lies neither on the host of the service nor on that of the WSDL, or is a
                file although the WSDL is none.
            DoctypeError: it has a document type.
            EndlessImportError: one document after another is imported.
            requests.RequestException: it cannot be loaded.
        """
        self._loaded += 1
        if self._loaded > MOST_DOCUMENTS:
            raise EndlessImportError(f"more than {MOST_DOCUMENTS} documents")
        if url == ENCODING:  # named by its namespace, and nowhere to be had
            return encoding_schema()
        loaded = self._fetched(url)
        with suppress(NotXmlError):  # zeep says so
            refuse_doctype(loaded)
        self.encoded |= encoded_operations(loaded)
        return loaded

    def _fetched(self, url: str) -> bytes:
        parts = urlsplit(url)
        is_web = parts.scheme in {"http", "https"}
        if (is_web and origin(parts) not in self._hosts) or (not is_web and not self._may_read_files):
            raise ExternalReferenceForbidden(url)
        if not is_web:
            held: bytes = super().load(url)
            return held
        login = self._login if origin(parts) == self._own else {}
        answer: requests.Response = patiently(
            lambda: self.session.get(url, headers=login), self._patience, passing=passes, broken=CUT
        )
        if answer.status_code != 200:  # a redirect counts as well: it would lead past the check above
            raise requests.HTTPError(response=answer)
        return answer.content


def passes(answer: requests.Response) -> bool:
    """A 500 with an envelope is a fault, which may well be for good; without one it is a server in trouble."""
    if answer.status_code == 500:
        return b"Envelope" not in answer.content
    return answer.status_code in PASSING_STATUSES or answer.status_code > 500
