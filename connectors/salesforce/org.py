"""One Salesforce org through simple-salesforce: log in, ask, renew an expired session once, say what was refused.

Imported only when a system is opened, because the library is heavy.
"""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import requests
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceError,
    SalesforceExpiredSession,
)
from simple_salesforce.login import SalesforceLogin

from canonical_model.errors import ConfigurationError, RetryableError, SpliceError, UnsafeToContinue
from connectors.http.errors import http_errors, status_error
from connectors.http.session import PatientSession
from connectors.patience import PASSING_STATUSES, Patience, patience_of
from connectors.ports import SystemSettings
from connectors.salesforce.soql import QueryRefused
from connectors.settings import choice, http_address, option, secret, secret_key_text

Found = TypeVar("Found")

_VENDOR_DOMAIN = ".salesforce.com"
_LATER = frozenset({"QUERY_TIMEOUT", "SERVER_UNAVAILABLE", "REQUEST_LIMIT_EXCEEDED", "UNABLE_TO_LOCK_ROW"})


class Org:
    """A Salesforce org; logs in with the first request."""

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
        self._name = settings.name
        self._version = option(settings, "api_version", "59.0")
        self._credentials = _credentials(settings)
        # The library builds every URL as https://DOMAIN.salesforce.com; an address elsewhere gets them all.
        self._domain = host.removesuffix(_VENDOR_DOMAIN) if is_vendor else "elsewhere.my"
        if self._domain in {"login", "test"} and "username" not in self._credentials:
            raise ConfigurationError(
                f"system {settings.name}: address: login {_login_kind(settings)} needs the org's own My Domain, "
                "https://NAME.my.salesforce.com"
            )
        self._session = PatientSession(
            address,
            timeout_s=settings.timeout_s,
            patience=Patience(attempts=1) if for_writes else patience_of(settings),
            passing=_passes,
            only_host=not is_vendor,
            ca_bundle=settings.options.get("ca_bundle"),
            fresh=for_writes,
        )
        self._client: Salesforce | None = None

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
            size: records wanted in a page; the org gives 200 to 2,000.

        Raises:
            QueryRefused: the org names a fault in the query.
            ConfigurationError: login or rights.
            RetryableError: time-out, cut connection, limit used up.
        """
        headers = {"Sforce-Query-Options": f"batchSize={min(max(size, 200), 2000)}"}
        return self._call(
            doing, lambda client: _result(client.query(text, include_deleted=deleted_too, headers=headers))
        )

    def more(self, url: str, doing: str) -> dict[str, Any]:
        """The page behind ``nextRecordsUrl``; raises as ``query`` does."""
        return self._call(doing, lambda client: _result(client.query_more(url, identifier_is_url=True)))

    def fields(self, name: str) -> set[str]:
        """Names of the fields and parent relationships of an object; none where it may not be described."""
        try:
            told = self._call(f"describe {name}", lambda client: client.restful(f"sobjects/{name}/describe"))
        except QueryRefused:
            return set()
        fields = told.get("fields", []) if isinstance(told, dict) else []
        return {field[key] for field in fields for key in ("name", "relationshipName") if field.get(key)}

    def objects(self) -> set[str]:
        """Names of the objects that the login may see."""
        told = self._call("describe objects", lambda client: client.describe())
        return {entry["name"] for entry in told["sobjects"]} if isinstance(told, dict) else set()

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
            raise RetryableError(f"{self._name}: {doing}: the answer is no record; try again later")
        return told

    def client(self, doing: str, *, anew: bool = False) -> Salesforce:
        """The library's client, logged in; for writes, which are never repeated here.

        Args:
            doing: for messages.
            anew: log in again, because the session has ended.

        Raises:
            ConfigurationError, RetryableError: the login failed.
        """
        if anew:
            self._client = None
        with http_errors(self._name, doing):
            return self._logged_in()

    def close(self) -> None:
        """Close the connection."""
        self._session.close()
        self._client = None

    def _call(self, doing: str, ask: Callable[[Salesforce], Found]) -> Found:
        with http_errors(self._name, doing):
            try:
                try:
                    return ask(self._logged_in())
                except SalesforceExpiredSession:
                    self._client = None
                return ask(self._logged_in())
            except SalesforceExpiredSession as error:
                raise ConfigurationError(
                    f"{self._name}: {doing}: the session is refused right after login; check that the integration "
                    "user may use the API"
                ) from error
            except SalesforceError as error:
                raise self._refusal(doing, error) from error

    def _logged_in(self) -> Salesforce:
        if self._client is None:
            token, instance = self._login()
            self._client = Salesforce(
                session_id=token,
                instance=instance,
                version=self._version,
                session=self._session,
                parse_float=str,  # money must not pass through a binary float
                object_pairs_hook=dict,
            )
        return self._client

    def _login(self) -> tuple[str, str]:
        try:
            token, instance = SalesforceLogin(
                session=self._session, domain=self._domain, sf_version=self._version, **self._credentials
            )
        except SalesforceAuthenticationFailed as error:
            if error.code in _LATER:
                raise RetryableError(f"{self._name}: login: {error.code}; try again later") from error
            # With a number for a code the library quotes a whole answer that was no JSON.
            said = (
                f"{error.code}: {error.auth_message}" if isinstance(error.code, str) else "not in Salesforce's words"
            )
            raise ConfigurationError(
                f"{self._name}: login refused ({said}); check address, login, its user and its secrets"
            ) from error
        except (AttributeError, TypeError, ValueError) as error:  # what the library makes of other words or a bad key
            raise ConfigurationError(
                f"{self._name}: login failed: no usable key, or the address answers with something that is no "
                "Salesforce login; check both"
            ) from error
        if not token:
            raise ConfigurationError(f"{self._name}: login gave no token; check the address")
        return token, instance

    def _refusal(self, doing: str, error: SalesforceError) -> Exception:
        code, said = _words(error.content)
        if error.status == 300:
            return UnsafeToContinue(
                f"{self._name}: {doing}: several records have this external id; ask who owns them"
            )
        if code in _LATER:
            return RetryableError(f"{self._name}: {doing}: {code}; try again later")
        if code and error.status in {400, 404}:
            return QueryRefused(code, said)
        told: SpliceError = status_error(self._name, doing, error.status, {}, code)
        return told


def _credentials(settings: SystemSettings) -> dict[str, str]:
    kind = choice(f"system {settings.name}: options: login", _login_kind(settings), LOGINS)
    if kind == "client_credentials":
        return {
            "consumer_key": option(settings, "client_id"),
            "consumer_secret": secret(settings, "client_secret"),
        }
    if kind == "jwt_bearer":
        return {
            "username": option(settings, "username"),
            "consumer_key": option(settings, "client_id"),
            "privatekey": secret_key_text(settings, "private_key"),
        }
    return {
        "username": option(settings, "username"),
        "password": secret(settings, "password"),
        "security_token": secret(settings, "security_token"),
    }


LOGINS = ("client_credentials", "jwt_bearer", "password")


def _login_kind(settings: SystemSettings) -> str:
    return str(settings.options.get("login", LOGINS[0]))


def _passes(answer: requests.Response) -> bool:
    if answer.status_code == 403:
        return b"REQUEST_LIMIT_EXCEEDED" in answer.content
    if answer.status_code == 500 and b"Envelope>" in answer.content:
        return False  # what is wrong with a login by password comes as a SOAP fault; trying it again locks the user
    return answer.status_code in PASSING_STATUSES or answer.status_code > 500


def _result(told: Any) -> dict[str, Any]:
    if not isinstance(told, dict) or not {"records", "totalSize", "done"} <= set(told):
        raise requests.JSONDecodeError("no query result", "", 0)
    return told


def _words(content: Any) -> tuple[str, str]:
    """Error code and first line of what the org says, both empty where it does not speak as Salesforce does."""
    entry = content[0] if isinstance(content, list) and content else None
    if not isinstance(entry, dict):
        return "", ""
    lines = str(entry.get("message", "")).strip().splitlines()
    return str(entry.get("errorCode", "")), lines[-1][:200] if lines else ""
