"""One REST service through httpx: login, time-outs, bounded retries, JSON with exact numbers.

Imported only when a system is opened, because httpx is heavy.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit, urlunsplit

import httpx

from canonical_model.errors import ConfigurationError, OutcomeUnknown, RetryableError
from connectors.exact_json import loads_answer
from connectors.http.bounded import gathered, largest_answer
from connectors.http.errors import http_errors, status_error
from connectors.http.key_in_query import keyed_transport
from connectors.http.link_header import joined, next_link, without_parameter
from connectors.http.logins import LOGINS, ClientToken, fixed_header, key_in_query
from connectors.http.quiet_log import quiet_log
from connectors.http.usual_trust import trusted
from connectors.http.write_errors import meaning_of, write_errors, write_status_error
from connectors.patience import PASSING_STATUSES, Patience, patience_of, patiently
from connectors.ports import SystemSettings
from connectors.settings import choice, http_address, is_loopback, origin, without_secrets

_CUT = (httpx.NetworkError, httpx.RemoteProtocolError)
LINKS = ("as_given", "same_host")


@dataclass(frozen=True, slots=True)
class RestAnswer:
    """What a service answered: the body as JSON, the headers, and the next link of the ``Link`` header.

    To a write also whether it was refused, in words that are fit for a message.

    Attributes:
        url: where it was asked; links in the body count from here.
    """

    body: Any
    headers: Mapping[str, str]
    next_link: str | None
    refusal: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class _Exchange:
    """An answer that was read whole, unpacked."""

    url: str
    status_code: int
    headers: Mapping[str, str]
    content: bytes

    def json(self) -> Any:
        """The body.

        Raises:
            ValueError: it is no JSON.
        """
        return loads_answer(self.content, self.headers.get("Content-Type", ""))


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
        self._most_bytes = largest_answer(settings)
        self._patience = Patience(attempts=1) if for_writes else patience_of(settings)
        place = f"system {self._name}: options:"
        self._links = choice(f"{place} links", settings.options.get("links", LINKS[0]), LINKS)
        login = choice(f"{place} login", settings.options.get("login", LOGINS[0]), LOGINS)
        self._header = fixed_header(settings, login)
        self._token = ClientToken(settings, self._address, self._ask_for_token) if login == "oauth2" else None
        self._key = key_in_query(settings, login)
        quiet_log()
        self._client = self._opened(max_kept=0 if for_writes else 20)

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
        answer = self._fetched(path, parameters, what)
        return self._understood(answer, what)

    def find(self, path: str, parameters: Mapping[str, Any], what: str) -> RestAnswer | None:
        """As ``get``; None where nothing is there (404, 410)."""
        answer = self._fetched(path, parameters, what)
        return None if answer.status_code in {404, 410} else self._understood(answer, what)

    def get_if_changed(self, path: str, parameters: Mapping[str, Any], tag: str, what: str) -> RestAnswer | None:
        """As ``get``; None where the service still gives what it gave with that entity tag (RFC 9110 section 13)."""
        answer = self._fetched(path, parameters, what, {"If-None-Match": tag})
        return None if answer.status_code == 304 else self._understood(answer, what)

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
        if answer.status_code == 401 and self._token is not None:
            self._token.forget()  # turned away at the door, so it may go once more with a fresh token
            answer = self._written(method, url, body, headers, doing)
        meaning, said = meaning_of(answer.status_code), self._said(answer)
        if meaning == "refused":
            told = f"HTTP {answer.status_code}" + (f" ({said})" if said else "")
            return RestAnswer(None, answer.headers, None, refusal=told)
        if meaning != "did":
            raise write_status_error(self._name, doing, answer.status_code, answer.headers, said)
        try:
            told_back = answer.json() if answer.content else None
        except ValueError as error:
            raise OutcomeUnknown(f"{self._name}: {doing}: the answer is no JSON; it may have happened") from error
        return RestAnswer(told_back, answer.headers, None)

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def followed(self, url: str, link: str) -> str:
        """Where a link leads that stands in an answer from a URL; a key in its query is taken out."""
        led = joined(url, link)
        return led if self._key is None else without_parameter(led, self._key[0])

    def _opened(self, max_kept: int) -> httpx.Client:
        limits = httpx.Limits(max_connections=100, max_keepalive_connections=max_kept)
        trust_env = not is_loopback(self._address.hostname or "")
        verify = trusted(self._settings, trust_env=trust_env)
        return httpx.Client(
            timeout=self._settings.timeout_s,
            verify=verify,
            follow_redirects=False,
            limits=limits,
            trust_env=trust_env,
            transport=keyed_transport(self._address, self._key, verify, limits, trust_env) if self._key else None,
        )

    def _url(self, path: str, what: str) -> str:
        try:
            url = urljoin(self._base, path if "://" in path else path.lstrip("/"))
            target = urlsplit(url)
            if self._links == "same_host" and "://" in path:
                target = target._replace(scheme=self._address.scheme, netloc=self._address.netloc)
            if origin(target) == origin(self._address):
                return urlunsplit((self._address.scheme, self._address.netloc, target.path, target.query, ""))
        except ValueError as error:
            raise ConfigurationError(f"{self._name}: {what}: holds no usable URL; check the address") from error
        raise ConfigurationError(
            f"{self._name}: {what}: points to another host; the login would go there (where the service does not"
            " know its own address, set links: same_host)"
        )

    def _fetched(
        self, path: str, parameters: Mapping[str, Any], what: str, headers: Mapping[str, str] | None = None
    ) -> _Exchange:
        url = self._url(path, what)
        with http_errors(self._name, f"get {what}"):
            answer = self._read(url, parameters, headers or {})
            if answer.status_code == 401 and self._token is not None:
                self._token.forget()  # ended before its time
                answer = self._read(url, parameters, headers or {})
        return answer

    def _understood(self, answer: _Exchange, what: str) -> RestAnswer:
        if answer.status_code != 200:
            raise status_error(self._name, f"get {what}", answer.status_code, answer.headers, self._said(answer))
        link = next_link(answer.headers.get("Link", ""))
        try:
            body = answer.json()
        except ValueError as error:
            raise RetryableError(
                f"{self._name}: {what}: the answer is no JSON; try again later, and check the address if it stays so"
            ) from error
        following = None if link is None else self.followed(answer.url, link)
        return RestAnswer(body, answer.headers, following, url=answer.url)

    def _written(self, method: str, url: str, body: Any, headers: Mapping[str, str], doing: str) -> _Exchange:
        with http_errors(self._name, "login"):
            login = self._login()
        with write_errors(self._name, doing):
            return self._sent(method, url, json=body, headers={**headers, **login})

    def _login(self) -> Mapping[str, str]:
        return self._header if self._token is None else self._token.header()

    def _read(self, url: str, parameters: Mapping[str, Any], headers: Mapping[str, str]) -> _Exchange:
        login = self._login()
        # a link is asked for as the service spelled it; merging would spell its query anew
        asked = str(httpx.URL(url).copy_merge_params(dict(parameters))) if parameters else url
        return self._patiently("GET", asked, headers={**headers, **login})

    def _ask_for_token(self, url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> _Exchange:
        return self._patiently("POST", url, data=dict(form), headers={"Accept": "application/json", **headers})

    def _patiently(self, method: str, url: str, **request: Any) -> _Exchange:
        return patiently(lambda: self._sent(method, url, **request), self._patience, passing=_passes, broken=_CUT)

    def _said(self, answer: _Exchange) -> str:
        return without_secrets(_said(answer), self._settings)[:160]

    def _sent(self, method: str, url: str, **request: Any) -> _Exchange:
        with self._client.stream(method, url, **request) as answer:
            body = gathered(answer.iter_bytes(), self._most_bytes, self._settings.timeout_s)
            return _Exchange(str(answer.url), answer.status_code, answer.headers, body)


def _said(answer: _Exchange) -> str:
    """The line in which a service explains a refusal (RFC 9457 ``detail``, or what is usual), empty without one."""
    try:
        told = answer.json()
    except ValueError:
        return ""
    words = [told.get(name) for name in ("detail", "title", "message", "error")] if isinstance(told, dict) else []
    lines = [word.strip().splitlines()[0] for word in words if isinstance(word, str) and word.strip()]
    return lines[0] if lines else ""


def _passes(answer: _Exchange) -> bool:
    return answer.status_code in PASSING_STATUSES or answer.status_code > 500
