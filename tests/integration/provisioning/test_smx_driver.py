"""Calix SMx: books and OLT are two things, others' services hang off the same ONT, and a refusal leaves nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import pytest
from pydantic import SecretStr

from canonical_model.errors import ConfigurationError, OutcomeUnknown, RetryableError, UnsafeToContinue
from provisioning.change import Change, planned, shows
from provisioning.driver import ElementSettings, NetworkDriver
from provisioning.drivers.calix_smx import open_driver
from provisioning.line import Settings
from provisioning.standing import wanted
from simulated_estate.servers.smx import Smx
from simulated_estate.servers.told_http import HttpAsked, HttpTold, ToldServer
from tests.fakes.lines import ONT, line, profile

LINE = line(serial=ONT)
WANTED: Settings = dict(wanted("access", "active", LINE, profile()) or {})


@dataclass
class Managed:
    smx: Smx
    driver: NetworkDriver
    away_after: list[str]

    def bring(self, settings: Settings | None) -> Change:
        change = planned("access", LINE, self.driver.observe(LINE), settings)
        self.driver.apply(change)
        return change

    def shows(self, settings: Settings | None) -> bool:
        return shows(self.driver.observe(LINE), settings)


@pytest.fixture
def olt() -> Iterator[Managed]:
    fake = Smx("olt 1", ("splice", "s3cret"), {"500-500-0", "1000-300-0"})
    away_after: list[str] = []
    asked: list[str] = []

    def answer(request: HttpAsked) -> HttpTold | None:
        if set(away_after) & set(asked):
            return HttpTold(503)
        asked.append(request.method)
        return fake.answer(request)

    server = ToldServer("smx", answer)
    options = {"username": "splice", "device": "olt 1", "ont_profile": "GP1100X"}
    driver = open_driver(
        ElementSettings(
            "olt-1", "calix_smx", server.address, options=options, secrets={"password": SecretStr("s3cret")}
        )
    )
    yield Managed(fake, driver, away_after)
    driver.close()
    server.stop()


def test_everything_hangs_off_the_subscriber(olt: Managed) -> None:
    olt.bring(WANTED)
    assert olt.smx.subscribers() == [LINE.service_id]
    assert olt.smx.onts[LINE.service_id]["subscriber-id"] == LINE.service_id
    (service,) = olt.smx.services(LINE.service_id)
    assert (service["policy-map"], service["vlan"], service["cTag"]) == ("500-500-0", 100, 1001)
    olt.bring(None)
    assert olt.smx.subscribers() == []


def test_what_others_sold_on_the_same_ont_stays_and_keeps_it(olt: Managed) -> None:
    olt.bring(WANTED)
    olt.smx.add_service(LINE.service_id, "g2", "Television")
    olt.bring({**WANTED, "enabled": False})
    with pytest.raises(UnsafeToContinue, match="olt-1: ONT 7000001 carries Television as well, and stays"):
        olt.bring(None)
    assert [each["service-name"] for each in olt.smx.services(LINE.service_id)] == ["Television"]
    assert olt.driver.observe(LINE).settings is not None


def test_a_refusal_leaves_neither_subscriber_nor_ont(olt: Managed) -> None:
    with pytest.raises(UnsafeToContinue, match="policy-map 77-500-0 does not exist") as refusal:
        olt.bring({**WANTED, "down_mbps": 77})
    assert not isinstance(refusal.value, OutcomeUnknown)
    assert olt.smx.subscribers() == []
    assert olt.smx.onts == {}


def test_books_that_the_olt_knows_nothing_of_are_not_believed(olt: Managed) -> None:
    olt.smx.lie = "keeps_to_itself"
    with pytest.raises(OutcomeUnknown, match="does not show serial, onu_id"):
        olt.bring(WANTED)
    seen = olt.driver.observe(LINE)
    assert seen.settings == {}
    assert not shows(seen, None), "what the OLT does not know for now has not ended"


def test_what_is_half_taken_away_is_not_told_as_untouched(olt: Managed) -> None:
    olt.bring(WANTED)
    change = planned("access", LINE, olt.driver.observe(LINE), None)
    olt.away_after.append("DELETE")
    with pytest.raises(OutcomeUnknown, match="service Data is gone already"):
        olt.driver.apply(change)
    olt.away_after.clear()
    olt.driver.apply(change)
    assert olt.shows(None)


def test_a_system_that_is_at_work_on_a_service_is_waited_for(olt: Managed) -> None:
    olt.bring(WANTED)
    olt.smx.is_busy = True
    with pytest.raises(RetryableError, match="SMx is at work on it"):
        olt.bring({**WANTED, "enabled": False})
    olt.smx.is_busy = False
    assert olt.shows(WANTED)


def test_a_serial_that_another_ont_has_is_not_told_as_done(olt: Managed) -> None:
    olt.bring(WANTED)
    other = line(2, serial=ONT)
    with pytest.raises(OutcomeUnknown, match="Serial number already in use"):
        olt.driver.apply(planned("access", other, olt.driver.observe(other), WANTED))
    assert olt.driver.observe(other).settings is None


def test_the_olt_tells_where_the_ont_is_and_what_light_it_gets(olt: Managed) -> None:
    olt.bring(WANTED)
    assert olt.driver.observe(LINE).condition.presence == "absent"
    olt.smx.ranged[ONT] = LINE.port
    olt.smx.levels[ONT] = {"opt-signal-level": "-23.466", "ne-opt-signal-level": "-21.400", "tx-opt-level": "none"}
    condition = olt.driver.observe(LINE).condition
    assert (condition.presence, condition.detected_serial) == ("present", ONT)
    assert [(each.side, each.dbm, each.raw_unit, each.resolution_db) for each in condition.powers] == [
        ("ont_rx", Decimal("-23.466"), "dbm_thousandth", Decimal("0.002")),
        ("olt_rx", Decimal("-21.400"), "dbm_thousandth", Decimal("0.1")),
    ]
    olt.smx.ranged[ONT] = "9/9"
    assert olt.driver.observe(LINE).condition.presence == "elsewhere"


def test_what_it_needs_is_said_at_once() -> None:
    with pytest.raises(ConfigurationError, match="olt-1: calix_smx needs the options device, ont_profile"):
        open_driver(ElementSettings("olt-1", "calix_smx", "https://smx", options={"username": "splice"}))
