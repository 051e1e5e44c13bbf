"""May a line log in, and with what (RFC 2865): asked as access equipment would ask; nothing changes by it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pyrad.packet import AccessAccept, AccessChallenge, AccessReject, AuthPacket

from canonical_model.errors import ConfigurationError, RetryableError
from connectors.radius.dictionary import VendorAttributes, dictionary
from connectors.radius.exchange import RadiusServer, Silence, exchange
from connectors.radius.packet_attributes import put_attributes, told_attributes


@dataclass(frozen=True, slots=True)
class Access:
    """What a server says to a login: whether it is let in, and with what."""

    is_accepted: bool
    attributes: Mapping[str, Any]


def check_access(
    server: RadiusServer,
    user: str,
    password: str,
    attributes: Mapping[str, str | int] | None = None,
    vendors: VendorAttributes = (),
) -> Access:
    """Ask whether a login would be let in (PAP).

    Args:
        server: that decides.
        user: User-Name.
        password: of that user.
        attributes: what else the request tells of the line.
        vendors: attributes of the operator's own.

    Raises:
        RetryableError: no answer; a wrong shared secret looks like that too.
        ConfigurationError: an attribute is unknown, or the server wants more than a password.
    """
    doing = f"{server.name}: access check"
    known = dictionary(vendors)
    request = AuthPacket(secret=server.secret.encode(), dict=known, message_authenticator=True)
    put_attributes(request, {"User-Name": user, **(attributes or {})}, known, doing)
    try:
        request["User-Password"] = request.PwCrypt(password)
        reply = exchange(server, request)
    except ValueError as error:
        raise ConfigurationError(f"{doing}: the request is larger than a packet may be") from error
    if isinstance(reply, Silence):
        told = f"; {reply.strays} answers were not signed with the secret" if reply.strays else ""
        raise RetryableError(
            f"{doing}: no answer that fits within {server.timeout_s:g} s{told}; a server answers a wrong shared "
            "secret with silence; check address, secret and signs_replies, then try again"
        )
    if reply.code == AccessChallenge:
        raise ConfigurationError(f"{doing}: the server wants a challenge answered; PAP alone is spoken")
    if reply.code not in (AccessAccept, AccessReject):
        raise RetryableError(f"{doing}: answered with packet code {reply.code}, which is no answer to it; try again")
    return Access(reply.code == AccessAccept, told_attributes(reply))
