"""The tables of an AAA server hold more than what is ours: groups behind the first, attributes in several rows."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from canonical_model.errors import UnsafeToContinue
from provisioning.change import Change, planned
from provisioning.driver import ElementSettings, NetworkDriver
from provisioning.drivers.radius_sql import open_driver
from provisioning.line import Setting
from tests.fakes.lines import line

LINE = line()
TABLES = """
CREATE TABLE radusergroup (id INTEGER PRIMARY KEY, username TEXT, groupname TEXT, priority INTEGER);
CREATE TABLE radreply (id INTEGER PRIMARY KEY, username TEXT, attribute TEXT, op TEXT, value TEXT);
CREATE TABLE radgroupreply (id INTEGER PRIMARY KEY, groupname TEXT, attribute TEXT, op TEXT, value TEXT);
CREATE TABLE radgroupcheck (id INTEGER PRIMARY KEY, groupname TEXT, attribute TEXT, op TEXT, value TEXT);
CREATE TABLE radacct (username TEXT, acctstarttime TEXT, acctstoptime TEXT);
INSERT INTO radgroupreply (groupname) VALUES ('fiber-500'), ('fiber-1000');
"""


@dataclass
class Tables:
    file: Path
    driver: NetworkDriver

    def ask(self, statement: str) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self.file)) as database, database:
            return database.execute(statement).fetchall()

    def bring(self, wanted: dict[str, Setting | None] | None) -> Change:
        change = planned("aaa", LINE, self.driver.observe(LINE), wanted)
        self.driver.apply(change)
        return change

    def reply(self, attribute: str, *values: str) -> None:
        for value in values:
            row = f"('{LINE.username}', '{attribute}', '+=', '{value}')"
            self.ask(f"INSERT INTO radreply (username, attribute, op, value) VALUES {row}")


@pytest.fixture
def aaa(tmp_path: Path) -> Iterator[Tables]:
    file = tmp_path / "radius.db"
    with closing(sqlite3.connect(file)) as database:
        database.executescript(TABLES)
    with closing(open_driver(ElementSettings("aaa-1", "radius_sql", f"sqlite:///{file}"))) as driver:
        yield Tables(file, driver)


def test_groups_behind_the_first_are_somebody_elses_and_stay(aaa: Tables) -> None:
    aaa.bring({"group": "fiber-500"})
    aaa.ask(f"INSERT INTO radusergroup (username, groupname, priority) VALUES ('{LINE.username}', 'static-ip', 5)")
    change = aaa.bring({"group": "fiber-1000"})
    held = "SELECT groupname FROM radusergroup ORDER BY priority"
    assert aaa.ask(held) == [("fiber-1000",), ("static-ip",)]
    aaa.driver.apply(change.inverse)
    assert aaa.ask(held) == [("fiber-500",), ("static-ip",)]


def test_rows_that_could_not_be_brought_back_are_left_alone(aaa: Tables) -> None:
    aaa.bring({"group": "fiber-500"})
    aaa.reply("Framed-Route", "10.0.0.0/24", "10.0.1.0/24")
    before = aaa.ask("SELECT attribute, value FROM radreply ORDER BY id")
    aaa.bring({"group": "fiber-1000", "Filter-Id": "quiet"})
    for wanted in (None, {"group": "fiber-500", "Framed-Route": "10.0.0.0/24"}):
        with pytest.raises(UnsafeToContinue, match="has several rows of Framed-Route in radreply"):
            aaa.bring(wanted)
    assert aaa.ask("SELECT attribute, value FROM radreply ORDER BY id") == [*before, ("Filter-Id", "quiet")]
    assert aaa.ask("SELECT groupname FROM radusergroup") == [("fiber-1000",)]
