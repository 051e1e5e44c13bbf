"""Two witnesses of one terminal: what the driver says, and what SNMP shows."""

from decimal import Decimal
from typing import Any

import pytest

from canonical_model.network import OpticalPower
from provisioning.confirmation import together
from provisioning.line import Condition
from tests.fakes.lines import ONT

UP: dict[str, Any] = {"serial": ONT, "operational_state": "up"}
LIGHT: dict[str, Any] = {
    "optical_dbm": "-28.24",
    "optical_raw": 15,
    "optical_raw_unit": "milliwatt_e4",
    "optical_resolution_db": "0.300",
    "optical_side": "ont_rx",
}
OLT_SIDE = OpticalPower(Decimal(-21), "olt_rx", -210, "dbm_tenth", Decimal("0.1"))


@pytest.mark.parametrize(
    ("driver", "record", "told"),
    [
        ("present", UP, "present"),
        (None, UP, "present"),
        ("present", {**UP, "operational_state": "down"}, "absent"),
        ("present", {**UP, "operational_state": "discovered"}, "absent"),
        ("present", None, "absent"),
        (None, None, "absent"),
        ("elsewhere", UP, "elsewhere"),
        ("failed", None, "failed"),
        ("absent", UP, "absent"),
    ],
)
def test_it_is_there_only_where_nobody_says_otherwise(driver: Any, record: Any, told: str) -> None:
    assert together(Condition(presence=driver), ONT, record).presence == told


def test_light_comes_with_its_side_unit_and_resolution() -> None:
    found = together(Condition(powers=(OLT_SIDE,)), ONT, {**UP, **LIGHT})
    assert found.powers == (
        OLT_SIDE,
        OpticalPower(Decimal("-28.24"), "ont_rx", 15, "milliwatt_e4", Decimal("0.300")),
    )
    assert found.powers[1].is_within(Decimal(-28), Decimal(-9)) is None


def test_what_the_driver_read_of_a_side_counts_and_no_reading_is_none() -> None:
    own = OpticalPower(Decimal(-20), "ont_rx", -20_000, "dbm_thousandth", Decimal("0.002"))
    assert together(Condition(powers=(own,)), ONT, {**UP, **LIGHT}).powers == (own,)
    nothing = dict.fromkeys(LIGHT)
    assert together(Condition(), ONT, {**UP, **nothing}).powers == ()


def test_a_serial_is_confirmed_by_an_agent_that_sees_it_up() -> None:
    assert together(Condition(), ONT, UP).detected_serial == ONT
    assert together(Condition(detected_serial="CXNK0000FFFF"), ONT, UP).detected_serial == "CXNK0000FFFF"
    assert together(Condition(), ONT, {**UP, "operational_state": "down"}).detected_serial is None
