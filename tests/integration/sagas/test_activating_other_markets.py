"""A switch port in Mesa and a radio in Northshore, as the example's network.yaml has them, up to the proof."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from canonical_model.network import Technology
from hub.sagas.advance import advance
from hub.sagas.beginning import begin_saga
from hub.sagas.desk import Desk
from hub.sagas.elements import open_element
from provisioning.facts import SagaFacts
from provisioning.line import Line
from provisioning.profile_making import ProfileRequest, make_profile
from simulated_estate.books import DeviceRow
from simulated_estate.servers.cnmaestro import CnMaestroServer, Module
from simulated_estate.servers.told_http import ToldServer
from storage.sagas import saga_with
from tests.fakes.aaa_server import DEBIAN
from tests.fakes.effects import START, HandClock, Stages
from tests.fakes.lines import facts, line
from tests.fakes.lumen_valley import LumenValley
from tests.netconf_switch import NetconfSwitch, netconf_switch
from tests.peers import require_peer

ACCESS_POINT = "AA:BB:CC:00:00:01"
TEMPLATE = {
    "sustainedDownlinkDataRate": 100_000,
    "sustainedUplinkDataRate": 20_000,
    "dataVlan": 300,
    "bridgeEntry": 1,
}


@dataclass
class Aaa:
    """The tables of an AAA server."""

    file: Path

    def login(self, username: str) -> None:
        """The subscriber's equipment logs in."""
        begun = "INSERT INTO radacct (acctsessionid, acctuniqueid, username, nasipaddress, acctstarttime) VALUES "
        with closing(sqlite3.connect(self.file)) as tables, tables:
            tables.execute(begun + "('s-1', 'u-1', ?, '127.0.0.1', ?)", (username, int(START.timestamp())))

    def group(self, username: str) -> str:
        with closing(sqlite3.connect(self.file)) as tables:
            query = "SELECT groupname FROM radusergroup WHERE username = ?"
            return str(tables.execute(query, (username,)).fetchone()[0])


@pytest.fixture
def aaa(tmp_path: Path) -> Aaa:
    require_peer("freeradius")
    made = Aaa(tmp_path / "radius.db")
    with closing(sqlite3.connect(made.file)) as tables, tables:
        tables.executescript((DEBIAN / "mods-config/sql/main/sqlite/schema.sql").read_text())
        for group in ("ether-500", "air-100"):
            tables.execute(
                "INSERT INTO radgroupreply (groupname, attribute, op, value) VALUES (?, 'x', ':=', 'x')", (group,)
            )
    return made


@pytest.fixture
def switch(tmp_path: Path) -> Iterator[NetconfSwitch]:
    with netconf_switch(require_peer("netconfd"), tmp_path / "switch") as running:
        yield running


def reach(operator: LumenValley, element: str, aaa: str, file: Path, **block: Any) -> None:
    """Let the example's blocks lead to what runs here."""
    place = operator.folder / "network.yaml"
    network = yaml.safe_load(place.read_text(encoding="utf-8"))
    network["elements"][element] |= block
    network["elements"][aaa] = {**network["elements"][aaa], "address": f"sqlite:///{file}", "secrets": {}}
    place.write_text(yaml.safe_dump(network), encoding="utf-8")


def seen_by_snmp(operator: LumenValley, element: str) -> DeviceRow:
    return next(row for row in operator.running.books.network[element] if row.oper_state == "up")


def proven(
    operator: LumenValley, tmp_path: Path, its: Line, technology: Technology, offering: str, serial: str, aaa: Aaa
) -> SagaFacts:
    """What a saga has learned when every step that the network has a part in is done."""
    clock = HandClock()
    with operator.hub(tmp_path / "work") as hub:
        profile = make_profile(
            hub.operator.network, "1", ProfileRequest(its.market, technology, "", offering, onu_id=0)
        )
        assert profile is not None
        wish = facts(line=its, profile=profile, expected_serial=serial)
        saga = begin_saga(hub, "activate", wish, START)
        with Desk(hub, hub.operator.network, lambda name: open_element(hub, name), clock, Stages()) as desk:
            for turn in range(18):
                advance(desk)
                if turn == 1:
                    aaa.login(its.username)
                clock.move(minutes=5)  # a soak counts no time in which nobody looks
        with hub.database.reading() as connection:
            found = saga_with(connection, saga.id)
    assert found is not None
    assert found.step in ("gate", "release"), found.reason
    return SagaFacts.model_validate_json(found.facts)


def test_a_port_of_a_switch_is_proven_by_link_session_and_snmp(
    operator: LumenValley, switch: NetconfSwitch, aaa: Aaa, tmp_path: Path
) -> None:
    row = seen_by_snmp(operator, "ms-sw-ciena")
    key = {"key": str(switch.server.folder / "login")}
    reached = switch.settings()
    reach(
        operator,
        "ms-sw-ciena",
        "ms-aaa",
        aaa.file,
        address=reached.address,
        options=dict(reached.options),
        secrets={"key": "env:SWITCH_LOGIN"},
    )
    operator.environment["SWITCH_LOGIN"] = key["key"]
    switch.connect(row.serial, "1/1")
    its = line(market="mesa", element="ms-sw-ciena", port="1/1", onu_id=None, username="ms-sw-ciena 1/1")
    learned = proven(operator, tmp_path, its, "active_ethernet", "ether-500", row.serial, aaa)
    assert learned.line.serial == row.serial
    assert sorted(each.kind for each in learned.evidence) == ["aaa_session", "ont_ranged"]
    assert learned.verified_at is not None
    assert aaa.group(its.username) == "ether-500"


def test_a_subscriber_module_is_proven_by_its_own_configuration_session_and_snmp(
    operator: LumenValley, aaa: Aaa, tmp_path: Path
) -> None:
    row = seen_by_snmp(operator, "ns-ap-cambium")
    mac = ":".join(row.serial[place : place + 2] for place in range(0, 12, 2))
    fake = CnMaestroServer(("splice", "s3cret"), {"100-20-300": TEMPLATE})
    fake.connect(Module(mac, ACCESS_POINT, status="onboarding"))
    server = ToldServer("cnmaestro", fake.answer)
    reach(operator, "ns-ap-cambium", "ns-aaa", aaa.file, address=server.address)
    operator.environment["LUMEN_VALLEY_NS_CNMAESTRO_SECRET"] = "s3cret"
    its = line(market="northshore", element="ns-ap-cambium", port=ACCESS_POINT, onu_id=None, username="ns 1")
    try:
        learned = proven(operator, tmp_path, its, "fixed_wireless", "air-100", row.serial, aaa)
    finally:
        server.stop()
    assert learned.line.serial == row.serial
    assert sorted(each.kind for each in learned.evidence) == ["aaa_session", "ont_ranged"]
    assert fake.modules[mac].config["dataVlan"] == 300
