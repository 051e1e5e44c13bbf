"""Whom a client trusts that was told nothing: the authorities that come with httpx, or those of the environment.

Imported only when a system is opened, because httpx is heavy.
"""

import os
import ssl
from functools import lru_cache

import httpx


def usual_trust(trust_env: bool = True) -> ssl.SSLContext:
    """The context that ``httpx.Client(verify=True)`` would make, which clients of a process share.

    To read the authorities takes 16 ms of CPU, as long as a whole pull of a small stream does, and a stream, a
    driver and a sink each open a client of their own.

    Args:
        trust_env: ``SSL_CERT_FILE`` and ``SSL_CERT_DIR`` are heeded, as they are set now.
    """
    named = [os.environ.get(name, "") for name in ("SSL_CERT_FILE", "SSL_CERT_DIR")] if trust_env else ["", ""]
    return _read(trust_env, *named)


@lru_cache(maxsize=4)
def _read(trust_env: bool, _file: str, _folder: str) -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=trust_env)
