"""Single variables of one element, asked for and set through pysnmp; any login, any context."""

from collections.abc import Sequence
from ipaddress import IPv4Address
from typing import Any

from pyasn1.error import PyAsn1Error  # type: ignore[import-untyped]
from pyasn1.type import univ  # type: ignore[import-untyped]
from pysnmp.hlapi.v3arch import asyncio as hlapi
from pysnmp.proto import errind, rfc1902, rfc1905

from canonical_model.errors import ConfigurationError, OutcomeUnknown, RetryableError, SpliceError
from connectors.patience import waits
from connectors.ports import Receipt
from connectors.snmp.engines import context_of, credentials, shared_loop, target_at
from connectors.snmp.failures import (
    AUTHORIZATION,
    NO_ACCESS,
    NOT_NOW,
    REFUSED,
    SET_STATUSES,
    status_number,
    why_silent,
)
from connectors.snmp.logins import Login
from connectors.snmp.oids import Oid, dotted
from connectors.snmp.questions import plain
from connectors.snmp.values import SnmpValue

TYPES = ("integer", "octets", "hex", "gauge", "counter", "ticks", "ip", "oid")
"""What a value is set as; the first for whole numbers, the second for texts, where nothing else is said."""

_ABSENT = (rfc1905.NoSuchObject, rfc1905.NoSuchInstance, rfc1905.EndOfMibView)
Variable = tuple[Oid, Any]


class Variables:
    """Single variables of one network element."""

    def __init__(self, system: str, address: tuple[str, int], login: Login, timeout_s: float) -> None:
        self._system = system
        self._address = address
        self._login = login
        self._timeout_s = timeout_s

    def get(self, oids: Sequence[Oid], doing: str) -> list[SnmpValue | None]:
        """Values of variables, in one question; None where the agent has none.

        Raises:
            RetryableError: no answer in time, or the agent failed.
            ConfigurationError: the agent refuses the login, or the right to read.
        """
        loop = shared_loop()
        return loop.run(self._get(loop.engine(self._login), oids, doing))

    def set(self, variables: Sequence[Variable], doing: str) -> Receipt:
        """Set variables, all or none of them, by one request that is sent once.

        Raises:
            RetryableError: it is certain that nothing was set, and it may be another time.
            ConfigurationError: likewise, and the login must be mended.
            OutcomeUnknown: it may have been set.
        """
        loop = shared_loop()
        return loop.run(self._set(loop.engine(self._login), variables, doing))

    async def _get(self, engine: Any, oids: Sequence[Oid], doing: str) -> list[SnmpValue | None]:
        asked = [(oid, univ.Null("")) for oid in oids]
        error: Any = None
        for wait in waits(self._timeout_s):
            target = await target_at(self._system, self._address, wait)
            who = credentials(self._login)
            context = context_of(self._login)
            error, status, _, bindings = await hlapi.get_cmd(engine, who, target, context, *asked, lookupMib=False)
            if not isinstance(error, errind.RequestTimedOut):
                break
        if error or status:
            raise self._unread(error, status_number(status), doing)
        found = {tuple(name): None if isinstance(value, _ABSENT) else plain(value) for name, value in bindings}
        return [found.get(oid) for oid in oids]

    async def _set(self, engine: Any, variables: Sequence[Variable], doing: str) -> Receipt:
        target = await target_at(self._system, self._address, self._timeout_s)
        error, status, index, _ = await hlapi.set_cmd(
            engine, credentials(self._login), target, context_of(self._login), *variables, lookupMib=False
        )
        if error:
            raise self._unsettled(error, doing)
        number = status_number(status)
        if not number:
            return Receipt(is_refusal=False, said="SNMP: set, as it says")
        name, meaning = SET_STATUSES.get(number, (f"status {number}", "unclear"))
        place = status_number(index)
        told = f"SNMP {name}{f' ({dotted(variables[place - 1][0])})' if 0 < place <= len(variables) else ''}"
        if meaning == "refused":
            return Receipt(is_refusal=True, said=told)
        if meaning == "login":
            raise ConfigurationError(f"{doing}: {told}: the login may not write this; ask for the right to")
        if meaning == "not now":
            raise RetryableError(f"{doing}: {told}: nothing was set; try again later")
        raise OutcomeUnknown(f"{doing}: {told}: it may have been set all the same; look")

    def _unsettled(self, error: Any, doing: str) -> SpliceError:
        name = type(error).__name__
        if isinstance(error, REFUSED):
            return ConfigurationError(f"{doing}: refused ({name}); check user, keys, protocols and context")
        if isinstance(error, NOT_NOW):
            return RetryableError(f"{doing}: the agent has started anew ({name}); nothing was set; try again later")
        if isinstance(error, errind.RequestTimedOut):
            return OutcomeUnknown(
                f"{doing}: no answer within {self._timeout_s:g} s; {why_silent(self._login).partition(';')[0]}; look"
            )
        return OutcomeUnknown(f"{doing}: an answer that cannot be used ({name}); look")

    def _unread(self, error: Any, status: int, doing: str) -> SpliceError:
        if isinstance(error, REFUSED):
            name = type(error).__name__
            return ConfigurationError(f"{doing}: refused ({name}); check user, keys, protocols and context")
        if not error and status in (NO_ACCESS, AUTHORIZATION):
            return ConfigurationError(f"{doing}: the login may not read this; ask for the right to")
        if isinstance(error, errind.RequestTimedOut):
            return RetryableError(f"{doing}: no answer within {self._timeout_s:g} s; {why_silent(self._login)}")
        told = type(error).__name__ if error else SET_STATUSES.get(status, (f"status {status}", ""))[0]
        return RetryableError(f"{doing}: failed ({told}); try again later")


def typed(value: Any, kind: str | None, place: str) -> Any:
    """A value of a command file as SNMP carries it.

    Args:
        value: a JSON value.
        kind: one of ``TYPES``; None takes whole numbers as INTEGER and texts as octets.
        place: for the message.

    Raises:
        ConfigurationError: the value is none of that type.
    """
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ConfigurationError(f"{place}: a text or a whole number is expected")
    kind = kind or ("integer" if isinstance(value, int) else "octets")
    try:
        return _MAKERS[kind](value)
    except (ValueError, TypeError, ArithmeticError, PyAsn1Error) as error:
        raise ConfigurationError(f"{place}: the value is no {kind} ({type(error).__name__})") from None


_MAKERS: dict[str, Any] = {
    "integer": lambda value: rfc1902.Integer32(int(value)),
    "octets": lambda value: rfc1902.OctetString(str(value).encode()),
    "hex": lambda value: rfc1902.OctetString(bytes.fromhex(str(value).removeprefix("0x"))),
    "gauge": lambda value: rfc1902.Unsigned32(int(value)),
    "counter": lambda value: rfc1902.Counter32(int(value)),
    "ticks": lambda value: rfc1902.TimeTicks(int(value)),
    "ip": lambda value: rfc1902.IpAddress(str(IPv4Address(str(value)))),
    "oid": lambda value: rfc1902.ObjectIdentifier(tuple(map(int, str(value).split(".")))),
}
