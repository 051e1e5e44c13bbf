"""What happens to devices while the estate runs, and how its elements tell of it: by traps, or by informs."""

import asyncio
import itertools
import time
from collections.abc import Callable, Sequence
from datetime import datetime

from simulated_estate.books import Books, DeviceRow
from simulated_estate.servers.snmp_agents import Agent, SnmpAgents
from simulated_estate.servers.snmp_ber import BerError, notification, response_id
from simulated_estate.servers.snmp_notices import NOTICES, DeviceEvent
from simulated_estate.servers.snmp_values import Value

AGAIN_S = 1.0
MOST_TRIES = 30
_UPTIME = (1, 3, 6, 1, 2, 1, 1, 3, 0)
_KIND = (1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0)
_Peer = tuple[str, int]


class NetworkEvents:
    """Lets devices arrive and lose their power; each element tells of it from an address of its own.

    Attributes:
        target: host and port that it is told to; None for nobody.
        informs: whether it is told by informs, which are sent until they are acknowledged, and not by traps.
        sources: the address that each element tells from.
    """

    def __init__(
        self, books: Books, agents: SnmpAgents, community: str, clock: Callable[[], datetime], names: Sequence[str]
    ) -> None:
        self.target: _Peer | None = None
        self.informs = False
        self.sources = {name: f"127.0.0.{number}" for number, name in enumerate(names, start=11)}
        self._asked = self._answered = 0
        self._books = books
        self._agents = agents
        self._community = community.encode()
        self._clock = clock
        self._started = time.monotonic()
        self._numbers = itertools.count(1)

    @property
    def unanswered(self) -> int:
        """Informs that nobody has acknowledged so far."""
        return self._asked - self._answered

    def arrive(self, element: str, row: DeviceRow) -> None:
        """A device appears on an element."""
        self._books.network[element].append(row)
        self._tell(element, "arrival", row)

    def lose_power(self, element: str, row: DeviceRow) -> None:
        """A device goes dark, and says so with its last breath."""
        row.oper_state, row.rx_dbm = "down", None
        self._tell(element, "dying_gasp", row)

    def _tell(self, element: str, event: DeviceEvent, row: DeviceRow) -> None:
        if self.target is None:
            return
        self._asked += self.informs
        number, now = next(self._numbers), self._clock()
        self._agents.begin(self._told(self._agents.by_name[element], element, event, row, number, now))

    async def _told(
        self, agent: Agent, element: str, event: DeviceEvent, row: DeviceRow, number: int, now: datetime
    ) -> None:
        is_inform, target = self.informs, self.target
        notice = NOTICES[agent.vendor.number](event, row, agent.index_of(row), now)
        uptime = int((time.monotonic() - self._started) * 100)
        says = [(_UPTIME, Value("ticks", uptime)), (_KIND, Value("oid", notice.kind)), *notice.says]
        octets = notification(self._community, number, says, is_inform=is_inform)
        answered = asyncio.Event()
        wire, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: _Answers(number, answered), local_addr=(self.sources[element], 0), remote_addr=target
        )
        try:
            for _ in range(MOST_TRIES if is_inform else 1):
                if not agent.loses():
                    wire.sendto(octets)
                if is_inform and await _came(answered):
                    self._answered += 1
                    return
        finally:
            wire.close()


class _Answers(asyncio.DatagramProtocol):
    """Waits for the answer to one inform."""

    def __init__(self, number: int, answered: asyncio.Event) -> None:
        self._number = number
        self._answered = answered

    def datagram_received(self, data: bytes, _addr: _Peer) -> None:
        try:
            if response_id(data) == self._number:
                self._answered.set()
        except BerError:
            return


async def _came(answered: asyncio.Event) -> bool:
    try:
        await asyncio.wait_for(answered.wait(), AGAIN_S)
    except TimeoutError:
        return False
    return True
