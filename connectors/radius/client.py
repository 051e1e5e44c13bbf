"""Questions and orders over RADIUS: may a line log in, change its session, end it (RFC 2865, RFC 5176).

An acknowledgement proves nothing: access equipment is known to acknowledge a disconnect and keep the subscriber on.
So who gives an order looks afterwards, at the accounting or at a counter, and only that look counts.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pyrad.client import Client, Timeout
from pyrad.packet import (
    AccessAccept,
    AccessChallenge,
    CoAACK,
    CoARequest,
    DisconnectACK,
    DisconnectRequest,
    PacketError,
)

from canonical_model.errors import ConfigurationError, OutcomeUnknown, RetryableError
from connectors.radius.dictionary import ERROR_CAUSES, dictionary

Attributes = Mapping[str, str | int]
Verdict = Literal["done", "not_done", "not_seen"]
_ORDERS = {"change": CoARequest, "disconnect": DisconnectRequest}
_CAUSES = {number: name for name, number in ERROR_CAUSES.items()}


@dataclass(frozen=True, slots=True)
class RadiusServer:
    """Where questions and orders go.

    Attributes:
        name: of the system, for messages.
        signs_replies: refuse replies without Message-Authenticator (CVE-2024-3596); older servers send none.
        retries: sendings in all, each waited for ``timeout_s``.
    """

    name: str
    host: str
    secret: str = field(repr=False)
    auth_port: int = 1812
    order_port: int = 3799
    timeout_s: float = 5.0
    retries: int = 3
    signs_replies: bool = False


@dataclass(frozen=True, slots=True)
class Access:
    """What a server says to a login: whether it is let in, and with what."""

    is_accepted: bool
    attributes: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OrderResult:
    """What access equipment said to an order, and what was seen afterwards.

    Attributes:
        is_acknowledged: it said yes.
        error_cause: why it said no, in the words of RFC 5176; empty where it told no cause.
        seen: what looking showed: only ``done`` is an effect.
    """

    is_acknowledged: bool
    error_cause: str
    seen: Verdict


def check_access(server: RadiusServer, user: str, password: str, **attributes: str | int) -> Access:
    """Ask whether a login would be let in (PAP); nothing changes by it.

    Raises:
        RetryableError: no answer; a wrong shared secret looks like that too.
        ConfigurationError: the server wants more than a password.
    """
    client = _client(server)
    request = client.CreateAuthPacket(User_Name=user, **attributes)
    request["User-Password"] = request.PwCrypt(password)
    try:
        reply = client.SendPacket(request)
    except (Timeout, OSError, PacketError) as error:
        raise RetryableError(
            f"{server.name}: access check: no answer that fits; a server answers a wrong shared secret with silence; "
            "check address, secret and signs_replies, then try again"
        ) from error
    if reply.code == AccessChallenge:
        raise ConfigurationError(
            f"{server.name}: access check: the server wants a challenge answered; PAP alone is spoken"
        )
    return Access(reply.code == AccessAccept, _told(reply))


def give_order(
    server: RadiusServer,
    order: Literal["change", "disconnect"],
    session: Attributes,
    look: Callable[[], Verdict],
    *,
    patience_s: float = 10.0,
    sleep: Callable[[float], None] = time.sleep,
) -> OrderResult:
    """Send an order for one session, then look until it shows or the patience ends.

    Args:
        server: the access equipment, or what proxies to it.
        order: change the session's authorisation, or end it.
        session: what names it (User-Name, Acct-Session-Id, NAS-IP-Address) and, for a change, what it becomes.
        look: what is there now: the accounting, a counter. Asked also where no answer came.
        patience_s: how long it may take to show.
        sleep: waits.

    Raises:
        OutcomeUnknown: no answer came, and looking showed nothing either way.
    """
    client = _client(server)
    request = client.CreateCoAPacket(code=_ORDERS[order])
    for name, value in session.items():
        request[name] = value
    try:
        reply = client.SendPacket(request)
    except (Timeout, OSError, PacketError):
        reply = None
    is_acknowledged = reply is not None and reply.code in (CoAACK, DisconnectACK)
    if reply is not None and not is_acknowledged:
        return OrderResult(False, _error_cause(reply), look())
    seen = _looked(look, patience_s, sleep)
    if reply is None and seen == "not_seen":
        raise OutcomeUnknown(f"{server.name}: {order}: no answer, and nothing shows what became of it; look again")
    return OrderResult(is_acknowledged, "", seen)


def _looked(look: Callable[[], Verdict], patience_s: float, sleep: Callable[[float], None]) -> Verdict:
    waited, pause = 0.0, 0.2
    while (seen := look()) != "done" and waited < patience_s:
        sleep(pause)
        waited, pause = waited + pause, min(pause * 2, 2.0)
    return seen


def _client(server: RadiusServer) -> Any:
    return Client(
        server.host,
        authport=server.auth_port,
        coaport=server.order_port,
        secret=server.secret.encode(),
        dict=dictionary(),
        retries=server.retries,
        timeout=server.timeout_s,
        enforce_ma=server.signs_replies,
    )


def _told(reply: Any) -> dict[str, Any]:
    return {str(name): reply[name][0] for name in reply.keys() if name != "Message-Authenticator"}  # noqa: SIM118 - by name


def _error_cause(reply: Any) -> str:
    causes = reply.get("Error-Cause") or [""]
    return _CAUSES.get(causes[0], str(causes[0])) if isinstance(causes[0], int) else str(causes[0])
