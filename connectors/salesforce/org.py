"""One Salesforce org through simple-salesforce: log in, ask, renew an expired session once, say what was refused.

Imported only when a system is opened, because the library is heavy.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, BinaryIO, TypeVar

import requests
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceError, SalesforceExpiredSession
from simple_salesforce.util import exception_handler

from canonical_model.errors import ConfigurationError, RetryableError, SpliceError, UnsafeToContinue
from connectors.http.errors import http_errors, status_error
from connectors.http.session import PatientSession
from connectors.patience import PASSING_STATUSES, Patience, patience_of
from connectors.ports import SystemSettings
from connectors.salesforce.api_usage import ApiUsage
from connectors.salesforce.logins import LATER, Login
from connectors.salesforce.object_description import ObjectDescription, described
from connectors.salesforce.raw_records import plain_number
from connectors.salesforce.soql import QueryRefused, page_size
from connectors.settings import http_address, option

Found = TypeVar("Found")

_VENDOR_DOMAIN = ".salesforce.com"


class Org:
    """A Salesforce org; logs in with the first request.

    Attributes:
        usage: how many API calls are left.
        clock: what the org's clock said with the last answer (HTTP date), empty before the first.
    """

    def __init__(self, settings: SystemSettings, *, for_writes: bool = False) -> None:
        """Check the settings; opens no connection.

        Args:
            settings: of the system.
            for_writes: send each request once and over a connection of its own.

        Raises:
            ConfigurationError: a setting is missing or wrong.
        """
        address = http_address(settings)
        host = address.hostname or ""
        is_vendor = host.endswith(_VENDOR_DOMAIN)
        self.name = settings.name
        self.usage = ApiUsage(settings)
        self.clock = ""
        self._version = option(settings, "api_version", "59.0")
        # The library builds every URL as https://DOMAIN.salesforce.com; an address elsewhere gets them all.
        domain = host.removesuffix(_VENDOR_DOMAIN) if is_vendor else "elsewhere.my"
        self._login = Login(settings, domain, host)
        self._session = PatientSession(
            address,
            timeout_s=settings.timeout_s,
            patience=Patience(attempts=1) if for_writes else patience_of(settings),
            passing=_passes,
            only_host=not is_vendor,
            ca_bundle=settings.options.get("ca_bundle"),
            fresh=for_writes,
        )
        self._session.hooks["response"] += [self.usage.note, self._note_clock]
        self._client: Salesforce | None = None
        self._described: dict[str, ObjectDescription | None] = {}

    @property
    def version(self) -> str:
        """Version of the REST API that is spoken, as in ``62.0``."""
        return self._version

    def query(self, text: str, doing: str, *, deleted_too: bool, size: int) -> dict[str, Any]:
        """The first page of a query.

        Args:
            text: SOQL.
            doing: for messages.
            deleted_too: records in the recycle bin as well.
            size: records wanted in a page.

        Raises:
            QueryRefused: the org names a fault in the query.
            ConfigurationError: login or rights.
            RetryableError: time-out, cut connection, limit used up or nearly so.
        """
        headers = _page_of(size)
        return self._call(
            doing, lambda client: _result(client.query(text, include_deleted=deleted_too, headers=headers))
        )

    def more(self, url: str, doing: str, *, size: int) -> dict[str, Any]:
        """The page behind ``nextRecordsUrl``; raises as ``query`` does."""
        headers = _page_of(size)
        return self._call(
            doing, lambda client: _result(client.query_more(url, identifier_is_url=True, headers=headers))
        )

    def ask(self, path: str, doing: str, *, method: str = "GET", body: Mapping[str, Any] | None = None) -> Any:
        """Any other resource below ``/services/data/vXX.X/``, as JSON; None where it answers without a body.

        Raises:
            QueryRefused, ConfigurationError, RetryableError: as ``query``.
        """

        def told(client: Salesforce) -> Any:
            try:
                return client.restful(path, method=method, json=body)
            except (
                TypeError
            ) as error:  # the library measures what it was told, which a number or null has no size for
                raise requests.JSONDecodeError("no object and no list", "", 0) from error

        return self._call(doing, told)

    def download(self, path: str, doing: str, into: BinaryIO, *, parameters: Mapping[str, Any]) -> Mapping[str, str]:
        """A resource that is no JSON, into a file; gives the headers of the answer. Raises as ``query`` does."""

        def fetch(client: Salesforce) -> Mapping[str, str]:
            answer = self._session.download(
                client.base_url + path, into, params=parameters, headers={**client.headers, "Accept": "text/csv"}
            )
            if answer.status_code != 200:
                exception_handler(answer, name=path)
            return answer.headers

        return self._call(doing, fetch)

    def described(self, name: str) -> ObjectDescription | None:
        """Fields and relationships of an object, asked for once; None where it does not exist or tells nothing."""
        if name not in self._described:
            try:
                self._described[name] = described(self.ask(f"sobjects/{name}/describe", f"describe {name}"))
            except QueryRefused:
                self._described[name] = None
        return self._described[name]

    def objects(self) -> set[str]:
        """Names of the objects that the login may see."""
        told = self._call("describe objects", lambda client: client.describe())
        listed = told.get("sobjects") if isinstance(told, dict) else None
        return {str(entry["name"]) for entry in listed or () if isinstance(entry, dict) and "name" in entry}

    def record(self, path: str, fields: Iterable[str], doing: str) -> dict[str, Any] | None:
        """Fields of one record by its path below ``sobjects/``; None where there is none.

        Raises:
            QueryRefused, ConfigurationError, RetryableError: as ``query``.
            UnsafeToContinue: several records have that external id.
        """
        wanted = {"fields": ",".join(fields)}
        try:
            told = self._call(doing, lambda client: client.restful(f"sobjects/{path}", params=wanted))
        except QueryRefused as refusal:
            if refusal.code != "NOT_FOUND":
                raise
            return None
        if not isinstance(told, dict):
            raise RetryableError(f"{self.name}: {doing}: the answer is no record; try again later")
        return told

    def records(self, wanted: Sequence[tuple[str, Iterable[str]]], doing: str) -> list[dict[str, Any] | None]:
        """Fields of several records, each by its path below ``sobjects/``, in one call; None where there is none.

        Args:
            wanted: at most 25 paths, each with its fields.
            doing: for messages.

        Raises:
            QueryRefused, ConfigurationError, RetryableError, UnsafeToContinue: as ``record``.
        """
        base = f"/services/data/v{self._version}/sobjects"
        asked = [
            {"method": "GET", "url": f"{base}/{path}?fields={','.join(fields)}", "referenceId": f"look{number}"}
            for number, (path, fields) in enumerate(wanted)
        ]
        told = self.ask("composite", doing, method="POST", body={"allOrNone": False, "compositeRequest": asked})
        answers = told.get("compositeResponse") if isinstance(told, dict) else None
        if not isinstance(answers, list) or len(answers) != len(asked):
            raise RetryableError(f"{self.name}: {doing}: the answer is not in Salesforce's words; try again later")
        return [self._record_in(answer, doing) for answer in answers]

    def _record_in(self, answer: Any, doing: str) -> dict[str, Any] | None:
        """The record in one part of an answer."""
        part = answer if isinstance(answer, dict) else {}
        status, body = part.get("httpStatusCode"), part.get("body")
        if status == 200 and isinstance(body, dict):
            return body
        if not isinstance(status, int) or status < 300:
            raise RetryableError(f"{self.name}: {doing}: the answer is no record; try again later")
        refusal = self._refusal(doing, SalesforceError("", status, "", body))
        if isinstance(refusal, QueryRefused) and refusal.code == "NOT_FOUND":
            return None
        raise refusal

    def client(self, doing: str, *, anew: bool = False) -> Salesforce:
        """The library's client, logged in; for writes, which are never repeated here.

        Args:
            doing: for messages.
            anew: log in again, because the session has ended.

        Raises:
            ConfigurationError: the login failed, or cannot be renewed.
            RetryableError: the login failed, or the calls of the day are nearly used up.
        """
        self.usage.hold(doing)
        if anew:
            if self._login.kind == "session_id":
                raise self.ended(doing)
            self._client = None
        with http_errors(self.name, doing):
            return self._logged_in()

    def ended(self, doing: str) -> ConfigurationError:
        """The error for a session that is refused although it was just opened, or cannot be opened anew."""
        return self._login.ended(doing)

    def close(self) -> None:
        """Close the connection."""
        self._session.close()
        self._client = None

    def _call(self, doing: str, ask: Callable[[Salesforce], Found]) -> Found:
        self.usage.hold(doing)
        with http_errors(self.name, doing):
            try:
                try:
                    return ask(self._logged_in())
                except SalesforceExpiredSession as error:
                    if self._login.kind == "session_id":
                        raise self.ended(doing) from error
                    self._client = None
                return ask(self._logged_in())
            except SalesforceExpiredSession as error:
                raise self.ended(doing) from error
            except SalesforceError as error:
                raise self._refusal(doing, error) from error

    def _logged_in(self) -> Salesforce:
        if self._client is None:
            token, instance = self._login.enter(self._session, self._version)
            self._client = Salesforce(
                session_id=token,
                instance=instance,
                version=self._version,
                session=self._session,
                parse_float=plain_number,  # money must not pass through a binary float
                object_pairs_hook=dict,
            )
        return self._client

    def _note_clock(self, answer: requests.Response, *_args: Any, **_options: Any) -> None:
        self.clock = answer.headers.get("Date", self.clock)

    def _refusal(self, doing: str, error: SalesforceError) -> Exception:
        code, said = _words(error.content)
        if error.status == 300:
            return UnsafeToContinue(f"{self.name}: {doing}: several records have this external id; ask who owns them")
        if code in LATER:
            return RetryableError(f"{self.name}: {doing}: {code}; try again later")
        if code and error.status in {400, 404}:
            return QueryRefused(code, said)
        told: SpliceError = status_error(self.name, doing, error.status, {}, code)
        return told


def _page_of(size: int) -> dict[str, str]:
    return {"Sforce-Query-Options": f"batchSize={page_size(size)}"}


def _passes(answer: requests.Response) -> bool:
    if answer.status_code == 403:
        return b"REQUEST_LIMIT_EXCEEDED" in answer.content
    if answer.status_code == 500 and b"Envelope>" in answer.content:
        return False  # what is wrong with a login by password comes as a SOAP fault; trying it again locks the user
    return answer.status_code in PASSING_STATUSES or answer.status_code > 500


def _result(told: Any) -> dict[str, Any]:
    records = told.get("records") if isinstance(told, dict) else None
    if (
        not isinstance(records, list)
        or not all(isinstance(record, dict) for record in records)
        or not isinstance(told.get("totalSize"), int)
        or "done" not in told
    ):
        raise requests.JSONDecodeError("no query result", "", 0)
    found: dict[str, Any] = told
    return found


def _words(content: Any) -> tuple[str, str]:
    """Error code and first line of what the org says, both empty where it does not speak as Salesforce does."""
    entry = content[0] if isinstance(content, list) and content else None
    if not isinstance(entry, dict):
        return "", ""
    lines = str(entry.get("message", "")).strip().splitlines()
    return str(entry.get("errorCode", "")), lines[-1][:200] if lines else ""
