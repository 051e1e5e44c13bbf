"""WS-Security UsernameToken: plain text or digest, with the checks that real stacks make."""

import hashlib
import hmac
import threading
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from simulated_estate.servers.instants import as_instant

WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
FRESH = timedelta(minutes=5)
_AHEAD = timedelta(minutes=1)


class SecurityError(Exception):
    """A WS-Security fault; ``code`` is its local name, without any detail that would help a thief."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class TokenCheck:
    """Checks UsernameTokens against one user; a nonce is good once within the five minutes a token stays fresh."""

    def __init__(self, username: str, password: str, clock: Callable[[], datetime]) -> None:
        self._username = username
        self._password = password
        self._clock = clock
        self._nonces: dict[str, datetime] = {}
        self._lock = threading.Lock()

    def check(self, envelope: Any) -> None:
        """Check the token in a parsed envelope's header.

        Raises:
            SecurityError: InvalidSecurity, FailedAuthentication, or MessageExpired with a stale or repeated one.
        """
        token = envelope.find(f"{{*}}Header/{{{WSSE}}}Security/{{{WSSE}}}UsernameToken")
        if token is None:
            raise SecurityError("InvalidSecurity", "no wsse:UsernameToken in the header")
        password = token.find(f"{{{WSSE}}}Password")
        if password is None:
            raise SecurityError("InvalidSecurity", "the UsernameToken has no password")
        nonce = token.findtext(f"{{{WSSE}}}Nonce") or ""
        created = token.findtext(f"{{{WSU}}}Created") or ""
        is_digest = (password.get("Type") or "").endswith("#PasswordDigest")
        if is_digest and not (nonce and created):
            raise SecurityError("InvalidSecurity", "a digest needs wsse:Nonce and wsu:Created")
        expected = self._digest(nonce, created) if is_digest else self._password
        given = (password.text or "", token.findtext(f"{{{WSSE}}}Username") or "")
        known = (expected, self._username)
        if not all(hmac.compare_digest(a.encode(), b.encode()) for a, b in zip(given, known, strict=True)):
            raise SecurityError("FailedAuthentication", "The security token could not be authenticated or authorized")
        if created:
            self._check_age(created)
        if nonce:
            self._check_replay(nonce)

    def _digest(self, nonce: str, created: str) -> str:
        try:
            salt = b64decode(nonce, validate=True)
        except ValueError:
            raise SecurityError("InvalidSecurity", "wsse:Nonce is not base64") from None
        digest = hashlib.sha1(salt + created.encode() + self._password.encode(), usedforsecurity=False).digest()
        return b64encode(digest).decode()

    def _check_age(self, created: str) -> None:
        try:
            age = self._clock() - as_instant(created)
        except ValueError:
            raise SecurityError("InvalidSecurity", "wsu:Created is no time") from None
        if not -_AHEAD <= age <= FRESH:
            raise SecurityError("MessageExpired", "The message has expired")

    def _check_replay(self, nonce: str) -> None:
        now = self._clock()
        with self._lock:
            self._nonces = {known: seen for known, seen in self._nonces.items() if now - seen <= FRESH}
            if nonce in self._nonces:
                raise SecurityError("MessageExpired", "The nonce has been used before")
            self._nonces[nonce] = now
