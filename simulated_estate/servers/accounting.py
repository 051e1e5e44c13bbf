"""What access equipment tells of its sessions: accounting, sent again until it is answered (RFC 2866)."""

import asyncio
import itertools
from collections.abc import Callable
from datetime import datetime

from simulated_estate.books import SessionRow
from simulated_estate.servers import radius_packets as radius

AGAIN_S = 1.0
MOST_TRIES = 30
STATUS = {"Start": 1, "Stop": 2, "Interim-Update": 3}
_CAUSES = {"User-Request": 1, "Lost-Carrier": 2, "Admin-Reset": 6}
_Peer = tuple[str, int]


class Accounting:
    """Tells of sessions, to nobody at first; to be called inside its equipment's event loop.

    Attributes:
        target: host and port that it is told to; None for nobody.
    """

    def __init__(self, secret: bytes, clock: Callable[[], datetime]) -> None:
        self.target: _Peer | None = None
        self._secret = secret
        self._clock = clock
        self._numbers = itertools.count()
        self._tasks: set[asyncio.Task[None]] = set()

    def tell(self, status: str, session: SessionRow) -> None:
        """Tell what has become of a session."""
        if self.target is not None:
            octets = radius.accounting_request(next(self._numbers) % 256, self._secret, self._facts(status, session))
            task = asyncio.get_running_loop().create_task(_told(octets, self.target))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def close(self) -> None:
        """Tell no more."""
        for task in self._tasks:
            task.cancel()

    def _facts(self, status: str, session: SessionRow) -> tuple[tuple[int, bytes], ...]:
        now = self._clock()
        facts = (
            (radius.ACCT_STATUS_TYPE, radius.integer(STATUS[status])),
            (radius.USER_NAME, session.username.encode()),
            (radius.ACCT_SESSION_ID, session.session_id.encode()),
            (radius.NAS_IP_ADDRESS, radius.address("127.0.0.1")),
            (radius.NAS_PORT_ID, session.port.encode()),
            (radius.FRAMED_IP_ADDRESS, radius.address(session.framed_address)),
            (radius.FILTER_ID, session.profile.encode()),
            (radius.ACCT_SESSION_TIME, radius.integer(int((now - session.started_at).total_seconds()))),
            (radius.EVENT_TIMESTAMP, radius.integer(int(now.timestamp()))),
        )
        if session.end_cause:
            return (*facts, (radius.ACCT_TERMINATE_CAUSE, radius.integer(_CAUSES[session.end_cause])))
        return facts


class _Answer(asyncio.DatagramProtocol):
    """Waits for any answer."""

    def __init__(self, heard: asyncio.Event) -> None:
        self._heard = heard

    def datagram_received(self, data: bytes, _addr: _Peer) -> None:
        if data[:1] == bytes((radius.ACCOUNTING_RESPONSE,)):
            self._heard.set()


async def _told(octets: bytes, target: _Peer) -> None:
    heard = asyncio.Event()
    loop = asyncio.get_running_loop()
    wire, _ = await loop.create_datagram_endpoint(lambda: _Answer(heard), remote_addr=target)
    try:
        for _ in range(MOST_TRIES):
            wire.sendto(octets)
            try:
                await asyncio.wait_for(heard.wait(), AGAIN_S)
            except TimeoutError:
                continue
            return
    finally:
        wire.close()
