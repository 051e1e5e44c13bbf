"""Orders to access equipment, change a session or end it (RFC 5176), and looks at what AAA says of a line.

An acknowledgement proves nothing: equipment is known to acknowledge a disconnect and keep the subscriber on. What
became of an order is told by the accounting, which a command file looks at elsewhere: in the tables of the AAA
server, or in what ``splice listen`` has heard.
"""

import secrets
from collections.abc import Mapping
from itertools import count
from typing import Any

from pyrad.packet import CoAACK, CoANAK, CoAPacket, CoARequest, DisconnectACK, DisconnectNAK, DisconnectRequest

from canonical_model.errors import ConfigurationError, OutcomeUnknown, RetryableError
from connectors.ports import Look, Part, RawRecord, Receipt, SystemSettings, Write
from connectors.radius.access import check_access
from connectors.radius.dictionary import VendorAttributes, dictionary
from connectors.radius.exchange import RadiusServer, Silence, exchange
from connectors.radius.packet_attributes import put_attributes
from connectors.radius.refusals import Refusal, refusal_of
from connectors.radius.session_names import SESSION_NAMES
from connectors.settings import host_and_port, secret, whole_number

_IDENTIFIERS = count(secrets.randbelow(256))
"""One after the other: equal orders of one second with one identifier look like one that was played again."""
ORDER_PORT, ACCESS_PORT = 3799, 1812
CHANGE, DISCONNECT, ACCESS = "change", "disconnect", "access"
_CODES = {
    CHANGE: (CoARequest, CoAACK, CoANAK, "CoA"),
    DISCONNECT: (DisconnectRequest, DisconnectACK, DisconnectNAK, "Disconnect"),
}


class RadiusSink:
    """Gives orders to one system, and asks it about lines."""

    def __init__(self, settings: SystemSettings, vendors: VendorAttributes) -> None:
        """Check the settings; nothing is sent.

        Raises:
            ConfigurationError: a setting is missing or wrong.
        """
        host, port = host_and_port(settings, ORDER_PORT)
        place = f"system {settings.name}: options:"
        known, signs = secret(settings, "shared_secret"), settings.options.get("signs_replies") is True
        self._orders = RadiusServer(settings.name, host, port, known, settings.timeout_s, signs)
        access_port = whole_number(
            f"{place} access_port", settings.options.get("access_port", ACCESS_PORT), 1, 65_535
        )
        self._access = RadiusServer(settings.name, host, access_port, known, settings.timeout_s, signs)
        self._stamps = settings.options.get("event_timestamp", True) is not False
        self._password = secret(settings, "line_password") if "line_password" in settings.secrets else None
        self._vendors = vendors

    def send(self, write: Write) -> Receipt:
        """Give an order; see ``connectors.ports.Sink``."""
        (part,) = write.parts
        doing = f"{self._orders.name}: {write.command} ({part.target})"
        request = self._request(part, write, doing)
        _, acknowledged, refused, name = _CODES[part.target]
        try:
            reply = exchange(self._orders, request)
        except ValueError as error:
            raise ConfigurationError(f"{doing}: the order is larger than a packet may be") from error
        if isinstance(reply, Silence):
            raise _silence(doing, reply, self._orders.timeout_s)
        if reply.code == acknowledged:
            return Receipt(is_refusal=False, said=f"RADIUS: {name}-ACK")
        if reply.code != refused:
            raise OutcomeUnknown(f"{doing}: answered with packet code {reply.code}, which is no answer to it; look")
        return _refused(doing, f"RADIUS: {name}-NAK", refusal_of(reply))

    def observe(self, look: Look) -> RawRecord | None:
        """What the AAA server would say to a login of a line; see ``connectors.ports.Observer``."""
        key = dict(look.key)
        user = key.pop("User-Name", "")
        if not user:
            raise ConfigurationError(f"{self._access.name}: look at access: key: User-Name is missing")
        password = self._password if self._password is not None else user
        access = check_access(self._access, user, password, key, self._vendors)
        return {**access.attributes, ACCESS: "accepted" if access.is_accepted else "refused"}

    def close(self) -> None:
        """Nothing is held between orders."""

    def _request(self, part: Part, write: Write, doing: str) -> Any:
        if part.target not in _CODES:
            raise ConfigurationError(f"{doing}: object is {CHANGE} or {DISCONNECT}")
        if not any(name in SESSION_NAMES for name in part.key):
            raise ConfigurationError(f"{doing}: key names no session: give one of {', '.join(SESSION_NAMES)}")
        if part.target == CHANGE and not part.values:
            raise ConfigurationError(f"{doing}: fields: says nothing that the session becomes")
        if part.target == DISCONNECT and part.values:
            raise ConfigurationError(f"{doing}: fields: a session that ends becomes nothing; leave them out")
        known = dictionary(self._vendors)
        code = _CODES[part.target][0]
        request = CoAPacket(code, next(_IDENTIFIERS) % 256, self._orders.secret.encode(), dict=known)
        values: Mapping[str, Any] = {**part.key, **part.values}
        if self._stamps and write.at is not None:
            values = {**values, "Event-Timestamp": int(write.at.timestamp())}  # against replays (RFC 5176, 6.3)
        put_attributes(request, values, known, doing)
        request.add_message_authenticator()
        return request


def _silence(doing: str, silence: Silence, timeout_s: float) -> RetryableError | OutcomeUnknown:
    if not silence.may_have_arrived:
        return RetryableError(f"{doing}: nothing was taken there ({silence.cause}); try again later")
    strays = f"; {silence.strays} answers were not signed with the shared secret" if silence.strays else ""
    return OutcomeUnknown(
        f"{doing}: no answer within {timeout_s:g} s{strays}; equipment drops what is signed with another secret, so "
        "check it where this comes again; look at the accounting"
    )


def _refused(doing: str, said: str, refusal: Refusal) -> Receipt:
    told = f"{said} ({refusal.told})"
    if refusal.meaning == "later":
        raise RetryableError(f"{doing}: {told}; try again later")
    if refusal.meaning == "unclear":
        raise OutcomeUnknown(f"{doing}: {told}; look at the accounting")
    return Receipt(is_refusal=True, said=told)
