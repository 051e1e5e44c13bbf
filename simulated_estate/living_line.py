"""What stands behind one OLT and lives by itself: a terminal ranges once its OLT expects it, a router logs in.

The OLT is reached through a controller that speaks RESTCONF as Nokia Altiplano does, the AAA server is the SQL tables
of FreeRADIUS in a SQLite file, and the router speaks to a GenieACS. Nothing here knows the hub: it shows what it was
told, and what follows from that.
"""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from simulated_estate.servers.acs_nbi import AcsDevice, AcsNbi, AcsServer
from simulated_estate.servers.restconf_controller import ControllerKind, RestconfController
from simulated_estate.servers.told_http import ToldServer

RELEASE, DEVICE = "lab", "olt-1"
LOGIN = ("splice", "nothing-to-guess")
RATES = (50, 100, 300, 500, 1000, 2000)
GROUPS = ("fiber-300", "fiber-500", "fiber-1000", "fiber-2000", "walled-garden", "throttled", "blocked")
PORTS = tuple(f"1/{card}/{port}" for card in range(1, 17) for port in range(1, 17))

_HOLDER = f"anv:device-manager/anv-device-holders:device={DEVICE}/device-specific-data"
_KIND = ControllerKind(
    writes=f"{RELEASE}-altiplano-av/rest/restconf/data/{_HOLDER}",
    reads=f"{RELEASE}-altiplano-rcdeviceproxy/rest/restconf/data/{_HOLDER}",
    login=f"{RELEASE}-altiplano-ac/rest/auth/login",
    token="accessToken",
)
_TYPES = "bbf-xpon-onu-types:onu-present-"
_UNCLAIMED = "and-no-v-ani-known-and-unclaimed"
_AT_HOME = "and-on-intended-channel-termination"

# as FreeRADIUS ships them for SQLite; the columns that are used
_TABLES = """
CREATE TABLE radusergroup (id INTEGER PRIMARY KEY, username TEXT, groupname TEXT, priority INTEGER);
CREATE TABLE radreply (id INTEGER PRIMARY KEY, username TEXT, attribute TEXT, op TEXT, value TEXT);
CREATE TABLE radgroupreply (id INTEGER PRIMARY KEY, groupname TEXT, attribute TEXT, op TEXT, value TEXT);
CREATE TABLE radgroupcheck (id INTEGER PRIMARY KEY, groupname TEXT, attribute TEXT, op TEXT, value TEXT);
CREATE TABLE radacct (
  radacctid INTEGER PRIMARY KEY, acctsessionid TEXT, username TEXT, acctstarttime INTEGER, acctstoptime INTEGER
);
"""


class LivingLine:
    """The elements of one corner of the plant, running on loopback until they are stopped."""

    def __init__(self, folder: Path, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._plugged: dict[str, str] = {}
        self._groups: dict[str, str] = {}
        policies = {f"down-{rate}" for rate in RATES}
        self.controller = RestconfController(_KIND, LOGIN, policies, {f"CP_{port}" for port in PORTS})
        self._olt = ToldServer("the controller of the OLT", self.controller.answer)
        self._aaa = folder / "radius.sqlite"
        with closing(sqlite3.connect(self._aaa)) as database, database:
            database.executescript(_TABLES)
            known = "INSERT INTO radgroupreply(groupname, attribute, op, value) VALUES (?, 'Filter-Id', ':=', ?)"
            database.executemany(known, [(group, group) for group in GROUPS])
        self.routers = AcsNbi(clock)
        self._acs = AcsServer(self.routers)

    @property
    def olt_address(self) -> str:
        """URL of the controller."""
        return self._olt.address

    @property
    def aaa_address(self) -> str:
        """Of the tables, as a SQLAlchemy URL."""
        return f"sqlite:///{self._aaa}"

    @property
    def acs_address(self) -> str:
        """URL of the ACS."""
        return self._acs.address

    def plug(self, serial: str, port: str) -> None:
        """A technician connects a terminal with a router behind it."""
        self._plugged[serial] = port
        self._show_port(port)
        wifi = {"Device.WiFi.SSID.1.SSID": "factory", "Device.WiFi.SSID.1.Enable": False}
        self.routers.connect(AcsDevice(serial, dict(wifi)))

    def live(self) -> None:
        """Time passes: expected terminals range, and routers whose subscriber AAA knows log in."""
        for serial, port in self._plugged.items():
            v_ani = self._expecting(serial)
            if v_ani is not None:
                self._range(serial, port, v_ani)
        with closing(sqlite3.connect(self._aaa, timeout=10)) as database, database:
            self._end_sessions(database)
            database.execute(
                "INSERT INTO radacct(acctsessionid, username, acctstarttime)"
                " SELECT 's-' || username, username, ? FROM radusergroup"
                " WHERE username NOT IN (SELECT username FROM radacct WHERE acctstoptime IS NULL)",
                (int(self._clock().timestamp()),),
            )

    def _end_sessions(self, database: sqlite3.Connection) -> None:
        """A session ends when AAA knows its subscriber in another group, or not at all: a disconnect was sent."""
        groups = dict(database.execute("SELECT username, groupname FROM radusergroup"))
        for username, group in self._groups.items():
            if groups.get(username) != group:
                database.execute(
                    "UPDATE radacct SET acctstoptime = ? WHERE username = ? AND acctstoptime IS NULL",
                    (int(self._clock().timestamp()), username),
                )
        self._groups = groups

    def stop(self) -> None:
        """End the servers."""
        self._olt.stop()
        self._acs.stop()

    def _expecting(self, serial: str) -> str | None:
        """The ``v-ani`` on the OLT that expects a terminal and lets it work."""
        interfaces = self.controller.device.get("ietf-interfaces:interfaces", {}).get("interface", {})
        entries = interfaces.values() if isinstance(interfaces, dict) else interfaces
        for entry in entries:
            told = entry.get("bbf-xponvani:v-ani", {})
            if told.get("expected-serial-number") == serial and entry.get("enabled"):
                return str(entry["name"])
        return None

    def _show_port(self, port: str) -> None:
        waiting = [
            {
                "detected-serial-number": serial,
                "onu-presence-state": f"{_TYPES}{_UNCLAIMED}",
                "onu-detected-datetime": self._clock().isoformat(),
            }
            for serial, at in self._plugged.items()
            if at == port and self._expecting(serial) is None
        ]
        name = f"CT_{port}"
        seen: dict[str, Any] = {"bbf-xpon-onu-state:onus-present-on-local-channel-termination": {"onu": waiting}}
        entry = {"name": name, "bbf-xpon:channel-termination": seen}
        self.controller.put(f"ietf-interfaces:interfaces-state/interface={quote(name, safe='')}", entry)

    def _range(self, serial: str, port: str, v_ani: str) -> None:
        shown = {
            "onu-presence-state": f"{_TYPES}{_AT_HOME}",
            "onu-present-on-this-olt": {
                "detected-serial-number": serial,
                "onu-present-on-this-channel-termination": f"CT_{port}",
            },
        }
        entry = {"name": v_ani, "bbf-xponvani:v-ani": shown}
        self.controller.put(f"ietf-interfaces:interfaces-state/interface={quote(v_ani, safe='')}", entry)
        self._show_port(port)
