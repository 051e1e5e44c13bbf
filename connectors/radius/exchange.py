"""One request over UDP, and the one answer to it that is signed with the shared secret (RFC 2865, 5080, 5176).

The same datagram goes out again, from the same port, until the time is used up: by its identifier and authenticator
the other side knows it for a copy (RFC 5080, 2.2.2), so that nothing is done twice. Whatever else comes in is passed
over.
"""

import socket
import struct
import time
from dataclasses import dataclass, field
from typing import Any

from pyrad.packet import PacketError

from connectors.patience import waits

LARGEST_PACKET = 4096
_SMALLEST_PACKET = 20
BROKEN = (PacketError, ValueError, KeyError, IndexError, TypeError, struct.error)
"""What pyrad raises on octets that are no packet, or hold broken attributes."""


@dataclass(frozen=True, slots=True)
class RadiusServer:
    """Where a request goes.

    Attributes:
        name: of the system, for messages.
        timeout_s: in all, for the answer.
        signs_replies: pass over replies without Message-Authenticator (CVE-2024-3596); older servers send none.
    """

    name: str
    host: str
    port: int
    secret: str = field(repr=False)
    timeout_s: float = 5.0
    signs_replies: bool = False


@dataclass(frozen=True, slots=True)
class Silence:
    """No answer that can be believed.

    Attributes:
        may_have_arrived: whether any of the datagrams may have reached a program.
        strays: answers that were passed over, since they are not signed with the secret or are no answer to this.
        cause: why nothing could be sent; empty where it could.
    """

    may_have_arrived: bool
    strays: int = 0
    cause: str = ""


def exchange(server: RadiusServer, request: Any) -> Any | Silence:
    """Send a request of pyrad and wait for its answer; gives the reply as pyrad decodes it, or the silence.

    Raises:
        ValueError: the request is too large for a packet.
    """
    octets = request.RequestPacket()
    if len(octets) > LARGEST_PACKET:
        raise ValueError("the request is larger than a packet of RADIUS may be")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(server.host, server.port, type=socket.SOCK_DGRAM)[0]
    except OSError as error:
        return Silence(may_have_arrived=False, cause=f"{server.host} cannot be found ({type(error).__name__})")
    with socket.socket(family, kind, protocol) as wire:
        try:
            wire.connect(address)
        except OSError as error:
            return Silence(may_have_arrived=False, cause=error.strerror or type(error).__name__)
        return _Conversation(server, request, wire).held(octets)


class _Conversation:
    """The datagrams of one request."""

    def __init__(self, server: RadiusServer, request: Any, wire: socket.socket) -> None:
        self._server = server
        self._request = request
        self._wire = wire
        self._sent = 0
        self._refused = 0
        self._strays = 0
        self._cause = ""

    def held(self, octets: bytes) -> Any | Silence:
        """The answer, or the silence after all the time."""
        for wait in waits(self._server.timeout_s):
            ends = time.monotonic() + wait
            self._send(octets)
            while (left := ends - time.monotonic()) > 0:
                reply = self._received(left)
                if reply is not None:
                    return reply
        return Silence(self._sent > self._refused, self._strays, self._cause)

    def _send(self, octets: bytes) -> None:
        try:
            self._wire.send(octets)
        except ConnectionRefusedError:
            self._was_refused()  # which the kernel tells of the datagram before; this one did not leave
        except OSError as error:
            self._cause = error.strerror or type(error).__name__
        else:
            self._sent += 1

    def _received(self, left: float) -> Any | None:
        """A reply that is believed; None after the time, or a datagram that is none."""
        self._wire.settimeout(left)
        try:
            octets = self._wire.recv(65_535)
        except TimeoutError:
            return None
        except ConnectionRefusedError:
            self._was_refused()
            time.sleep(min(left, 0.05))
            return None
        reply = self._believed(octets)
        self._strays += reply is None
        return reply

    def _was_refused(self) -> None:
        self._refused += 1
        self._cause = "nobody listens there"

    def _believed(self, octets: bytes) -> Any | None:
        if len(octets) < _SMALLEST_PACKET or octets[1] != self._request.id:
            return None
        try:
            reply = self._request.CreateReply(packet=octets)
            is_ours = self._request.VerifyReply(reply, octets, enforce_ma=self._server.signs_replies)
        except BROKEN:
            return None
        # pyrad asks for the signature in answers to Access-Request alone
        is_signed = reply.message_authenticator is not None or not self._server.signs_replies
        return reply if is_ours and is_signed else None
