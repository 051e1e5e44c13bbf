"""Subscriber modules behind cnMaestro: a job that ended well proves nothing, nor does a module that is away."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from pydantic import SecretStr

from canonical_model.errors import ConfigurationError, OutcomeUnknown, RetryableError, UnsafeToContinue
from provisioning.change import Change, planned, shows
from provisioning.driver import ElementSettings, NetworkDriver
from provisioning.drivers.cambium_cnmaestro import open_driver
from provisioning.line import RadioLevels, Settings
from simulated_estate.servers.cnmaestro import CnMaestroServer, Module
from simulated_estate.servers.told_http import ToldServer
from tests.contract.drivers.controllers import ACCESS_POINT, MODULE, TEMPLATES
from tests.fakes.lines import line

SERIAL = "0A003E8042EC"
LINE = line(port=ACCESS_POINT, onu_id=None, serial=SERIAL)
WANTED: Settings = {
    "serial": SERIAL,
    "enabled": True,
    "outer_vlan": 100,
    "down_mbps": 500,
    "up_mbps": 500,
    "up_assured_mbps": 0,
}


@dataclass
class Tower:
    server: CnMaestroServer
    settings: ElementSettings
    driver: NetworkDriver

    @property
    def module(self) -> Module:
        return self.server.modules[MODULE]

    def bring(self, settings: Settings | None) -> Change:
        change = planned("access", LINE, self.driver.observe(LINE), settings)
        self.driver.apply(change)
        return change

    def shows(self, settings: Settings | None) -> bool:
        return shows(self.driver.observe(LINE), settings)


@pytest.fixture
def tower() -> Iterator[Tower]:
    fake = CnMaestroServer(("splice", "s3cret"), TEMPLATES)
    fake.connect(Module(MODULE, ACCESS_POINT))
    server = ToldServer("cnmaestro", fake.answer)
    settings = ElementSettings(
        "ap-1",
        "cambium_cnmaestro",
        server.address,
        options={"client_id": "splice", "vlan_key": "dataVlan", "enabled_key": "bridgeEntry"},
        secrets={"client_secret": SecretStr("s3cret")},
        timeout_s=1,
    )
    driver = open_driver(settings)
    yield Tower(fake, settings, driver)
    driver.close()
    server.stop()


def test_what_a_template_says_nothing_of_stays(tower: Tower) -> None:
    tower.module.config["colourCode"] = 7
    change = tower.bring(WANTED)
    tower.driver.apply(change.inverse)
    assert tower.module.config["colourCode"] == 7
    assert tower.driver.observe(LINE).settings is None


def test_a_token_that_ended_is_asked_for_again(tower: Tower) -> None:
    tower.bring(WANTED)
    tower.server.expire_tokens()
    assert tower.shows(WANTED)


def test_a_job_that_ended_well_and_changed_nothing_is_not_believed(tower: Tower) -> None:
    tower.server.lie = "forgets"
    with pytest.raises(OutcomeUnknown, match="does not show the line itself"):
        tower.bring(WANTED)


def test_a_module_that_is_away_takes_its_template_later(tower: Tower) -> None:
    tower.module.status = "offline"
    assert tower.driver.observe(LINE).condition.presence == "absent"
    with pytest.raises(OutcomeUnknown, match="module 0A003E8042EC has not taken its template yet"):
        tower.bring(WANTED)
    assert not tower.shows(WANTED)
    tower.module.status = "online"
    tower.bring(WANTED)
    assert tower.shows(WANTED)


def test_a_configuration_that_does_not_come_is_asked_for_later(tower: Tower) -> None:
    tower.server.looks = 1000
    with pytest.raises(RetryableError, match="configuration of 0A003E8042EC has not come yet"):
        tower.driver.observe(LINE)


def test_another_job_on_the_module_is_waited_for(tower: Tower) -> None:
    tower.server.is_busy = True
    with pytest.raises(RetryableError, match="HTTP 409: somebody else is at it"):
        tower.bring(WANTED)
    tower.server.is_busy = False
    tower.bring(WANTED)


def test_modules_that_ask_to_be_taken_in_are_found_on_all_pages(tower: Tower) -> None:
    for number in range(250):
        mac = f"0A:00:3E:00:00:{number:02X}"
        tower.server.connect(Module(mac, ACCESS_POINT, status="onboarding"))
    found = tower.driver.discover()
    assert len(found) == 250
    assert (found[7].serial, found[7].port) == ("0A003E000007", ACCESS_POINT)


def test_what_module_and_access_point_hear_is_told_and_is_no_optical_level(tower: Tower) -> None:
    tower.module.radio = {"dl_rssi": -61, "ul_rssi": "-64", "dl_snr": 31, "ul_snr": None}
    condition = tower.driver.observe(LINE).condition
    assert condition.radio == RadioLevels(-61, -64, 31, None)
    assert condition.powers == ()
    assert (condition.presence, condition.detected_serial) == ("present", SERIAL)
    tower.module.ap_mac = "AA:BB:CC:00:00:02"
    assert tower.driver.observe(LINE).condition.presence == "elsewhere"


def test_rates_that_are_set_higher_than_they_are_sold(tower: Tower) -> None:
    sold = replace(tower.settings, options={**tower.settings.options, "kbps_per_mbps": 1075.2})
    tower.module.config = {"sustainedDownlinkDataRate": "53760", "sustainedUplinkDataRate": 10750, "bridgeEntry": 1}
    driver = open_driver(sold)
    settings = driver.observe(LINE).settings
    driver.close()
    assert settings is not None
    assert (settings["down_mbps"], settings["up_mbps"]) == (50, 10)


@pytest.mark.parametrize(
    ("odd", "told"),
    [
        ({"up_assured_mbps": 5}, "a module is guaranteed nothing"),
        ({"outer_vlan": None}, "a template needs vlan"),
        ({"down_mbps": 77}, "template 77-500-100 does not exist"),
    ],
)
def test_what_no_template_says_is_refused(tower: Tower, odd: dict[str, int | None], told: str) -> None:
    with pytest.raises(UnsafeToContinue, match=told):
        tower.driver.apply(Change(layer="access", line=LINE, before=None, after={**WANTED, **odd}))
    assert tower.driver.observe(LINE).settings is None


def test_what_it_needs_is_said_at_once() -> None:
    with pytest.raises(ConfigurationError, match="ap-1: cambium_cnmaestro needs the options vlan_key, enabled_key"):
        open_driver(ElementSettings("ap-1", "cambium_cnmaestro", "https://x", options={"client_id": "us"}))
