"""A speed test through GenieACS: asked for once, one direction after the other, and an old result does not count."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from canonical_model.errors import OutcomeUnknown
from provisioning.change import planned
from provisioning.driver import ElementSettings, SpeedTester
from provisioning.drivers.genieacs import GenieAcs
from simulated_estate.servers.acs_nbi import AcsDevice, AcsNbi, AcsServer
from tests.fakes.lines import ONT, line

ROOT = "Device.IP.Diagnostics"
LINE = line(serial=ONT)


def diagnostics(way: str, octets: str) -> dict[str, object]:
    name = f"{ROOT}.{way}Diagnostics"
    return {
        f"{name}.DiagnosticsState": "Completed",
        f"{name}.{way}URL": "",
        f"{name}.TestFileLength": 0,
        f"{name}.BOMTime": "2026-10-01T08:00:00.000000",
        f"{name}.EOMTime": "2026-10-01T08:00:10.000000",
        f"{name}.{octets}": 1_250_000_000,
    }


@dataclass
class Bench:
    nbi: AcsNbi
    router: AcsDevice
    driver: GenieAcs
    now: list[datetime] = field(default_factory=list)

    def speeds(self) -> tuple[Decimal | None, Decimal | None]:
        condition = self.driver.observe(LINE).condition
        return condition.down_mbps, condition.up_mbps

    def wait(self) -> None:
        self.now[0] += timedelta(minutes=1)
        self.nbi.inform(self.router)

    def asked(self) -> list[str]:
        return [
            str(value[0]).split(".")[3]
            for task in self.nbi.done
            for value in task.get("parameterValues", ())
            if value[1] == "Requested"
        ]


@pytest.fixture
def tested() -> Iterator[Bench]:
    now = [datetime(2026, 11, 5, 12, tzinfo=UTC)]
    nbi = AcsNbi(lambda: now[0])
    server = AcsServer(nbi)
    options = {
        "paths": {"wifi.ssid": "Device.WiFi.SSID.1.SSID"},
        "download_url": "http://speed.example/1GB",
        "upload_url": "http://speed.example/up",
    }
    driver = GenieAcs(ElementSettings("acs-1", "genieacs", server.address, options=options))
    old = diagnostics("Download", "TestBytesReceived") | diagnostics("Upload", "TestBytesSent")
    router = AcsDevice(ONT, {"Device.WiFi.SSID.1.SSID": "factory", **old}, speeds={"Download": 480, "Upload": 490})
    nbi.connect(router)
    driver.apply(planned("cpe", LINE, driver.observe(LINE), {"wifi.ssid": "home"}))
    yield Bench(nbi, router, driver, now)
    driver.close()
    server.stop()


def test_both_directions_one_after_the_other(tested: Bench) -> None:
    assert isinstance(tested.driver, SpeedTester)
    assert tested.speeds() == (None, None)
    tested.driver.test_speed(LINE)
    tested.driver.test_speed(LINE)
    assert tested.asked() == ["DownloadDiagnostics"]
    tested.wait()
    assert tested.speeds() == (None, None)  # the server has not read it yet
    tested.driver.test_speed(LINE)
    assert tested.speeds() == (Decimal("480.00"), None)
    assert tested.asked() == ["DownloadDiagnostics", "UploadDiagnostics"]
    tested.wait()
    tested.driver.test_speed(LINE)
    assert tested.speeds() == (Decimal("480.00"), Decimal("490.00"))
    tested.driver.test_speed(LINE)
    assert len(tested.asked()) == 2


def test_a_result_from_before_does_not_count_even_if_the_router_says_that_it_has_ended(tested: Bench) -> None:
    tested.router.keeps_old_results = True
    for _ in range(3):
        tested.driver.test_speed(LINE)
        tested.wait()
    assert tested.speeds() == (None, None)
    tested.router.keeps_old_results = False
    for _ in range(4):
        tested.driver.test_speed(LINE)
        tested.wait()
    tested.driver.test_speed(LINE)
    assert tested.speeds() == (Decimal("480.00"), Decimal("490.00"))


def test_a_test_that_failed_is_asked_for_again(tested: Bench) -> None:
    tested.router.speeds = {}
    tested.driver.test_speed(LINE)
    tested.wait()
    tested.driver.test_speed(LINE)
    assert tested.speeds() == (None, None)
    tested.router.speeds = {"Download": 480, "Upload": 490}
    tested.driver.test_speed(LINE)
    tested.wait()
    tested.driver.test_speed(LINE)
    assert tested.speeds()[0] == Decimal("480.00")


def test_a_router_that_is_away_is_asked_when_it_speaks(tested: Bench) -> None:
    tested.router.is_online = False
    with pytest.raises(OutcomeUnknown, match="takes it when it speaks again"):
        tested.driver.test_speed(LINE)
    assert tested.speeds() == (None, None)


def test_the_result_of_one_service_is_not_that_of_the_next(tested: Bench) -> None:
    tested.driver.test_speed(LINE)
    tested.wait()
    tested.driver.test_speed(LINE)
    assert tested.speeds()[0] == Decimal("480.00")
    assert tested.driver.observe(line(2, serial=ONT)).condition.down_mbps is None


def test_a_line_that_was_too_slow_is_tested_again_and_one_that_is_gone_is_forgotten(tested: Bench) -> None:
    for _ in range(2):
        tested.driver.test_speed(LINE)
        tested.wait()
    tested.driver.test_speed(LINE)
    assert tested.speeds() == (Decimal("480.00"), Decimal("490.00"))
    tested.router.speeds = {"Download": 950, "Upload": 940}
    tested.driver.test_speed(LINE, again=True)
    assert tested.speeds() == (None, None)
    for _ in range(2):
        tested.wait()
        tested.driver.test_speed(LINE)
    assert tested.speeds() == (Decimal("950.00"), Decimal("940.00"))
    tested.driver.apply(planned("cpe", LINE, tested.driver.observe(LINE), None))
    assert tested.router.tags == []
