"""How a database is reached: its address, login and limits, read from the system's block."""

import math
from dataclasses import dataclass, field
from typing import Any

from pydantic import SecretStr
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from canonical_model.errors import ConfigurationError
from connectors.ports import SystemSettings
from connectors.settings import choice, is_loopback, option, secret

SSL_MODES = ("disable", "require", "verify-ca", "verify-full")
LOGINS = ("password", "none")

_LONGEST_STATEMENT_S = 6 * 3600
_GRACE_S = 2.0
"""How much longer than the server's own limit an answer is waited for, before the connection is given up."""


@dataclass(frozen=True, slots=True)
class Access:
    """How a database is reached.

    Attributes:
        system: name of the system, for messages.
        url: address without a password.
        password: None where the login is ``none``.
        connect_timeout_s: for the connection to come up.
        statement_timeout_s: for one statement, or one batch of its rows.
        ssl_mode: one of ``SSL_MODES``; None leaves it to the driver, which happens on loopback only.
        ca_bundle: file of certificates to trust.
        encoding: of text, where the database does not tell it right.
        is_read_only_login: the operator says that the login may not write.
    """

    system: str
    url: URL
    password: SecretStr | None = field(repr=False)
    connect_timeout_s: float
    statement_timeout_s: float
    ssl_mode: str | None
    ca_bundle: str | None
    encoding: str | None
    is_read_only_login: bool

    @property
    def silence_s(self) -> float:
        """Seconds without a sign of life after which the connection counts as dead."""
        return self.statement_timeout_s + _GRACE_S

    @property
    def whole_connect_timeout_s(self) -> int:
        """Seconds for the connection, for drivers that want a whole number."""
        return max(1, math.ceil(self.connect_timeout_s))


def access_of(settings: SystemSettings) -> Access:
    """Read the block of a system.

    Raises:
        ConfigurationError: no such address, a password in it, a missing secret, or an option that makes no sense.
    """
    url = _address(settings)
    place = f"system {settings.name}: options:"
    has_file = url.get_backend_name() == "sqlite"
    login = choice(f"{place} login", option(settings, "login", "none" if has_file else "password"), LOGINS)
    return Access(
        system=settings.name,
        url=url,
        password=SecretStr(secret(settings, "password")) if login == "password" else None,
        connect_timeout_s=settings.timeout_s,
        statement_timeout_s=_statement_timeout_s(settings),
        ssl_mode=None if has_file else _ssl_mode(settings, url),
        ca_bundle=settings.options.get("ca_bundle"),
        encoding=settings.options.get("encoding"),
        is_read_only_login=settings.options.get("read_only_login") is True,
    )


def _address(settings: SystemSettings) -> URL:
    where = f"system {settings.name}: address"
    try:
        url = make_url(settings.address)
        backend = url.get_backend_name()
    except (ArgumentError, ValueError):
        # the library's message repeats the whole address, password included
        raise ConfigurationError(
            f"{where}: expected a URL like postgresql://user@host:port/database or sqlite:////folder/file.db"
        ) from None
    if url.password is not None or any("pass" in name.lower() for name in url.query):
        raise ConfigurationError(f"{where}: holds a password; put it under secrets: password")
    if backend == "sqlite" and (not url.database or url.database == ":memory:"):
        raise ConfigurationError(f"{where}: sqlite needs a file, as in sqlite:////folder/file.db")
    if backend != "sqlite" and not url.username and settings.options.get("login") != "none":
        raise ConfigurationError(f"{where}: names no user, as in {backend}://user@host/database")
    return url


def _statement_timeout_s(settings: SystemSettings) -> float:
    value: Any = settings.options.get("statement_timeout_s", settings.timeout_s)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= _LONGEST_STATEMENT_S:
        place = f"system {settings.name}: options: statement_timeout_s"
        raise ConfigurationError(f"{place} is a number of seconds up to {_LONGEST_STATEMENT_S}")
    return float(value)


def _ssl_mode(settings: SystemSettings, url: URL) -> str | None:
    """What is asked for, or else the safest that is bound to work: encrypted, and verified where a CA is named."""
    given = settings.options.get("ssl_mode")
    if given is not None:
        return choice(f"system {settings.name}: options: ssl_mode", given, SSL_MODES)
    if settings.options.get("ca_bundle"):
        return "verify-full"
    return None if is_loopback(url.host or "localhost") else "require"
