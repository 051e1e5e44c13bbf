"""How a request to a REST service says who asks: a header or parameter that stays, or a token that is renewed."""

import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any, Protocol
from urllib.parse import SplitResult, urljoin, urlsplit

from canonical_model.errors import ConfigurationError, RetryableError
from connectors.exact_json import loads_answer
from connectors.http.errors import status_error
from connectors.patience import Answered
from connectors.ports import SystemSettings
from connectors.settings import choice, option, secret

LOGINS = ("api_key", "bearer", "basic", "oauth2", "none")
CLIENT_LOGINS = ("header", "body")
KEY_PLACES = ("header", "query")
LONGEST_LEEWAY_S = 60.0
"""A token is renewed so long before it ends, or at nine tenths of a short life."""


class TokenAnswer(Answered, Protocol):
    """What a token request is answered with."""

    @property
    def content(self) -> bytes:
        """Octets of the body."""
        ...


Ask = Callable[[str, Mapping[str, str], Mapping[str, str]], TokenAnswer]
"""Posts a form with headers to a URL."""


def fixed_header(settings: SystemSettings, login: str) -> dict[str, str]:
    """The header of a login that needs no question beforehand.

    Raises:
        ConfigurationError: a setting is missing or wrong.
    """
    if login == "api_key" and key_in_query(settings, login) is None:
        return {option(settings, "api_key_header", "X-API-Key"): secret(settings, "api_key")}
    if login == "bearer":
        return {"Authorization": f"Bearer {secret(settings, 'token')}"}
    if login == "basic":
        return basic_header(option(settings, "username"), secret(settings, "password"))
    return {}


def key_in_query(settings: SystemSettings, login: str) -> tuple[str, str] | None:
    """The query parameter that takes the key of a login, and the key; None where it does not go there.

    Raises:
        ConfigurationError: a setting is missing or wrong.
    """
    place = f"system {settings.name}: options: api_key_in"
    where = choice(place, settings.options.get("api_key_in", KEY_PLACES[0]), KEY_PLACES)
    if login != "api_key" or where != "query":
        return None
    return option(settings, "api_key_parameter", "api_key"), secret(settings, "api_key")


def basic_header(name: str, password: str) -> dict[str, str]:
    """The header of HTTP Basic, in UTF-8 (RFC 7617)."""
    return {"Authorization": "Basic " + b64encode(f"{name}:{password}".encode()).decode()}


class ClientToken:
    """A token by client credentials (RFC 6749 section 4.4), fetched with the first request.

    Args:
        settings: of the system.
        address: of the system.
        ask: posts a form.
        clock: seconds that only grow; the token's life is measured by them and not by the time of day.
    """

    def __init__(
        self, settings: SystemSettings, address: SplitResult, ask: Ask, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._name = settings.name
        self._url = _token_url(settings, address)
        self._ask = ask
        self._clock = clock
        place = f"system {settings.name}: options: client_login"
        client_id, client_secret = option(settings, "client_id"), secret(settings, "client_secret")
        self._form = {"grant_type": "client_credentials", **_more(settings)}
        self._headers = {}
        if choice(place, settings.options.get("client_login", CLIENT_LOGINS[0]), CLIENT_LOGINS) == "body":
            self._form |= {"client_id": client_id, "client_secret": client_secret}
        else:
            self._headers = basic_header(client_id, client_secret)
        self._token = ""
        self._ends: float | None = None

    def header(self) -> dict[str, str]:
        """The header with a token that is good for a while yet.

        Raises:
            ConfigurationError: the service gives none.
            RetryableError: it cannot be asked now.
        """
        if not self._token or (self._ends is not None and self._clock() >= self._ends):
            self._fetch()
        return {"Authorization": f"Bearer {self._token}"}

    def forget(self) -> None:
        """The service took the token no more; the next request fetches another."""
        self._token = ""

    def _fetch(self) -> None:
        asked_at = self._clock()
        answer = self._ask(self._url, self._form, self._headers)
        if answer.status_code in {400, 401, 403}:
            raise ConfigurationError(
                f"{self._name}: login: HTTP {answer.status_code}: refused; check client_id, client_secret and scope"
            )
        if answer.status_code != 200:
            raise status_error(self._name, "login", answer.status_code, answer.headers)
        told = self._told(answer)
        token = told.get("access_token") if isinstance(told, dict) else None
        if not isinstance(token, str) or not token.isascii() or not token.isprintable() or not token:
            raise ConfigurationError(f"{self._name}: login: the answer holds no access_token; check token_url")
        self._token = token
        life = _seconds(told.get("expires_in"))
        self._ends = None if life is None else asked_at + max(life - LONGEST_LEEWAY_S, life * 0.9)

    def _told(self, answer: TokenAnswer) -> Any:
        try:
            return loads_answer(answer.content, answer.headers.get("Content-Type", ""))
        except ValueError as error:
            raise RetryableError(
                f"{self._name}: login: the answer is no JSON; try again later, and check token_url if it stays so"
            ) from error


def _seconds(told: Any) -> float | None:
    """``expires_in`` in seconds; a number by the standard, a text by some. None where it says nothing of use."""
    text = str(told) if isinstance(told, int | str) and not isinstance(told, bool) else ""
    return float(text) if text.isascii() and text.isdecimal() and 0 < len(text) < 12 else None


def _more(settings: SystemSettings) -> dict[str, str]:
    """Further fields of the form: the scope, and what a service wants beside it."""
    fields = settings.options.get("token_fields", {})
    if not isinstance(fields, Mapping):
        raise ConfigurationError(f"system {settings.name}: options: token_fields is a table of name: value")
    scope = settings.options.get("scope")
    return {str(name): str(value) for name, value in fields.items()} | ({"scope": str(scope)} if scope else {})


def _token_url(settings: SystemSettings, address: SplitResult) -> str:
    url = urljoin(settings.address, option(settings, "token_url"))
    target = urlsplit(url)
    if target.scheme != "https" and (target.scheme, target.netloc) != (address.scheme, address.netloc):
        raise ConfigurationError(f"system {settings.name}: options: token_url: expected https:// or a path")
    return url
