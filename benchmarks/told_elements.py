"""The network that the benchmark of activations tells: tables of an AAA server, an ACS with routers, and an OLT."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.activation_worker import ToldElements
from provisioning.driver import ElementSettings
from provisioning.facts import SagaFacts
from simulated_estate.servers.acs_nbi import AcsDevice, AcsNbi, AcsServer
from tests.fakes.told_network import ToldNetwork

SSID = "Device.WiFi.SSID.1.SSID"
PORT = "1/1/1"
_TABLES = """
PRAGMA journal_mode = WAL;
CREATE TABLE radusergroup (id INTEGER PRIMARY KEY, username TEXT, groupname TEXT, priority INTEGER);
CREATE TABLE radreply (id INTEGER PRIMARY KEY, username TEXT, attribute TEXT, op TEXT, value TEXT);
CREATE TABLE radgroupreply (id INTEGER PRIMARY KEY, groupname TEXT, attribute TEXT, op TEXT, value TEXT);
CREATE TABLE radgroupcheck (id INTEGER PRIMARY KEY, groupname TEXT, attribute TEXT, op TEXT, value TEXT);
CREATE TABLE radacct (radacctid INTEGER PRIMARY KEY, username TEXT, acctstarttime INTEGER, acctstoptime INTEGER);
CREATE INDEX radusergroup_username ON radusergroup (username);
CREATE INDEX radreply_username ON radreply (username);
CREATE INDEX radacct_username ON radacct (username);
INSERT INTO radgroupreply (groupname, attribute, op, value) VALUES ('fiber-500', 'Filter-Id', ':=', 'x');
"""
"""The columns that the driver uses, named as FreeRADIUS names them."""


@dataclass(frozen=True)
class Elements:
    """The elements while they run."""

    folder: Path
    olt: ToldNetwork
    nbi: AcsNbi
    acs: AcsServer
    routers: dict[str, AcsDevice]

    def told(self) -> ToldElements:
        """How a worker reaches them."""
        radius = ElementSettings("aaa-1", "radius_sql", f"sqlite:///{self.folder / 'radius.db'}")
        acs = ElementSettings("acs-1", "genieacs", self.acs.address, options={"paths": {"wifi.ssid": SSID}})
        return ToldElements(self.olt, {"aaa-1": radius, "acs-1": acs})

    def connect(self, wish: SagaFacts) -> None:
        """A technician plugs the terminal in: the line is in session and the router speaks to its server."""
        serial = str(wish.expected_serial)
        self.olt.plug(serial, PORT)
        router = self.routers[serial] = AcsDevice(serial, {SSID: "factory"})
        self.nbi.connect(router)
        with closing(sqlite3.connect(self.folder / "radius.db", timeout=60)) as tables, tables:
            tables.execute(
                "INSERT INTO radacct (username, acctstarttime) VALUES (?, ?)",
                (wish.line.username, int(datetime.now(UTC).timestamp())),
            )

    def wrong(self, services: int) -> list[str]:
        """What is not told exactly once of so many services."""
        wrong = []
        if len(heard := self.olt.heard()) != services or len(set(heard)) != services:
            wrong.append(f"the OLT was told {len(heard)} times of {services} services")
        if any(router.parameters[SSID] != "home" for router in self.routers.values()):
            wrong.append("a router was not told")
        with closing(sqlite3.connect(self.folder / "radius.db")) as tables:
            (known,) = tables.execute("SELECT COUNT(DISTINCT username) FROM radusergroup").fetchone()
        return wrong if known == services else [*wrong, f"AAA knows {known} of {services} services"]


@contextmanager
def told_elements(folder: Path) -> Iterator[Elements]:
    """Elements that know nothing yet, until the block is left."""
    folder.mkdir()
    with closing(sqlite3.connect(folder / "radius.db")) as tables:
        tables.executescript(_TABLES)
    nbi = AcsNbi(lambda: datetime.now(UTC))
    server = AcsServer(nbi)
    try:
        yield Elements(folder, ToldNetwork(folder / "olt.sqlite"), nbi, server, {})
    finally:
        server.stop()
