"""The engines of pysnmp: one event loop in a thread of its own for the whole process, and one engine a login in it.

pysnmp is asynchronous, and one engine serves many askers far better than many engines do.
"""

import asyncio
import os
from collections.abc import Coroutine
from functools import cache
from threading import Lock, Thread
from typing import Any, TypeVar

from pysnmp.error import PySnmpError
from pysnmp.hlapi.v3arch import asyncio as hlapi

from canonical_model.errors import RetryableError
from connectors.snmp.logins import CommunityLogin, Login

Result = TypeVar("Result")

AUTHENTICATION = {
    "md5": hlapi.USM_AUTH_HMAC96_MD5,
    "sha": hlapi.USM_AUTH_HMAC96_SHA,
    "sha224": hlapi.USM_AUTH_HMAC128_SHA224,
    "sha256": hlapi.USM_AUTH_HMAC192_SHA256,
    "sha384": hlapi.USM_AUTH_HMAC256_SHA384,
    "sha512": hlapi.USM_AUTH_HMAC384_SHA512,
}
PRIVACY = {
    "des": hlapi.USM_PRIV_CBC56_DES,
    "aes": hlapi.USM_PRIV_CFB128_AES,
    "aes192": hlapi.USM_PRIV_CFB192_AES,
    "aes256": hlapi.USM_PRIV_CFB256_AES,
}


class EngineLoop:
    """An event loop in a thread of its own, and the engines that live in it."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._engines: dict[Login, Any] = {}
        self._lock = Lock()
        Thread(target=self._loop.run_forever, name="snmp", daemon=True).start()

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Wait for work; given up together with it."""
        waiting = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return waiting.result()
        finally:
            waiting.cancel()

    def engine(self, login: Login) -> Any:
        """The engine of a login; pysnmp forgets a user's keys when the same user comes with others."""
        with self._lock:
            if login not in self._engines:
                self._engines[login] = self.run(_new_engine())
            return self._engines[login]


_loops = Lock()


def shared_loop() -> EngineLoop:
    """The loop of this process; a child of a fork makes its own."""
    with _loops:
        return _loop_of(os.getpid())


@cache
def _loop_of(_process: int) -> EngineLoop:
    return EngineLoop()


async def _new_engine() -> Any:
    return hlapi.SnmpEngine()


def credentials(login: Login) -> Any:
    """A login in the words of pysnmp."""
    if isinstance(login, CommunityLogin):
        return hlapi.CommunityData(login.community, mpModel=1)  # noqa: S508 - elements of this age speak v2c
    return hlapi.UsmUserData(
        login.user,
        login.auth_key or None,
        login.priv_key or None,
        authProtocol=AUTHENTICATION[login.auth_protocol] if login.auth_key else hlapi.USM_AUTH_NONE,
        privProtocol=PRIVACY[login.priv_protocol] if login.priv_key else hlapi.USM_PRIV_NONE,
    )


def context_of(login: Login) -> Any:
    """The context that a login asks in; v2c has none."""
    return hlapi.ContextData(contextName=getattr(login, "context", "").encode())


async def target_at(system: str, address: tuple[str, int], wait: float) -> Any:
    """An agent's address for one datagram, whose answer is waited for so long.

    Raises:
        RetryableError: the host is not found.
    """
    kind = hlapi.Udp6TransportTarget if ":" in address[0] else hlapi.UdpTransportTarget
    try:
        return await kind.create(address, timeout=wait, retries=0)
    except PySnmpError as error:
        raise RetryableError(
            f"{system}: {address[0]} cannot be found; check address and network, then try again"
        ) from error
