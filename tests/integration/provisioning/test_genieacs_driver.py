"""A router behind GenieACS that is away, lies, or is given up: never told as done, and no task is left behind."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import pytest
from pydantic import SecretStr

from canonical_model.errors import ConfigurationError, OutcomeUnknown, RetryableError
from provisioning.change import planned, shows
from provisioning.driver import ElementSettings, NetworkDriver, ResetTeller
from provisioning.drivers.genieacs import open_driver
from provisioning.line import Settings
from simulated_estate.servers.acs_nbi import AcsDevice, AcsNbi, AcsServer
from simulated_estate.servers.told_http import HttpTold, ToldServer
from tests.fakes.effects import HandClock
from tests.fakes.lines import ONT, line

SSID = "Device.WiFi.SSID.1.SSID"
VOICE = "Device.Services.VoiceService.1.SIP.Client.1.Status"
SIP = "Device.Services.VoiceService.1.SIP.Client.1.{}"
LINE = line(serial=ONT)


@dataclass
class Acs:
    nbi: AcsNbi
    router: AcsDevice
    driver: NetworkDriver
    clock: HandClock

    def bring(self, wanted: Settings | None) -> None:
        self.driver.apply(planned("cpe", LINE, self.driver.observe(LINE), wanted))

    def shows(self, wanted: Settings | None) -> bool:
        return shows(self.driver.observe(LINE), wanted)


@pytest.fixture
def acs() -> Iterator[Acs]:
    clock = HandClock()
    nbi = AcsNbi(clock)
    server = AcsServer(nbi)
    paths = {"wifi.ssid": SSID, "wifi.channel": "Device.No.Such.Parameter"}
    driver = open_driver(
        ElementSettings("acs-1", "genieacs", server.address, options={"paths": paths, "voice_status": VOICE})
    )
    router = AcsDevice(ONT, {SSID: "factory"})
    nbi.connect(router)
    yield Acs(nbi, router, driver, clock)
    driver.close()
    server.stop()


def test_a_router_that_is_away_takes_the_change_when_it_speaks(acs: Acs) -> None:
    acs.router.is_online = False
    with pytest.raises(OutcomeUnknown, match="Device is offline; router CXNK00A1B2C3 takes it when it speaks again"):
        acs.bring({"wifi.ssid": "home"})
    assert not acs.shows({"wifi.ssid": "home"})
    with pytest.raises(OutcomeUnknown):
        acs.bring({"wifi.ssid": "home"})
    acs.nbi.inform(acs.router)
    assert acs.router.parameters[SSID] == "home"
    assert len(acs.nbi.done) == 1
    acs.bring({"wifi.ssid": "home"})
    assert acs.shows({"wifi.ssid": "home"})


def test_a_router_of_nobody_is_shown_as_that_and_one_of_somebody_elses_not_at_all(acs: Acs) -> None:
    acs.bring({"wifi.ssid": "home"})
    acs.router.tags.clear()
    seen = acs.driver.observe(LINE)
    assert (seen.settings, seen.unclaimed) == (None, {"wifi.ssid": "home"})
    acs.router.tags.append("splice-7000009")
    seen = acs.driver.observe(LINE)
    assert (seen.settings, seen.unclaimed) == (None, None)


def test_who_was_reset_since_a_moment_is_told_by_the_service_that_it_serves(acs: Acs) -> None:
    assert isinstance(acs.driver, ResetTeller)
    before = acs.clock()
    acs.bring({"wifi.ssid": "home"})
    other = AcsDevice("CXNK00D4E5F6", {SSID: "factory"})
    acs.nbi.connect(other)
    assert acs.driver.resets_since(before) == {}
    acs.clock.move(hours=5)
    for router in (acs.router, other):
        acs.nbi.reset(router)
    assert acs.driver.resets_since(before) == {LINE.service_id: acs.clock()}
    assert acs.driver.resets_since(acs.clock()) == {}


def test_what_is_given_up_is_not_done_later(acs: Acs) -> None:
    acs.router.is_online = False
    with pytest.raises(OutcomeUnknown):
        acs.bring({"wifi.ssid": "home"})
    acs.bring(None)
    acs.nbi.inform(acs.router)
    assert acs.router.parameters[SSID] == "factory"


def test_a_parameter_that_the_router_does_not_have_never_shows(acs: Acs) -> None:
    acs.bring({"wifi.ssid": "home", "wifi.channel": 11})
    assert acs.shows({"wifi.ssid": "home"})
    assert not acs.shows({"wifi.channel": 11})


def test_a_reset_shows_and_the_same_settings_are_applied_again(acs: Acs) -> None:
    acs.bring({"wifi.ssid": "home"})
    acs.router.parameters[SSID] = "factory"
    acs.router.known[SSID] = "factory"
    assert not acs.shows({"wifi.ssid": "home"})
    acs.bring({"wifi.ssid": "home"})
    assert acs.router.parameters[SSID] == "home"


def test_a_router_that_never_spoke_is_waited_for(acs: Acs) -> None:
    stranger = line(2, serial="CXNK0000FFFF")
    assert acs.driver.observe(stranger).settings is None
    with pytest.raises(RetryableError, match="has never spoken"):
        acs.driver.apply(planned("cpe", stranger, acs.driver.observe(stranger), {"wifi.ssid": "home"}))


def test_what_was_read_before_a_reset_is_no_more_so(acs: Acs) -> None:
    """Scenario 17: the server goes on to show what it had read, and the router has it no more."""
    acs.bring({"wifi.ssid": "home"})
    acs.clock.move(days=90)
    acs.nbi.reset(acs.router)
    assert acs.router.known[SSID] == "home"
    assert not acs.shows({"wifi.ssid": "home"})
    acs.bring({"wifi.ssid": "home"})
    assert acs.shows({"wifi.ssid": "home"})
    assert acs.router.parameters[SSID] == "home"


def test_a_telephone_is_registered_when_the_router_says_so(acs: Acs) -> None:
    acs.bring({"wifi.ssid": "home"})
    assert acs.driver.observe(LINE).condition.voice_registered is None
    acs.router.parameters[VOICE] = "Registering"
    assert acs.driver.observe(LINE).condition.voice_registered is False
    acs.router.parameters[VOICE] = "Up"
    assert acs.driver.observe(LINE).condition.voice_registered is True
    acs.router.is_online = False
    assert acs.driver.observe(LINE).condition.voice_registered is None


def test_a_password_does_not_go_over_the_wire_as_it_is() -> None:
    stated = {"paths": {"wifi.ssid": SSID}, "username": "splice"}
    secrets = {"password": SecretStr("s3cret")}
    with pytest.raises(ConfigurationError, match="http:// sends secrets unencrypted"):
        open_driver(ElementSettings("acs-1", "genieacs", "http://acs.example:7557", options=stated, secrets=secrets))


@pytest.fixture
def telephone() -> Iterator[Acs]:
    """A router with a telephone, behind a driver that can resolve one reference."""
    clock = HandClock()
    nbi = AcsNbi(clock)
    server = AcsServer(nbi)
    stated = {"voice_user": SIP.format("AuthUserName"), "voice_password": SIP.format("AuthPassword")}
    secrets = {"env:SIP_1": SecretStr("s3cret-1"), "env:SIP_2": SecretStr("s3cret-2")}
    options = {"paths": {**stated, "wifi.ssid": SSID}}
    driver = open_driver(
        ElementSettings("acs-1", "genieacs", server.address, options=options, reveal=secrets.__getitem__)
    )
    router = AcsDevice(ONT, dict.fromkeys((SSID, *stated.values()), ""))
    nbi.connect(router)
    yield Acs(nbi, router, driver, clock)
    driver.close()
    server.stop()


def test_a_secret_is_resolved_when_it_is_sent_and_never_shown(telephone: Acs) -> None:
    wanted = {"voice_user": "7000001", "voice_password": "env:SIP_1"}
    telephone.bring(wanted)
    assert telephone.router.parameters[SIP.format("AuthPassword")] == "s3cret-1"
    assert telephone.router.known[SIP.format("AuthPassword")] == "s3cret-1", "the server knows it, and is not asked"
    seen = telephone.driver.observe(LINE)
    assert seen.settings is not None
    assert (seen.settings["voice_password"], shows(seen, wanted)) == ("env:SIP_1", True)
    assert "s3cret" not in str(seen)
    assert "s3cret" not in str(telephone.router.tags)
    told = len(telephone.nbi.done)
    assert not telephone.shows({**wanted, "voice_password": "env:SIP_2"})
    assert len(telephone.nbi.done) == told
    telephone.bring({**wanted, "voice_password": "env:SIP_2"})
    assert telephone.router.parameters[SIP.format("AuthPassword")] == "s3cret-2"
    assert telephone.shows({**wanted, "voice_password": "env:SIP_2"})
    assert sum(tag.startswith("splice-secret") for tag in telephone.router.tags) == 1
    telephone.bring(None)
    assert telephone.router.tags == []


def test_a_router_that_was_reset_has_lost_its_secret(telephone: Acs) -> None:
    telephone.bring({"voice_password": "env:SIP_1"})
    telephone.clock.move(seconds=1)
    telephone.nbi.reset(telephone.router)
    assert not telephone.shows({"voice_password": "env:SIP_1"})
    telephone.clock.move(seconds=1)
    telephone.bring({"voice_password": "env:SIP_1"})
    assert telephone.shows({"voice_password": "env:SIP_1"})


def test_what_is_secret_is_given_by_reference_and_nothing_else_is(telephone: Acs) -> None:
    with pytest.raises(ConfigurationError, match="voice_password is secret: give it as env:NAME") as refused:
        telephone.bring({"voice_password": "s3cret"})
    assert "s3cret" not in str(refused.value)
    with pytest.raises(ConfigurationError, match=r"wifi\.ssid is secret: name it under the option hidden"):
        telephone.bring({"wifi.ssid": "env:SIP_1"})
    assert telephone.nbi.done == []


def test_the_page_of_a_proxy_is_no_router_that_is_not_there() -> None:
    server = ToldServer("proxy", lambda _: HttpTold(200, "<html>please log in</html>"))
    stated = {"paths": {"wifi.ssid": SSID}}
    driver = open_driver(ElementSettings("acs-1", "genieacs", server.address, options=stated))
    with closing(driver), pytest.raises(RetryableError, match="HTTP 200, and what came is no list of its own"):
        driver.observe(LINE)
    server.stop()
