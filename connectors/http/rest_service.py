"""One REST service through httpx: login, time-outs, bounded retries, JSON with exact numbers.

Imported only when a system is opened, because httpx is heavy.
"""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

import httpx

from canonical_model.errors import ConfigurationError, OutcomeUnknown, RetryableError
from connectors.http.errors import http_errors, status_error
from connectors.http.exact_json import loads
from connectors.http.write_errors import meaning_of, write_errors, write_status_error
from connectors.patience import PASSING_STATUSES, Patience, patience_of, patiently
from connectors.ports import SystemSettings
from connectors.settings import choice, http_address, is_loopback, option, secret

LOGINS = ("api_key", "bearer", "basic", "oauth2", "none")
_CUT = (httpx.NetworkError, httpx.RemoteProtocolError)


@dataclass(frozen=True, slots=True)
class RestAnswer:
    """What a service answered: the body as JSON, the headers, and the next link of the ``Link`` header.

    To a write also whether it was refused, in words that are fit for a message.
    """

    body: Any
    headers: Mapping[str, str]
    next_link: str | None
    refusal: str = ""


class RestService:
    """Sends requests to one service; a token is fetched with the first one."""

    def __init__(self, settings: SystemSettings, *, for_writes: bool = False) -> None:
        """Check the settings; opens no connection.

        Args:
            settings: of the system.
            for_writes: send each request once and over a connection of its own (``session.PatientSession``).

        Raises:
            ConfigurationError: a setting is missing or wrong.
        """
        self._settings = settings
        self._name = settings.name
        self._address = http_address(settings)
        self._base = settings.address.rstrip("/") + "/"
        self._patience = Patience(attempts=1) if for_writes else patience_of(settings)
        self._login = choice(f"system {self._name}: options: login", settings.options.get("login", LOGINS[0]), LOGINS)
        self._token_url = _token_url(settings, self._address) if self._login == "oauth2" else ""
        self._header = _header(settings, self._login)
        self._client = httpx.Client(
            timeout=settings.timeout_s,
            verify=_trusted(settings),
            follow_redirects=False,
            limits=httpx.Limits(max_connections=100, max_keepalive_connections=0 if for_writes else 20),
            trust_env=not is_loopback(self._address.hostname or ""),
        )

    def get(self, path: str, parameters: Mapping[str, Any], what: str) -> RestAnswer:
        """Get a path below the address, or a link that the service gave.

        Args:
            path: relative path, or a URL on the same host.
            parameters: query parameters.
            what: the source object, for messages.

        Raises:
            ConfigurationError: login refused, nothing there, or a link to another host.
            RetryableError: time-out, cut connection, 429 or 5xx after all attempts, no JSON.
        """
        url, answer = self._fetched(path, parameters, what)
        return self._understood(url, answer, what)

    def find(self, path: str, parameters: Mapping[str, Any], what: str) -> RestAnswer | None:
        """As ``get``; None where nothing is there (404, 410)."""
        url, answer = self._fetched(path, parameters, what)
        return None if answer.status_code in {404, 410} else self._understood(url, answer, what)

    def write(self, method: str, path: str, body: Any, headers: Mapping[str, str], what: str) -> RestAnswer:
        """Send a request that changes something, once.

        Args:
            method: POST, PUT, PATCH or DELETE.
            path: relative path.
            body: JSON value.
            headers: beside those of the login.
            what: for messages.

        Raises:
            ConfigurationError, RetryableError: it is certain that nothing happened.
            OutcomeUnknown: it may have happened.
        """
        url, doing = self._url(path, what), f"{method} {what}"
        answer = self._written(method, url, body, headers, doing)
        if answer.status_code == 401 and self._login == "oauth2":
            self._header = {}  # turned away at the door, so it may go once more with a fresh token
            answer = self._written(method, url, body, headers, doing)
        meaning, said = meaning_of(answer.status_code), _said(answer)
        if meaning == "refused":
            told = f"HTTP {answer.status_code}" + (f" ({said})" if said else "")
            return RestAnswer(None, answer.headers, None, refusal=told)
        if meaning != "did":
            raise write_status_error(self._name, doing, answer.status_code, answer.headers, said)
        try:
            told_back = loads(answer.content) if answer.content else None
        except ValueError as error:
            raise OutcomeUnknown(f"{self._name}: {doing}: the answer is no JSON; it may have happened") from error
        return RestAnswer(told_back, answer.headers, None)

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def _url(self, path: str, what: str) -> str:
        url = urljoin(self._base, path if "://" in path else path.lstrip("/"))
        target = urlsplit(url)
        if (target.scheme, target.netloc) != (self._address.scheme, self._address.netloc):
            raise ConfigurationError(f"{self._name}: {what}: points to another host; the login would go there")
        return url

    def _fetched(self, path: str, parameters: Mapping[str, Any], what: str) -> tuple[str, httpx.Response]:
        url = self._url(path, what)
        with http_errors(self._name, f"get {what}"):
            answer = self._send(url, parameters)
            if answer.status_code == 401 and self._login == "oauth2":
                self._header = {}  # a token that has expired is renewed once
                answer = self._send(url, parameters)
        return url, answer

    def _understood(self, url: str, answer: httpx.Response, what: str) -> RestAnswer:
        if answer.status_code != 200:
            raise status_error(self._name, f"get {what}", answer.status_code, answer.headers, _said(answer))
        link = answer.links.get("next", {}).get("url")
        return RestAnswer(self._json(answer, what), answer.headers, urljoin(url, link) if link else None)

    def _written(self, method: str, url: str, body: Any, headers: Mapping[str, str], doing: str) -> httpx.Response:
        with http_errors(self._name, "login"):
            self._log_in()
        with write_errors(self._name, doing):
            return self._client.request(method, url, json=body, headers={**headers, **self._header})

    def _log_in(self) -> None:
        if self._login == "oauth2" and not self._header:
            self._header = {"Authorization": f"Bearer {self._fetch_token()}"}

    def _send(self, url: str, parameters: Mapping[str, Any]) -> httpx.Response:
        self._log_in()
        # Parameters of None keep the query that a link brings.
        return patiently(
            lambda: self._client.get(url, params=dict(parameters) or None, headers=self._header),
            self._patience,
            passing=_passes,
            broken=_CUT,
        )

    def _fetch_token(self) -> str:
        form = {"grant_type": "client_credentials"}
        if scope := self._settings.options.get("scope"):
            form["scope"] = str(scope)
        login = httpx.BasicAuth(option(self._settings, "client_id"), secret(self._settings, "client_secret"))
        answer = patiently(
            lambda: self._client.post(self._token_url, data=form, auth=login),
            self._patience,
            passing=_passes,
            broken=_CUT,
        )
        if answer.status_code in {400, 401, 403}:
            raise ConfigurationError(
                f"{self._name}: login: HTTP {answer.status_code}: refused; check client_id, client_secret and scope"
            )
        if answer.status_code != 200:
            raise status_error(self._name, "login", answer.status_code, answer.headers)
        told = self._json(answer, "login")
        token = told.get("access_token") if isinstance(told, dict) else None
        if not isinstance(token, str) or not token.isprintable() or not token:
            raise ConfigurationError(f"{self._name}: login: the answer holds no access_token; check token_url")
        return token

    def _json(self, answer: httpx.Response, what: str) -> Any:
        try:
            return loads(answer.content)
        except ValueError as error:
            raise RetryableError(
                f"{self._name}: {what}: the answer is no JSON; try again later, and check the address if it stays so"
            ) from error


def _header(settings: SystemSettings, login: str) -> dict[str, str]:
    if login == "api_key":
        return {option(settings, "api_key_header", "X-API-Key"): secret(settings, "api_key")}
    if login == "bearer":
        return {"Authorization": f"Bearer {secret(settings, 'token')}"}
    if login == "basic":
        request = httpx.Request("GET", "http://localhost")
        auth = httpx.BasicAuth(option(settings, "username"), secret(settings, "password"))
        return {"Authorization": next(auth.auth_flow(request)).headers["Authorization"]}
    if login == "oauth2":
        option(settings, "client_id")
        secret(settings, "client_secret")
    return {}


def _token_url(settings: SystemSettings, address: SplitResult) -> str:
    url = urljoin(settings.address, option(settings, "token_url"))
    target = urlsplit(url)
    if target.netloc != address.netloc and target.scheme != "https":
        raise ConfigurationError(f"system {settings.name}: options: token_url: expected https:// or a path")
    return url


def _trusted(settings: SystemSettings) -> ssl.SSLContext | bool:
    bundle = settings.options.get("ca_bundle")
    if bundle is None:
        return True
    try:
        return ssl.create_default_context(cafile=str(bundle))
    except OSError as error:
        raise ConfigurationError(f"system {settings.name}: options: ca_bundle: no readable certificates") from error


def _said(answer: httpx.Response) -> str:
    """The line in which a service explains a refusal (RFC 9457 ``detail``, or what is usual), empty without one."""
    try:
        told = loads(answer.content)
    except ValueError:
        return ""
    words = [told.get(name) for name in ("detail", "title", "message", "error")] if isinstance(told, dict) else []
    lines = [word.strip().splitlines()[0] for word in words if isinstance(word, str) and word.strip()]
    return lines[0][:160] if lines else ""


def _passes(answer: httpx.Response) -> bool:
    return answer.status_code in PASSING_STATUSES or answer.status_code > 500
