"""One GETBULK at a time through pysnmp, which tells every refusal apart; any login, any context.

Slow (pysnmp decodes in Python), so a sweep asks this way only where the fast client cannot, or where it is in doubt.
"""

from collections.abc import Sequence
from typing import Any

from pyasn1.type import univ  # type: ignore[import-untyped]
from pysnmp.hlapi.v3arch import asyncio as hlapi
from pysnmp.proto import errind, rfc1155, rfc1902, rfc1905

from canonical_model.errors import ConfigurationError, RetryableError, SpliceError
from connectors.patience import waits
from connectors.snmp.engines import context_of, credentials, shared_loop, target_at
from connectors.snmp.failures import AUTHORIZATION, NO_ACCESS, REFUSED, why_silent
from connectors.snmp.logins import Login
from connectors.snmp.oids import Oid, dotted
from connectors.snmp.values import SnmpValue

_TOO_BIG = 1
_STATUS_NO_ACCESS = frozenset({NO_ACCESS, AUTHORIZATION})


class Questions:
    """Asks the agent of one network element."""

    def __init__(
        self, system: str, address: tuple[str, int], login: Login, timeout_s: float, repetitions: int
    ) -> None:
        self._system = system
        self._address = address
        self._login = login
        self._waits = waits(timeout_s)
        self._repetitions = repetitions

    def after(self, behind: Oid) -> list[tuple[Oid, SnmpValue]]:
        """What stands behind an OID, in the agent's order; empty at the end of what it shows.

        Raises:
            RetryableError: no answer in time, which on v2c a wrong community looks like too; or the agent failed.
            ConfigurationError: the agent refuses the login, or the right to read.
        """
        loop = shared_loop()
        return loop.run(self._after(loop.engine(self._login), behind))

    async def _after(self, engine: Any, behind: Oid) -> list[tuple[Oid, SnmpValue]]:
        targets = [await target_at(self._system, self._address, wait) for wait in self._waits]
        repetitions = self._repetitions
        while True:
            error, status, bindings = await self._asked(engine, targets, behind, repetitions)
            if not error and int(status) == _TOO_BIG and repetitions > 1:
                repetitions //= 2
            elif error or status:
                raise self._failure(error, status, behind)
            else:
                return [
                    (tuple(name), plain(value))
                    for name, value in bindings
                    if not isinstance(value, rfc1905.EndOfMibView)
                ]

    async def _asked(
        self, engine: Any, targets: Sequence[Any], behind: Oid, repetitions: int
    ) -> tuple[Any, Any, Any]:
        """Error, status and bindings of one GETBULK; sent again with longer waits until the time is used up."""
        for target in targets:
            error, status, _, bindings = await hlapi.bulk_cmd(
                engine,
                credentials(self._login),
                target,
                context_of(self._login),
                0,
                repetitions,
                (behind, univ.Null("")),
                lookupMib=False,
            )
            if not isinstance(error, errind.RequestTimedOut):
                return error, status, bindings
        return errind.RequestTimedOut(), 0, ()

    def silence(self, behind: Oid) -> RetryableError:
        """What to say when no answer came."""
        return RetryableError(
            f"{self._system}: walk behind {dotted(behind)}: no answer within {sum(self._waits):g} s; "
            f"{why_silent(self._login)}"
        )

    def _failure(self, error: Any, status: Any, behind: Oid) -> SpliceError:
        head = f"{self._system}: walk behind {dotted(behind)}"
        if isinstance(error, errind.RequestTimedOut):
            return self.silence(behind)
        if isinstance(error, REFUSED):
            return ConfigurationError(
                f"{head}: refused ({type(error).__name__}); check user, keys, protocols and context"
            )
        if not error and int(status) in _STATUS_NO_ACCESS:
            return ConfigurationError(f"{head}: the login may not read this; ask for the right to")
        told = type(error).__name__ if error else status.prettyPrint()
        return RetryableError(f"{head}: failed ({told}); try again later")


def plain(value: Any) -> SnmpValue:
    """A value of pysnmp as ours; an OID or an address as it is written."""
    if isinstance(value, univ.Integer):
        return int(value)
    if isinstance(value, univ.OctetString) and not isinstance(value, rfc1902.IpAddress | rfc1155.IpAddress):
        return bytes(value)
    return str(value.prettyPrint()).encode()
