"""Whom a client trusts: what its options say, or else the authorities of httpx, or those that the environment names.

Imported only when a system is opened, because httpx is heavy.
"""

import os
import ssl
from functools import cache

import httpx

from connectors.http.tls import tls_context
from connectors.ports import SystemSettings


def trusted(settings: SystemSettings, *, trust_env: bool) -> ssl.SSLContext:
    """The context that the options ask for, or else the usual one of ``httpx``.

    Args:
        settings: of the system.
        trust_env: whether the environment may name other certificates (SSL_CERT_FILE, SSL_CERT_DIR).

    Raises:
        ConfigurationError: as ``tls_context``.
    """
    asked_for = tls_context(settings)
    if asked_for is not None:
        return asked_for
    if trust_env and ("SSL_CERT_FILE" in os.environ or "SSL_CERT_DIR" in os.environ):
        return httpx.create_ssl_context(trust_env=True)  # files of the operator, who may renew them
    return _usual()


@cache
def _usual() -> ssl.SSLContext:
    """Made once: to read all the authorities of the world takes 16 ms, as long as a pull of a small stream does."""
    return httpx.create_ssl_context(trust_env=False)
