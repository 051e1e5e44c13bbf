"""Rows of a table out of an SNMP agent, v2c or v3, by GETBULK: its columns are walked side by side and joined.

Memory is bound by the number of columns and the size of an answer, however long the table is.
"""

import socket
from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from connectors.patience import waits
from connectors.snmp.column_walk import ColumnWalk, Rows
from connectors.snmp.fast_walk import FastWalk, can_walk
from connectors.snmp.logins import CommunityLogin, Login
from connectors.snmp.oids import Oid, numbers
from connectors.snmp.questions import Questions
from connectors.snmp.values import SnmpValue

TableRow = tuple[str, list[SnmpValue | None]]
"""Index, and a value for each column that was asked for; None where the row has none."""

_AT_ONCE = 3
_PIECE = 200
"""Rows of a column that are handed over together: a thread costs as much for ten of them."""
_MOST_STRAYS = 4 * _PIECE
"""Rows of a column that the first column lacks are let go when so many have come together."""


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
        self._questions = Questions(system, address, login, timeout_s, repetitions)

    def rows(self, columns: Sequence[Oid]) -> Generator[list[TableRow], None, None]:
        """The rows that the first column has, a few at a time, in the agent's order.

        Args:
            columns: OIDs of columns that share their index.

        Raises:
            RetryableError: no answer in time, which on v2c a wrong community looks like too.
            ConfigurationError: the agent refuses the login, or the address is no address.
            UnsafeToContinue: the agent walks in a circle.
        """
        if not isinstance(self._login, CommunityLogin):
            self._questions.after(
                columns[0]
            )  # the slow client tells what is wrong with a user, the fast one does not
        pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="snmp-walk")
        try:
            first, *others = [_Ahead(self._walk(column), pool) for column in columns]
            while rows := first.next():
                last = numbers(rows[-1][0])
                for other in others:
                    other.come_to(last)
                yield [
                    (index, [value, *(other.pending.pop(index, None) for other in others)]) for index, value in rows
                ]
                for other in others:
                    other.forget_to(last)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _walk(self, column: Oid) -> ColumnWalk:
        address = _resolved(self._address) if can_walk(self._login) else None
        fast = FastWalk(address, self._login, column, self._waits, self._repetitions) if address else None
        return ColumnWalk(self._system, column, self._questions, fast)


class _Ahead:
    """A walk that is one piece ahead of whoever reads it.

    Attributes:
        pending: values by index that have come and were not taken yet.
    """

    def __init__(self, walk: ColumnWalk, pool: ThreadPoolExecutor) -> None:
        self.pending: dict[str, SnmpValue] = {}
        self._walk = walk
        self._pool = pool
        self._reached: Oid = ()
        self._coming: Future[Rows] | None = pool.submit(walk.piece, _PIECE)

    def next(self) -> Rows:
        """The next rows; empty at the end."""
        if self._coming is None:
            return []
        rows = self._coming.result()
        self._coming = self._pool.submit(self._walk.piece, _PIECE) if len(rows) >= _PIECE else None
        return rows

    def come_to(self, index: Oid) -> None:
        """Take what comes into ``pending`` until an index is reached, or the end."""
        while self._reached < index and (rows := self.next()):
            self.pending.update(rows)
            self._reached = numbers(rows[-1][0])

    def forget_to(self, index: Oid) -> None:
        """Let go of what belongs to no row of the first column, once there is much of it."""
        if len(self.pending) > _MOST_STRAYS:
            self.pending = {name: value for name, value in self.pending.items() if numbers(name) > index}


def _resolved(address: tuple[str, int]) -> tuple[str, int] | None:
    """The address with numbers for a name, as the fast client wants it; None for a name that is not known."""
    try:
        found = socket.getaddrinfo(*address, type=socket.SOCK_DGRAM)
    except OSError:
        return None
    return str(found[0][4][0]), address[1]
