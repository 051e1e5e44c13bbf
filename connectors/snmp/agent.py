"""Columns of tables out of an SNMP agent, v2c or v3, by GETBULK.

pysnmp is asynchronous and one engine serves many walks far better than many engines do, so all agents of a process
share one thread with one event loop, and one engine a login.
"""

import asyncio
import os
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from functools import cache
from threading import Lock, Thread
from typing import Any, TypeVar

from pyasn1.type import univ  # type: ignore[import-untyped]
from pysnmp.hlapi.v3arch import asyncio as hlapi
from pysnmp.proto import errind, rfc1905

from canonical_model.errors import ConfigurationError, RetryableError, SpliceError, UnsafeToContinue
from connectors.snmp.values import SnmpValue

Index = tuple[int, ...]
Column = dict[Index, SnmpValue]
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
_AT_ONCE = 3
_FIRST_WAIT_S = 1.0
_REFUSED = (
    errind.UnknownUserName,
    errind.UnknownSecurityName,
    errind.UnsupportedSecurityLevel,
    errind.UnknownCommunityName,
    errind.NoSuchContext,
    errind.AuthenticationFailure,
    errind.AuthenticationError,
    errind.WrongDigest,
    errind.DecryptionError,
    errind.EncryptionError,
)
_STATUS_NO_ACCESS = frozenset({6, 16})


@dataclass(frozen=True, slots=True)
class CommunityLogin:
    """Login of v2c."""

    community: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class UserLogin:
    """Login of v3; without a key there is no privacy, or no authentication either.

    Attributes:
        auth_protocol: a key of ``AUTHENTICATION``.
        priv_protocol: a key of ``PRIVACY``.
    """

    user: str
    auth_key: str = field(repr=False)
    priv_key: str = field(repr=False)
    auth_protocol: str
    priv_protocol: str
    context: str = ""


Login = CommunityLogin | UserLogin


class Agent:
    """The agent of one network element."""

    def __init__(
        self, system: str, address: tuple[str, int], login: Login, timeout_s: float, repetitions: int
    ) -> None:
        self._system = system
        self._address = address
        self._login = login
        self._waits = waits(timeout_s)
        self._repetitions = repetitions

    def columns(self, oids: Sequence[Index]) -> list[Column]:
        """Walk columns, a few at a time.

        Args:
            oids: the columns.

        Returns:
            For each column its values by their index, in the agent's order; empty for a column it does not have.

        Raises:
            RetryableError: no answer in time, which on v2c a wrong community looks like too.
            ConfigurationError: the agent refuses the login, or the address is no address.
            UnsafeToContinue: the agent walks in a circle.
        """
        loop = _shared_loop(os.getpid())
        return loop.run(self._columns(loop.engine(self._login), oids))

    async def _columns(self, engine: Any, oids: Sequence[Index]) -> list[Column]:
        targets = [await self._target(wait) for wait in self._waits]
        turn = asyncio.Semaphore(_AT_ONCE)

        async def walk(oid: Index) -> Column:
            async with turn:
                return await self._walk(engine, targets, oid)

        walks = [asyncio.ensure_future(walk(oid)) for oid in oids]
        try:
            return await asyncio.gather(*walks)
        finally:
            for one in walks:
                one.cancel()

    async def _target(self, wait: float) -> Any:
        kind = hlapi.Udp6TransportTarget if ":" in self._address[0] else hlapi.UdpTransportTarget
        try:
            return await kind.create(self._address, timeout=wait, retries=0)
        except hlapi.error.PySnmpError as error:
            raise RetryableError(
                f"{self._system}: {self._address[0]} cannot be found; check address and network, then try again"
            ) from error

    async def _walk(self, engine: Any, targets: Sequence[Any], column: Index) -> Column:
        found: Column = {}
        reached, length = column, len(column)
        while True:
            for name, value in await self._ask(engine, targets, reached):
                oid = tuple(name)
                if oid[:length] != column or isinstance(value, rfc1905.EndOfMibView):
                    return found
                if oid <= reached:
                    raise UnsafeToContinue(
                        f"{self._system}: walk of {_dotted(column)}: the agent goes in a circle; ask its vendor"
                    )
                reached = oid
                found[oid[length:]] = _plain(value)

    async def _ask(self, engine: Any, targets: Sequence[Any], behind: Index) -> Any:
        """Names and values of one GETBULK; sent again with longer waits until the time is used up."""
        for target in targets:
            error, status, _, bindings = await hlapi.bulk_cmd(
                engine,
                _auth(self._login),
                target,
                hlapi.ContextData(contextName=getattr(self._login, "context", "").encode()),
                0,
                self._repetitions,
                (behind, univ.Null("")),
                lookupMib=False,
            )
            if not isinstance(error, errind.RequestTimedOut):
                if error or status:
                    raise self._failure(error, status, behind)
                return bindings
        raise self._failure(errind.RequestTimedOut(), 0, behind)

    def _failure(self, error: Any, status: Any, behind: Index) -> SpliceError:
        head = f"{self._system}: walk behind {_dotted(behind)}"
        if isinstance(error, errind.RequestTimedOut):
            return RetryableError(f"{head}: no answer within {sum(self._waits):g} s; {self._why_silent()}")
        if isinstance(error, _REFUSED):
            return ConfigurationError(
                f"{head}: refused ({type(error).__name__}); check user, keys, protocols and context"
            )
        if not error and int(status) in _STATUS_NO_ACCESS:
            return ConfigurationError(f"{head}: the login may not read this; ask for the right to")
        told = type(error).__name__ if error else status.prettyPrint()
        return RetryableError(f"{head}: failed ({told}); try again later")

    def _why_silent(self) -> str:
        if isinstance(self._login, CommunityLogin):
            return (
                "it is out of reach, or it knows another community: an agent answers a wrong one with silence; "
                "check address and community, then try again"
            )
        return "it is out of reach, or silent to this user or context; check address and login, then try again"


def waits(timeout_s: float) -> tuple[float, ...]:
    """How long each sending of a question is waited for: doubled each time, the time-out in all."""
    found: list[float] = []
    following = min(_FIRST_WAIT_S, timeout_s / 7)
    while (left := timeout_s - sum(found)) > 0.001:
        found.append(left if left < 1.5 * following else following)
        following *= 2
    return tuple(round(wait, 3) for wait in found)


class _Loop:
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


def _shared_loop(process: int) -> _Loop:
    with _loops:
        return _loop_of(process)


@cache
def _loop_of(_process: int) -> _Loop:
    return _Loop()


async def _new_engine() -> Any:
    return hlapi.SnmpEngine()


def _auth(login: Login) -> Any:
    if isinstance(login, CommunityLogin):
        return hlapi.CommunityData(login.community, mpModel=1)  # noqa: S508 - elements of this age speak v2c
    return hlapi.UsmUserData(
        login.user,
        login.auth_key or None,
        login.priv_key or None,
        authProtocol=AUTHENTICATION[login.auth_protocol] if login.auth_key else hlapi.USM_AUTH_NONE,
        privProtocol=PRIVACY[login.priv_protocol] if login.priv_key else hlapi.USM_PRIV_NONE,
    )


def _plain(value: Any) -> SnmpValue:
    if isinstance(value, univ.Integer):
        return int(value)
    return bytes(value) if isinstance(value, univ.OctetString) else str(value).encode()


def _dotted(oid: Index) -> str:
    return ".".join(map(str, oid))
