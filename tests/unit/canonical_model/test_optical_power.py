"""An optical level is judged no finer than the device can tell."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from canonical_model.network import NetworkObservation, OpticalPower

LOW, HIGH = Decimal(-28), Decimal(-9)
"""The acceptance window of XGS-PON class N1 at the terminal."""

READING = {
    "optical_dbm": -19.2,
    "optical_side": "ont_rx",
    "optical_raw": -9600,
    "optical_raw_unit": "0.002 dBm",
    "optical_resolution_db": 0.002,
}


def level(dbm: str, resolution: str = "0.002") -> OpticalPower:
    return OpticalPower(Decimal(dbm), "ont_rx", 0, "0.002 dBm", Decimal(resolution))


@pytest.mark.parametrize(
    ("dbm", "is_within"),
    [("-19.2", True), ("-27.99", True), ("-28.01", False), ("-31", False), ("-8.5", False), ("-9.01", True)],
)
def test_a_level_lies_in_the_window_or_does_not(dbm: str, is_within: bool) -> None:
    assert level(dbm).is_within(LOW, HIGH) is is_within


@pytest.mark.parametrize("dbm", ["-28", "-28.0019", "-27.9981", "-9"])
def test_nearer_to_a_limit_than_the_device_can_tell_is_inconclusive(dbm: str) -> None:
    assert level(dbm).is_within(LOW, HIGH) is None


@pytest.mark.parametrize("dbm", ["-27.0", "-30.0"])
def test_whole_microwatts_cannot_judge_a_limit_of_minus_28(dbm: str) -> None:
    """1 uW is -30.0 dBm and 2 uW is -27.0: the next value lies three decibels away."""
    assert level(dbm, resolution="3.01").is_within(LOW, HIGH) is None


def observation(**facts: Any) -> NetworkObservation:
    known = {
        "market": "oldtown",
        "source_system": "olt",
        "source_object": "ont",
        "source_id": "1/2",
        "serial": "0x43584e4b12ab34cd",
        "element": "olt-1",
        "observed_at": datetime(2026, 4, 5, 12, tzinfo=UTC),
        "operational_state": "up",
    }
    return NetworkObservation(**(known | facts))


def test_a_reading_comes_back_typed_with_its_declared_unit() -> None:
    power = observation(**READING).optical_power

    assert power == OpticalPower(Decimal("-19.2"), "ont_rx", -9600, "0.002 dBm", Decimal("0.002"))


def test_no_reading_is_no_power_and_never_minus_infinity() -> None:
    assert observation().optical_power is None


@pytest.mark.parametrize("missing", ["optical_dbm", "optical_side", "optical_raw_unit", "optical_resolution_db"])
def test_half_a_reading_is_refused(missing: str) -> None:
    with pytest.raises(
        ValidationError, match="an optical level needs its side, its declared unit and its resolution"
    ):
        observation(**(READING | {missing: None}))


def test_the_serial_is_held_in_its_one_form() -> None:
    assert observation().serial == "CXNK12AB34CD"
