"""Logging in, and the sessions that come of it."""

import secrets
import threading
import time
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from lxml import etree

from simulated_estate.servers.salesforce.errors import dead_session
from simulated_estate.servers.salesforce.jwt_bearer import JWT_BEARER, accepts

ORGANIZATION_ID = "00DLV0000000001MAQ"
USER_ID = "005LV0000000001AAQ"


@dataclass(frozen=True, slots=True)
class OrgCredentials:
    """Who may log in: a connected app (client credentials, JWT, or with the user's password) and a user."""

    consumer_key: str
    consumer_secret: str
    username: str
    password: str
    security_token: str


class LoginError(Exception):
    """An OAuth error: a code and a description."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(description)
        self.code = code
        self.description = description


class Sessions:
    """Sessions of the org; each dies after ``lifetime()`` requests, 0 meaning never."""

    def __init__(self, credentials: OrgCredentials, lifetime: Callable[[], int]) -> None:
        self._credentials = credentials
        self._lifetime = lifetime
        self._certificate = ""
        self._requests: dict[str, int] = {}
        self._lock = threading.Lock()

    def trust(self, certificate: str) -> None:
        """Upload a certificate (public key, PEM) to the connected app, for logins by JWT."""
        self._certificate = certificate

    def log_in(self, form: Mapping[str, str], authorization: str, address: str) -> dict[str, Any]:
        """The token endpoint's answer to ``client_credentials``, ``password`` or a JWT.

        Raises:
            LoginError: with the OAuth error to answer.
        """
        known = self._credentials
        if form.get("grant_type") == JWT_BEARER:
            if not accepts(form.get("assertion", ""), self._certificate, known.consumer_key, known.username):
                raise LoginError("invalid_grant", "invalid assertion")
            return self._opened(address)
        key, secret = _client_of(form, authorization)
        if key != known.consumer_key:
            raise LoginError("invalid_client_id", "client identifier invalid")
        if secret != known.consumer_secret:
            raise LoginError("invalid_client", "invalid client credentials")
        grant = form.get("grant_type", "")
        if grant == "password":
            passwords = (known.password, known.password + known.security_token)
            if form.get("username") != known.username or form.get("password") not in passwords:
                raise LoginError("invalid_grant", "authentication failure")
        elif grant != "client_credentials":
            raise LoginError("unsupported_grant_type", "grant type not supported")
        return self._opened(address)

    def _opened(self, address: str) -> dict[str, Any]:
        return {
            "access_token": self._open(),
            "instance_url": address,
            "id": f"{address}/id/{ORGANIZATION_ID}/{USER_ID}",
            "token_type": "Bearer",
            "issued_at": str(int(time.time() * 1000)),
        }

    def log_in_by_soap(self, body: bytes, address: str, version: str) -> tuple[int, str]:
        """The SOAP login: status and envelope."""
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
        try:
            tree = etree.fromstring(body, parser)
        except etree.XMLSyntaxError:
            return 500, _soap_fault("UNKNOWN_EXCEPTION", "the envelope is not well-formed")
        wanted = tree.iter("{*}username", "{*}password", "{*}organizationId")
        found = {etree.QName(node).localname: node.text or "" for node in wanted}
        known = self._credentials
        # from an address that the org trusts, the organization's Id stands for the token
        token = "" if found.get("organizationId") == ORGANIZATION_ID else known.security_token
        if found.get("username") != known.username or found.get("password") != known.password + token:
            message = "Invalid username, password, security token; or user locked out."
            return 500, _soap_fault("INVALID_LOGIN", message)
        url = f"{address}/services/Soap/u/{version}/{ORGANIZATION_ID}"
        return 200, _soap_envelope(
            '<loginResponse xmlns="urn:partner.soap.sforce.com"><result>'
            "<passwordExpired>false</passwordExpired><sandbox>false</sandbox>"
            f"<serverUrl>{escape(url)}</serverUrl><sessionId>{self._open()}</sessionId><userId>{USER_ID}</userId>"
            f"<userInfo><organizationId>{ORGANIZATION_ID}</organizationId><userId>{USER_ID}</userId>"
            f"<userName>{escape(known.username)}</userName></userInfo></result></loginResponse>"
        )

    def check(self, authorization: str) -> None:
        """Count a request of a session.

        Raises:
            OrgError: INVALID_SESSION_ID.
        """
        scheme, _, token = authorization.partition(" ")
        with self._lock:
            used = self._requests.get(token)
            if scheme not in ("Bearer", "OAuth") or used is None:
                raise dead_session()
            if 0 < self._lifetime() <= used:
                del self._requests[token]
                raise dead_session()
            self._requests[token] = used + 1

    def expire_all(self) -> None:
        """End every session, as an administrator may."""
        with self._lock:
            self._requests.clear()

    def _open(self) -> str:
        token = f"{ORGANIZATION_ID[:15]}!{secrets.token_urlsafe(48)}"
        with self._lock:
            self._requests[token] = 0
        return token


def _client_of(form: Mapping[str, str], authorization: str) -> tuple[str, str]:
    if authorization.startswith("Basic "):
        try:
            key, _, secret = b64decode(authorization[6:]).decode().partition(":")
        except ValueError:
            raise LoginError("invalid_client", "invalid client credentials") from None
        return key, secret
    return form.get("client_id", ""), form.get("client_secret", "")


def _soap_envelope(content: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
        f'xmlns:sf="urn:fault.partner.soap.sforce.com"><soapenv:Body>{content}</soapenv:Body></soapenv:Envelope>'
    )


def _soap_fault(code: str, message: str) -> str:
    return _soap_envelope(
        f"<soapenv:Fault><faultcode>sf:{code}</faultcode><faultstring>{code}: {message}</faultstring>"
        f"<detail><sf:LoginFault><sf:exceptionCode>{code}</sf:exceptionCode>"
        f"<sf:exceptionMessage>{message}</sf:exceptionMessage></sf:LoginFault></detail></soapenv:Fault>"
    )
