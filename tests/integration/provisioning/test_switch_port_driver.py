"""A port of an Ethernet switch on a real NETCONF server: what a person set stays, and LLDP tells who is there."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from canonical_model.errors import UnsafeToContinue
from provisioning.change import Change, planned
from provisioning.driver import NetworkDriver
from provisioning.drivers.switch_port import open_driver
from provisioning.line import Settings
from provisioning.netconf.openconfig import NS, port_filter
from tests.fakes.lines import ONT, line
from tests.netconf_switch import NetconfSwitch, netconf_switch
from tests.peers import require_peer

LINE = line(port="1/1", onu_id=None, serial=ONT)
SERVED: Settings = {
    "serial": ONT,
    "enabled": True,
    "outer_vlan": 100,
    "down_mbps": 500,
    "up_mbps": 500,
    "up_assured_mbps": 0,
}
TRUNK = f"""<interfaces xmlns="{NS["oci"]}"><interface><name>1/1</name><ethernet xmlns="{NS["eth"]}">
<switched-vlan xmlns="{NS["vlan"]}"><config><trunk-vlans>300</trunk-vlans><access-vlan>999</access-vlan></config>
</switched-vlan></ethernet></interface></interfaces>"""


@pytest.fixture
def switch(tmp_path: Path) -> Iterator[NetconfSwitch]:
    with netconf_switch(require_peer("netconfd"), tmp_path / "switch") as running:
        yield running


@pytest.fixture
def driver(switch: NetconfSwitch) -> Iterator[NetworkDriver]:
    opened = open_driver(switch.settings())
    yield opened
    opened.close()


def bring(driver: NetworkDriver, wanted: Settings | None) -> Change:
    change = planned("access", LINE, driver.observe(LINE), wanted)
    driver.apply(change)
    return change


def tags(switch: NetconfSwitch, word: str) -> list[str | None]:
    session = switch.server.session()
    try:
        found = session.read(port_filter("1/1"))
        return [each.text for each in found.iterfind(f".//vlan:{word}", NS)]
    finally:
        session.close()


def test_tags_that_a_person_set_stay_and_come_back(switch: NetconfSwitch, driver: NetworkDriver) -> None:
    switch.server.edit(TRUNK)
    change = bring(driver, SERVED)
    assert (tags(switch, "access-vlan"), tags(switch, "trunk-vlans")) == (["100"], ["300"])
    driver.apply(change.inverse)
    assert (tags(switch, "access-vlan"), tags(switch, "trunk-vlans")) == (["999"], ["300"])
    assert driver.observe(LINE).settings == {"enabled": False, "outer_vlan": 999}


def test_a_link_and_who_is_behind_it(switch: NetconfSwitch, driver: NetworkDriver) -> None:
    assert driver.observe(LINE).condition.presence is None
    switch.connect(ONT, "1/1")
    condition = driver.observe(LINE).condition
    assert (condition.presence, condition.detected_serial) == ("present", ONT)
    switch.pull("1/1")
    assert driver.observe(LINE).condition.presence == "absent"


def test_a_device_with_a_service_is_not_found_and_one_that_moved_is_claimed(
    switch: NetconfSwitch, driver: NetworkDriver
) -> None:
    switch.connect(ONT, "1/1")
    switch.connect("CXNK0000FFFF", "1/2", chassis="some router")
    bring(driver, SERVED)
    assert driver.discover() == []
    switch.connect(ONT, "1/2")
    assert [(each.serial, each.port, each.claimed) for each in driver.discover()] == [(ONT, "1/2", True)]


@pytest.mark.parametrize(
    ("odd", "told"),
    [
        ({"up_assured_mbps": 25}, "switch-1: a port of a switch guarantees nothing"),
        ({"inner_vlan": 1001}, "switch-1: a port of a switch holds no inner_vlan"),
    ],
)
def test_what_a_switch_cannot_do_is_refused_before_it_is_asked(
    driver: NetworkDriver, odd: dict[str, int], told: str
) -> None:
    with pytest.raises(UnsafeToContinue, match=told):
        bring(driver, {**SERVED, **odd})
    assert driver.observe(LINE).settings is None


def test_a_port_that_is_not_there_is_refused(driver: NetworkDriver) -> None:
    elsewhere = line(port="9/9", onu_id=None, serial=ONT)
    assert driver.observe(elsewhere).settings is None
    with pytest.raises(UnsafeToContinue, match="switch-1 refuses"):
        driver.apply(planned("access", elsewhere, driver.observe(elsewhere), SERVED))
