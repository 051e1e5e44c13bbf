"""An element or a controller that is told over HTTP with JSON: logins, errors as ours, each write sent once.

A read that fails may be tried again. Of a write only what was turned away at the door, or was refused in words, is
certain not to have happened. 409, 412 and 423 say that somebody else is at it: nothing has changed, and the next try
reads anew.
"""

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal
from urllib.parse import urljoin

import httpx

from canonical_model.errors import ConfigurationError, OutcomeUnknown, RetryableError, UnsafeToContinue
from connectors.http.bounded import gathered
from connectors.http.errors import http_errors, status_error
from connectors.http.quiet_log import quiet_log
from connectors.http.tls import TLS_OPTIONS
from connectors.http.usual_trust import trusted
from connectors.http.write_errors import write_errors, write_status_error
from connectors.ports import SystemSettings
from connectors.settings import PLAIN_HTTP, http_address, is_loopback, without_secrets
from provisioning.driver import ElementSettings

HTTP_OPTIONS: Final = (*TLS_OPTIONS, PLAIN_HTTP)
_MOST_BYTES: Final = 64_000_000
_BUSY: Final = frozenset({409, 412, 423, 425, 429})
_REFUSED: Final = frozenset({400, 404, 410, 422})


@dataclass(frozen=True, slots=True)
class TokenLogin:
    """How a token is asked for.

    Attributes:
        path: where.
        sends: name and password by HTTP Basic, as JSON, or as client credentials (RFC 6749 section 4.4).
        token: field of the answer that holds it.
    """

    path: str
    sends: Literal["basic", "json", "client_credentials"]
    token: str


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What an element answered: the body as JSON, None where there is none, and the headers."""

    body: Any
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Exchange:
    status: int
    headers: Mapping[str, str]
    content: bytes


def http_client(settings: ElementSettings, auth: httpx.Auth | None = None) -> httpx.Client:
    """A client for an element, whose paths are below its address; nothing is asked yet.

    Raises:
        ConfigurationError: the address is no URL, or unencrypted to another machine without leave; a certificate or
            an option of TLS is wrong.
    """
    system = _as_system(settings)
    address = http_address(system)
    quiet_log()
    trust_env = not is_loopback(address.hostname or "")
    verify = trusted(system, trust_env=trust_env)
    return httpx.Client(
        base_url=settings.address, auth=auth, timeout=settings.timeout_s, verify=verify, trust_env=trust_env
    )


def _as_system(settings: ElementSettings) -> SystemSettings:
    return SystemSettings(
        settings.name, settings.kind, settings.address, settings.options, settings.secrets, settings.timeout_s
    )


class HttpElement:
    """A connection to one element; used by one thread at a time."""

    def __init__(
        self, settings: ElementSettings, login: tuple[str, str], token: TokenLogin | None, media: str
    ) -> None:
        """Check the settings; nothing is asked yet.

        Args:
            settings: of the element.
            login: name and password.
            token: how a token is asked for with them; HTTP Basic on every request where there is none.
            media: type of the bodies.

        Raises:
            ConfigurationError: a setting is missing or wrong.
        """
        self._client = http_client(settings)
        self._settings, self._name, self._media = _as_system(settings), settings.name, media
        self._base = settings.address.rstrip("/") + "/"
        self._basic = "Basic " + b64encode(":".join(login).encode()).decode()
        self._login, self._how, self._token = login, token, ""

    def read(self, path: str, what: str, parameters: Mapping[str, str] | None = None) -> HttpAnswer | None:
        """What stands at a path; None where nothing is there.

        Args:
            path: below the address.
            what: for messages.
            parameters: of the query.

        Raises:
            RetryableError: it cannot be asked now.
            ConfigurationError: login or address are wrong.
            UnsafeToContinue: it refuses.
        """
        doing = f"get {what}"
        with http_errors(self._name, doing):
            answer = self._asked("GET", path, parameters=parameters)
        if answer.status in (404, 410):
            return None
        if answer.status == 400 or answer.status == 422:
            raise UnsafeToContinue(f"{self._name} refuses: {doing}: HTTP {answer.status} {self._said(answer)}")
        if answer.status in _BUSY:
            raise RetryableError(f"{self._name}: {doing}: HTTP {answer.status}: it is busy {self._said(answer)}")
        if not 200 <= answer.status < 300:
            raise status_error(self._name, doing, answer.status, answer.headers, self._said(answer))
        try:
            return _understood(answer)
        except ValueError as error:
            raise RetryableError(f"{self._name}: {doing}: the answer is no JSON") from error

    def write(
        self,
        method: str,
        path: str,
        what: str,
        body: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
        parameters: Mapping[str, str] | None = None,
    ) -> HttpAnswer:
        """Send a request that changes something, once.

        Args:
            method: POST, PUT, PATCH or DELETE.
            path: below the address.
            what: for messages.
            body: JSON value; no body where it is None.
            headers: beside those of the login.
            parameters: of the query.

        Raises:
            RetryableError: nothing has changed: it is out of reach, or somebody else is at it.
            OutcomeUnknown: something may have changed.
            UnsafeToContinue: it refuses, and would again.
            ConfigurationError: login or address are wrong.
        """
        doing = f"{method} {what}"
        self._log_in()
        with write_errors(self._name, doing):
            answer = self._asked(method, path, body=body, headers=headers, parameters=parameters)
        if 200 <= answer.status < 300:
            try:
                return _understood(answer)
            except ValueError as error:
                raise OutcomeUnknown(f"{self._name}: {doing}: the answer is no JSON; it may have happened") from error
        said = self._said(answer)
        if answer.status in _REFUSED:
            raise UnsafeToContinue(f"{self._name} refuses: {doing}: HTTP {answer.status} {said}")
        if answer.status in _BUSY:
            raise RetryableError(f"{self._name}: {doing}: HTTP {answer.status}: somebody else is at it {said}")
        raise write_status_error(self._name, doing, answer.status, answer.headers, said)

    def close(self) -> None:
        """Release the connections."""
        self._client.close()

    def _asked(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        parameters: Mapping[str, str] | None = None,
    ) -> _Exchange:
        """One exchange; a token that the element takes no more was turned away at the door, so it goes once more."""
        answer = self._sent(method, path, body, headers, parameters)
        if answer.status == 401 and self._how is not None:
            self._token = ""
            answer = self._sent(method, path, body, headers, parameters)
        return answer

    def _sent(
        self,
        method: str,
        path: str,
        body: Any,
        headers: Mapping[str, str] | None,
        parameters: Mapping[str, str] | None,
    ) -> _Exchange:
        self._log_in()
        authorization = self._basic if self._how is None else f"Bearer {self._token}"
        sent = {"Accept": self._media, "Authorization": authorization, **(headers or {})}
        content = None if body is None else json.dumps(body).encode()
        if content is not None:
            sent["Content-Type"] = self._media
        return self._exchanged(method, self._url(path), headers=sent, content=content, params=parameters or None)

    def _log_in(self) -> None:
        how = self._how
        if how is None or self._token:
            return
        name, password = self._login
        asked: dict[str, Any] = {"headers": {"Accept": "application/json"}}
        if how.sends == "json":
            asked["json"] = {"username": name, "password": password}
        else:
            asked["headers"] |= {"Authorization": self._basic}
        if how.sends == "client_credentials":
            asked["data"] = {"grant_type": "client_credentials"}
        with http_errors(self._name, "login"):
            answer = self._exchanged("POST", self._url(how.path), **asked)
        if answer.status in (400, 401, 403):
            raise ConfigurationError(f"{self._name}: login: HTTP {answer.status}: refused; check name and password")
        if not 200 <= answer.status < 300:
            raise status_error(self._name, "login", answer.status, answer.headers)
        try:
            told = json.loads(answer.content).get(how.token)
        except (ValueError, AttributeError) as error:
            raise RetryableError(f"{self._name}: login: the answer is no JSON object") from error
        if not isinstance(told, str) or not told.isascii() or not told.isprintable() or not told:
            raise ConfigurationError(f"{self._name}: login: the answer holds no {how.token}; check the variant")
        self._token = told

    def _exchanged(self, method: str, url: str, **asked: Any) -> _Exchange:
        with self._client.stream(method, url, **asked) as answer:
            content = gathered(answer.iter_bytes(), _MOST_BYTES, self._settings.timeout_s)
            return _Exchange(answer.status_code, answer.headers, content)

    def _url(self, path: str) -> str:
        return urljoin(self._base, path.lstrip("/"))

    def _said(self, answer: _Exchange) -> str:
        told = without_secrets(_words(answer), self._settings)[:160]
        return f"({told})" if told else ""


def _understood(answer: _Exchange) -> HttpAnswer:
    return HttpAnswer(json.loads(answer.content) if answer.content.strip() else None, answer.headers)


def _words(answer: _Exchange) -> str:
    """The line in which an element explains itself: of RFC 8040 section 7.1, or what is usual."""
    try:
        told = json.loads(answer.content)
    except ValueError:
        return ""
    if isinstance(told, dict) and isinstance(errors := told.get("ietf-restconf:errors"), dict):
        told = next(iter(errors.get("error") or ()), {})
    if not isinstance(told, dict):
        return ""
    words = (told.get(name) for name in ("error-message", "message", "error", "detail", "error-tag"))
    lines = [word.strip().splitlines()[0] for word in words if isinstance(word, str) and word.strip()]
    return lines[0] if lines else ""
