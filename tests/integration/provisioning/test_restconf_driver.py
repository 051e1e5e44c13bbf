"""A controller that speaks RESTCONF: others write beside us, tokens end, and nothing is left half done."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace

import pytest
from pydantic import SecretStr

from canonical_model.errors import ConfigurationError, OutcomeUnknown, RetryableError, UnsafeToContinue
from provisioning.change import Change, planned, shows
from provisioning.driver import ElementSettings, NetworkDriver
from provisioning.drivers.restconf_bbf import open_driver
from provisioning.line import Settings
from provisioning.standing import wanted
from simulated_estate.servers.restconf_controller import ControllerKind, RestconfController
from simulated_estate.servers.told_http import HttpAsked, HttpTold, ToldServer
from tests.fakes.lines import ONT, line, profile

LINE = line(port="1", serial=ONT)
WANTED: Settings = dict(wanted("access", "active", LINE, profile()) or {})
V_ANI = "ietf-interfaces:interfaces/interface=v-ani.1.1"
ROOT = "restconf/data/mounted"


@dataclass
class Controlled:
    controller: RestconfController
    driver: NetworkDriver
    asked: list[str]
    between: list[HttpTold]
    settings: ElementSettings
    away_once_told: list[str]

    def bring(self, settings: Settings | None) -> Change:
        change = planned("access", LINE, self.driver.observe(LINE), settings)
        self.driver.apply(change)
        return change

    def shows(self, settings: Settings | None) -> bool:
        return shows(self.driver.observe(LINE), settings)


def settings(address: str) -> ElementSettings:
    return ElementSettings(
        "olt-1",
        "restconf_bbf",
        address,
        options={"username": "splice", "mount": "mounted"},
        secrets={"password": SecretStr("s3cret")},
        timeout_s=10,
    )


@pytest.fixture
def olt() -> Iterator[Controlled]:
    kind = ControllerKind(ROOT, ROOT)
    controller = RestconfController(kind, ("splice", "s3cret"), {"down-500", "down-1000"}, {"channel-pair.1"})
    asked: list[str] = []
    between: list[HttpTold] = []

    away_once_told: list[str] = []

    def answer(request: HttpAsked) -> HttpTold | None:
        if request.path.endswith(tuple(away_once_told)) and any(each.startswith("PUT") for each in asked):
            return HttpTold(503)
        asked.append(f"{request.method} {request.path.rpartition('/')[2]}")
        if request.method == "PUT" and between:
            controller.put(V_ANI, {"name": "v-ani.1.1", "description": "somebody else"})
            between.clear()
        return controller.answer(request)

    server = ToldServer("restconf", answer)
    stated = settings(server.address)
    driver = open_driver(stated)
    yield Controlled(controller, driver, asked, between, stated, away_once_told)
    driver.close()
    server.stop()


def test_a_wrong_path_is_not_taken_for_a_line_that_is_not_there(olt: Controlled) -> None:
    """Both are answered 404 (RFC 8040, 3.5); an OLT without any interface there is none."""
    wrong = replace(olt.settings, options={**olt.settings.options, "mount": "mounted-elsewhere"})
    with closing(open_driver(wrong)) as driver:
        for asked in (lambda: driver.observe(LINE), driver.discover):
            with pytest.raises(ConfigurationError, match="mounted-elsewhere shows no interface at all"):
                asked()
    assert olt.driver.observe(LINE).settings is None


def test_one_that_is_away_once_told_it_was_told_may_have_done_it(olt: Controlled) -> None:
    olt.bring(WANTED)
    change = planned("access", LINE, olt.driver.observe(LINE), {**WANTED, "down_mbps": 1000})
    olt.asked.clear()
    olt.away_once_told.append("interface=v-ani.1.1")  # with which each reading of a line begins
    with pytest.raises(OutcomeUnknown, match="took the change of line 7000001 and cannot be read back"):
        olt.driver.apply(change)
    olt.away_once_told.clear()
    assert olt.shows(change.after)


def test_only_what_differs_is_written(olt: Controlled) -> None:
    olt.bring(WANTED)
    olt.asked.clear()
    olt.bring({**WANTED, "down_mbps": 1000})
    assert [each for each in olt.asked if not each.startswith("GET")] == ["PUT interface=subscriber.1.1"]


def test_what_others_wrote_on_the_same_object_stays(olt: Controlled) -> None:
    olt.bring(WANTED)
    olt.controller.put(V_ANI, {**olt.controller.entry(V_ANI), "vendor-extra:led": "blue"})
    change = olt.bring({**WANTED, "enabled": False})
    assert olt.controller.entry(V_ANI)["vendor-extra:led"] == "blue"
    olt.driver.apply(change.inverse)
    assert olt.shows(WANTED)
    assert olt.controller.entry(V_ANI)["vendor-extra:led"] == "blue"


def test_somebody_who_writes_between_reading_and_writing_is_not_overwritten(olt: Controlled) -> None:
    olt.between.append(HttpTold(0))
    with pytest.raises(RetryableError, match=r"olt-1: PUT v-ani\.1\.1: HTTP 412: somebody else is at it"):
        olt.bring(WANTED)
    assert olt.controller.entry(V_ANI)["description"] == "somebody else"
    olt.bring(WANTED)
    assert olt.shows(WANTED)


def test_a_datastore_that_somebody_holds_is_waited_for(olt: Controlled) -> None:
    olt.controller.is_locked = True
    with pytest.raises(RetryableError, match="HTTP 409: somebody else is at it"):
        olt.bring(WANTED)
    olt.controller.is_locked = False
    olt.bring(WANTED)
    assert olt.shows(WANTED)


def test_what_was_written_before_a_refusal_is_brought_back(olt: Controlled) -> None:
    with pytest.raises(UnsafeToContinue, match="egress-qos-policy-profile: there is no down-77") as refusal:
        olt.bring({**WANTED, "down_mbps": 77})
    assert not isinstance(refusal.value, OutcomeUnknown)
    assert olt.driver.observe(LINE).settings is None
    assert olt.controller.entry(V_ANI) is None


def test_a_line_half_of_which_is_gone_is_taken_away_all_the_same(olt: Controlled) -> None:
    olt.bring(WANTED)
    olt.controller.put("bbf-xpongemtcont:xpongemtcont/gemports/gemport=gemport.1.1", {"name": "another"})
    olt.bring(None)
    assert olt.driver.observe(LINE).settings is None


def test_a_controller_needs_what_its_dialect_says() -> None:
    lacking = ElementSettings("olt-1", "restconf_bbf", "https://controller", variant="adtran_mosaic")
    with pytest.raises(ConfigurationError, match="olt-1: adtran_mosaic needs the options mount, username"):
        open_driver(lacking)


def test_secrets_do_not_cross_the_network_unencrypted() -> None:
    with pytest.raises(ConfigurationError, match="http:// sends secrets unencrypted"):
        open_driver(settings("http://controller.example"))


def test_a_token_that_ended_is_asked_for_again() -> None:
    kind = ControllerKind(
        "nokia-altiplano-av/rest/restconf/data/anv:device-manager/anv-device-holders:device=lt1/device-specific-data",
        "nokia-altiplano-rcdeviceproxy/rest/restconf/data/anv:device-manager/anv-device-holders:device=lt1"
        "/device-specific-data",
        "nokia-altiplano-ac/rest/auth/login",
        token="accessToken",
    )
    controller = RestconfController(kind, ("splice", "s3cret"), {"down-500"}, {"CP_1"})
    server = ToldServer("altiplano", controller.answer)
    reached = ElementSettings(
        "olt-1",
        "restconf_bbf",
        server.address,
        variant="nokia_altiplano",
        options={"username": "splice", "device": "lt1"},
        secrets={"password": SecretStr("s3cret")},
    )
    driver = open_driver(reached)
    try:
        change = planned("access", LINE, driver.observe(LINE), WANTED)
        controller.expire_tokens()
        driver.apply(change)
        controller.expire_tokens()
        assert shows(driver.observe(LINE), WANTED)
    finally:
        driver.close()
        server.stop()
