"""What a router says of its speed test, and when it counts."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from provisioning.tr143 import measured_mbps, paths_of

ASKED = datetime(2026, 11, 5, 12, tzinfo=UTC)
PATHS = paths_of("down")
DONE: dict[str, Any] = {
    PATHS.state: "Completed",
    PATHS.begun: "2026-11-05T12:00:02.000000",
    PATHS.ended: "2026-11-05T12:00:12.500000",
    PATHS.octets: 656_250_000,
}


def test_octets_between_begin_and_end_are_megabits_a_second() -> None:
    assert measured_mbps(PATHS, DONE, ASKED) == Decimal("500.00")
    assert measured_mbps(PATHS, {**DONE, PATHS.state: "Complete"}, ASKED) == Decimal("500.00")


def test_the_paths_are_those_of_the_models() -> None:
    assert paths_of("up").octets == "Device.IP.Diagnostics.UploadDiagnostics.TestBytesSent"
    assert paths_of("down", "InternetGatewayDevice").url == "InternetGatewayDevice.DownloadDiagnostics.DownloadURL"


@pytest.mark.parametrize(
    "odd",
    [
        {PATHS.state: "Requested"},
        {PATHS.state: "Error_InitConnectionFailed"},
        {PATHS.begun: "2026-11-05T11:59:40", PATHS.ended: "2026-11-05T11:59:50"},
        {PATHS.begun: "2026-11-05T11:59:40"},
        {PATHS.begun: "0001-01-01T00:00:00Z"},
        {PATHS.ended: "2026-11-05T12:00:02.000000"},
        {PATHS.ended: "soon"},
        {PATHS.octets: None},
        {PATHS.octets: "-1"},
    ],
)
def test_what_is_no_result_of_this_test_is_none(odd: dict[str, Any]) -> None:
    assert measured_mbps(PATHS, {**DONE, **odd}, ASKED) is None


def test_a_clock_that_is_a_little_behind_is_forgiven() -> None:
    behind = {PATHS.begun: "2026-11-05T11:59:57Z", PATHS.ended: "2026-11-05T12:00:07.500000Z"}
    assert measured_mbps(PATHS, {**DONE, **behind}, ASKED) == Decimal("500.00")
