"""An AAA server that keeps accounting in the table of sessions that such servers have, and nothing else."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from simulated_estate.servers import radius_packets as radius
from simulated_estate.servers.loopback import port_of, udp_socket

TABLE = """
CREATE TABLE radacct (
  radacctid INTEGER PRIMARY KEY, acctsessionid TEXT UNIQUE, username TEXT, nasipaddress TEXT, filterid TEXT,
  acctstarttime TEXT, acctupdatetime TEXT, acctstoptime TEXT, acctterminatecause TEXT
)
"""
_START_OR_UPDATE = """
INSERT INTO radacct(acctsessionid, username, nasipaddress, filterid, acctstarttime, acctupdatetime)
VALUES (:session, :user, '127.0.0.1', :profile, :at, :at)
ON CONFLICT(acctsessionid) DO UPDATE SET filterid = :profile, acctupdatetime = :at
"""
_STOP = """
UPDATE radacct SET acctstoptime = :at, acctupdatetime = :at, acctterminatecause = 'Admin-Reset'
WHERE acctsessionid = :session
"""
STOPPED = 2


@dataclass(frozen=True)
class AaaTables:
    """A running server: its port for accounting, and the file of its tables."""

    port: int
    file: Path

    def know(self, session: str, user: str, profile: str) -> None:
        """A session that began before anybody looked."""
        self._write(_START_OR_UPDATE, session, user, profile)

    def stop(self, session: str) -> None:
        """A session ended, and nobody here saw the accounting."""
        self._write(_STOP, session, "", "")

    def stopped(self, session: str) -> str | None:
        """When a session ended."""
        with closing(sqlite3.connect(self.file, timeout=10)) as database:
            query = "SELECT acctstoptime FROM radacct WHERE acctsessionid = ?"
            (moment,) = database.execute(query, (session,)).fetchone()
            return None if moment is None else str(moment)

    def _write(self, statement: str, session: str, user: str, profile: str) -> None:
        at = datetime.now(UTC).isoformat()
        with closing(sqlite3.connect(self.file, timeout=10)) as database, database:
            database.execute(statement, {"session": session, "user": user, "profile": profile, "at": at})

    def take(self, request: radius.Packet) -> None:
        """Write down what accounting says."""
        told = dict(request.attributes)
        is_over = told[radius.ACCT_STATUS_TYPE] == radius.integer(STOPPED)
        texts = [told[n].decode() for n in (radius.ACCT_SESSION_ID, radius.USER_NAME, radius.FILTER_ID)]
        self._write(_START_OR_UPDATE, *texts)
        if is_over:
            self._write(_STOP, *texts)


@contextmanager
def aaa_tables(folder: Path, secret: str) -> Iterator[AaaTables]:
    """A server on a free port of loopback; ends with the block."""
    folder.mkdir(parents=True, exist_ok=True)
    wire = udp_socket()
    wire.settimeout(0.1)
    tables = AaaTables(port_of(wire), folder / "radius.db")
    with closing(sqlite3.connect(tables.file)) as database, database:
        database.execute(TABLE)
    ended = threading.Event()

    def serve() -> None:
        while not ended.is_set():
            try:
                octets, peer = wire.recvfrom(4096)
            except TimeoutError:
                continue
            assert radius.is_signed(octets, secret.encode())
            request = radius.read_packet(octets)
            tables.take(request)
            wire.sendto(radius.answer(request, radius.ACCOUNTING_RESPONSE, secret.encode()), peer)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield tables
    finally:
        ended.set()
        thread.join()
        wire.close()
