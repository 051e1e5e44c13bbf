"""The ways into an org: what each needs, and what to mend when it is refused.

Imported only when a system is opened, because the library is heavy.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import jwt
import requests
from simple_salesforce.exceptions import SalesforceAuthenticationFailed
from simple_salesforce.login import SalesforceLogin

from canonical_model.errors import ConfigurationError, RetryableError
from connectors.ports import SystemSettings
from connectors.settings import choice, option, secret, secret_key_text

LATER = frozenset({"QUERY_TIMEOUT", "SERVER_UNAVAILABLE", "REQUEST_LIMIT_EXCEEDED", "UNABLE_TO_LOCK_ROW"})
"""What an org says when the same request may go through later."""

_OF_CODE: Mapping[str, str] = MappingProxyType(
    {
        "invalid_client_id": "options: client_id",
        "invalid_client": "secrets: client_secret",
        "inactive_user": "options: username; that user is not active",
        "inactive_org": "address; that org is not active",
        "LOGIN_MUST_USE_SECURITY_TOKEN": "secrets: security_token",
        "API_DISABLED_FOR_ORG": "the edition of the org, which has no API",
        "PASSWORD_LOCKOUT": "the user, who is locked out",
        "INVALID_OPERATION_WITH_EXPIRED_PASSWORD": "secrets: password, which has expired",
    }
)


@dataclass(frozen=True, slots=True)
class _Way:
    """One way to log in: its settings by the library's names for them, and whether login.salesforce.com serves it."""

    options: Mapping[str, str]
    secrets: Mapping[str, str]
    everywhere: bool = True


_WAYS = {
    "client_credentials": _Way({"consumer_key": "client_id"}, {"consumer_secret": "client_secret"}, everywhere=False),
    "jwt_bearer": _Way({"username": "username", "consumer_key": "client_id"}, {"privatekey": "private_key"}),
    "password": _Way({"username": "username"}, {"password": "password", "security_token": "security_token"}),
    "oauth_password": _Way(
        {"username": "username", "consumer_key": "client_id"},
        {"password": "password", "consumer_secret": "client_secret"},
    ),
    "trusted_address": _Way({"username": "username", "organizationId": "organization_id"}, {"password": "password"}),
    "session_id": _Way({}, {"session_id": "session_id"}, everywhere=False),
}
LOGINS = tuple(_WAYS)
"""Ways to log in, the first being the default."""


class Login:
    """How an org is entered, its settings checked."""

    def __init__(self, settings: SystemSettings, domain: str, host: str) -> None:
        """Check the settings; opens no connection.

        Args:
            settings: of the system.
            domain: host of the org without ``.salesforce.com``.
            host: the org's own host, for a session that is given.

        Raises:
            ConfigurationError: a setting is missing or wrong.
        """
        self._name = settings.name
        self._domain = domain
        self._host = host
        self.kind = choice(
            f"system {settings.name}: options: login", settings.options.get("login", LOGINS[0]), LOGINS
        )
        way = _WAYS[self.kind]
        self._wanted = [f"options: {name}" for name in way.options.values()]
        self._wanted += [f"secrets: {name}" for name in way.secrets.values()]
        self._credentials = {theirs: option(settings, ours) for theirs, ours in way.options.items()}
        for theirs, ours in way.secrets.items():
            read = secret_key_text if ours == "private_key" else secret
            self._credentials[theirs] = read(settings, ours)
        if domain in {"login", "test"} and not way.everywhere:
            raise ConfigurationError(
                f"system {settings.name}: address: login {self.kind} needs the org's own My Domain, "
                "https://NAME.my.salesforce.com"
            )

    def enter(self, session: requests.Session, version: str) -> tuple[str, str]:
        """Log in: the session's token, and the host that serves the org.

        Raises:
            ConfigurationError: refused; names the settings to mend, never a secret.
            RetryableError: the org asks to come back later.
        """
        if self.kind == "session_id":
            return self._credentials["session_id"], self._host
        try:
            token, instance = SalesforceLogin(
                session=session, domain=self._domain, sf_version=version, **self._credentials
            )
        except SalesforceAuthenticationFailed as error:
            if error.code in LATER:
                raise RetryableError(f"{self._name}: login: {error.code}; try again later") from error
            raise self._refused(error) from error
        except (AttributeError, TypeError, ValueError, jwt.PyJWTError) as error:  # other words, or a bad key
            unusable = "secrets: private_key is no usable key (PEM), or " if self.kind == "jwt_bearer" else ""
            raise ConfigurationError(
                f"{self._name}: login failed: {unusable}the address answers with something that is no Salesforce "
                "login; check it"
            ) from error
        if not token:
            raise ConfigurationError(f"{self._name}: login gave no token; check the address")
        return token, instance

    def ended(self, doing: str) -> ConfigurationError:
        """The error for a session that is refused although it was just opened, or cannot be opened anew."""
        told = (
            "the session has ended or never was; put a new one under secrets: session_id, or use a login that can "
            "renew itself"
            if self.kind == "session_id"
            else "the session is refused right after login; check that the integration user may use the API"
        )
        return ConfigurationError(f"{self._name}: {doing}: {told}")

    def _refused(self, error: SalesforceAuthenticationFailed) -> ConfigurationError:
        # With a number for a code the library quotes a whole answer that was no JSON.
        if not isinstance(error.code, str):
            return ConfigurationError(
                f"{self._name}: login refused (not in Salesforce's words); check address, login, its user and secrets"
            )
        mend = _OF_CODE.get(error.code, f"{', '.join(self._wanted)}, and what the connected app allows its user")
        said = str(error.auth_message).strip().splitlines()
        return ConfigurationError(
            f"{self._name}: login {self.kind} refused ({error.code}: {said[0][:160] if said else ''}); check {mend}"
        )
