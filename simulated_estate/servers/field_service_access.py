"""Who may use the field service API: OAuth client credentials or an API key."""

import secrets
import threading
from base64 import b64decode
from collections.abc import Callable, Mapping
from typing import Any

from starlette.datastructures import Headers

from simulated_estate.servers.field_service_problems import ProblemError


class AccessTokens:
    """Bearer tokens that die after ``lifetime()`` requests (0: never), and one API key."""

    def __init__(self, client_id: str, client_secret: str, api_key: str, lifetime: Callable[[], int]) -> None:
        self._client = (client_id, client_secret)
        self._api_key = api_key
        self._lifetime = lifetime
        self._requests: dict[str, int] = {}
        self._lock = threading.Lock()

    def grant(self, form: Mapping[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """Status and body of the token endpoint (RFC 6749 sections 4.4 and 5.2)."""
        if _client_of(form, authorization) != self._client:
            return 401, {"error": "invalid_client", "error_description": "unknown client or wrong secret"}
        if form.get("grant_type") != "client_credentials":
            return 400, {"error": "unsupported_grant_type", "error_description": "only client_credentials"}
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._requests[token] = 0
        return 200, {"access_token": token, "token_type": "Bearer", "expires_in": 3600}

    def check(self, headers: Headers) -> None:
        """Count a request.

        Raises:
            ProblemError: 401, kind ``invalid-token``.
        """
        if secrets.compare_digest(headers.get("x-api-key", "").encode(), self._api_key.encode()):
            return
        scheme, _, token = headers.get("authorization", "").partition(" ")
        with self._lock:
            used = self._requests.get(token)
            if scheme != "Bearer" or used is None:
                raise ProblemError(401, "invalid-token", "The access token or API key is missing, wrong or expired")
            if 0 < self._lifetime() <= used:
                del self._requests[token]
                raise ProblemError(401, "invalid-token", "The access token has expired")
            self._requests[token] = used + 1

    def expire_all(self) -> None:
        """End every token; the API key lives on."""
        with self._lock:
            self._requests.clear()


def _client_of(form: Mapping[str, str], authorization: str) -> tuple[str, str]:
    if authorization.startswith("Basic "):
        try:
            client, _, secret = b64decode(authorization[6:]).decode().partition(":")
        except ValueError:
            return "", ""
        return client, secret
    return form.get("client_id", ""), form.get("client_secret", "")
