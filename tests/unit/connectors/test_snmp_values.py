"""What elements write, as JSON values."""

from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canonical_model.network import OpticalPower
from connectors.snmp.values import (
    PowerUnit,
    TextForm,
    date_and_time,
    epoch_seconds,
    optical_level,
    spelled,
    text,
    text_time,
)


@pytest.mark.parametrize(
    ("octets", "moment"),
    [
        ("07ea03050e0316002d0500", "2026-03-05T19:03:22Z"),
        ("07ea03050e0316002b0100", "2026-03-05T13:03:22Z"),
        ("07ea03050e0316052b0000", "2026-03-05T14:03:22.500000Z"),
        ("07ea03050e031600", "2026-03-05T14:03:22"),  # tells no zone, so none is made up
        ("", None),
        ("00" * 8, None),
        ("00" * 11, None),
    ],
)
def test_date_and_time(octets: str, moment: str | None) -> None:
    assert date_and_time(bytes.fromhex(octets)) == moment


@pytest.mark.parametrize(
    "octets", ["07ea0d050e0316002d0500", "07ea03050e031600200500", "07ea03", "07ea03050e03160b2d0500"]
)
def test_octets_that_are_no_moment_are_handed_on_as_they_are(octets: str) -> None:
    assert date_and_time(bytes.fromhex(octets)) == f"0x{octets}"


def test_seconds_since_1970() -> None:
    assert epoch_seconds(1_772_737_402) == "2026-03-05T19:03:22Z"
    assert epoch_seconds(0) is None
    assert epoch_seconds(b"soon") == "soon"
    assert epoch_seconds(10**18) == str(10**18)


def test_moments_that_are_text() -> None:
    assert text_time(b"Thu Mar  5 14:03:22 2026", "%a %b %d %H:%M:%S %Y", ZoneInfo("UTC")) == "2026-03-05T14:03:22Z"
    mesa = ZoneInfo("America/Denver")
    assert text_time(b"07/05/2026 14:03", "%m/%d/%Y %H:%M", mesa) == "2026-07-05T20:03:00Z"
    assert text_time(b"", "%Y", mesa) is None
    assert text_time(b"never", "%Y", mesa) == "never"


@pytest.mark.parametrize(
    ("octets", "found"),
    [
        (b"CXNK12AB34CD", "CXNK12AB34CD"),
        (b" 1/1/x1 \0\0", "1/1/x1"),
        (b"CXNK\x12\xab\x34\xcd", "0x43584e4b12ab34cd"),
        (b"two\nlines", "0x74776f0a6c696e6573"),
        (b"\0\0", None),
        (b"   ", None),
        (b"", None),
    ],
)
def test_texts(octets: bytes, found: str | None) -> None:
    assert text(octets) == found


@pytest.mark.parametrize(
    ("octets", "form", "found"),
    [
        (b"ALCL\x12\xab\x34\xcd", "gpon_serial", "ALCL12AB34CD"),
        (b"ALCL4567", "gpon_serial", "ALCL34353637"),
        (b"ALCL\x41\x42\x20\x00", "gpon_serial", "ALCL41422000"),
        (b"ALCL12AB34CD", "gpon_serial", "ALCL12AB34CD"),
        (b"AL\xff\x00\x12\xab\x34\xcd", "gpon_serial", "0x414cff0012ab34cd"),
        (b"\x0a\x00\x3e\x12\x34\x56", "physical_address", "0A003E123456"),
        (b"ABCDEF", "physical_address", "414243444546"),
        (b"0a-00-3e-12-34-56", "physical_address", "0a-00-3e-12-34-56"),
        (b"", "physical_address", None),
        (b"", "gpon_serial", None),
        (b"", "text", None),
        (b"one", "text", "one"),
    ],
)
def test_octets_of_serials_are_spelled_whatever_letters_they_happen_to_be(
    octets: bytes, form: TextForm, found: str | None
) -> None:
    assert spelled(octets, form) == found


@pytest.mark.parametrize(
    ("raw", "unit", "level", "resolution"),
    [
        (301, "milliwatt_e4", "-15.21", "0.015"),
        (16, "milliwatt_e4", "-27.96", "0.281"),
        (1, "microwatt", "-30.00", "3.011"),
        (2, "microwatt", "-26.99", "3.011"),
        (-200, "dbm_tenth", "-20.00", "0.1"),
        (-2481, "dbm_hundredth", "-24.81", "0.01"),
        (-10_001, "dbm_fivehundredth", "-20.00", "0.002"),
        (-72, "dbm", "-72.00", "1"),
        (0, "dbm_tenth", "0.00", "0.1"),  # a level like any other where the profile does not say otherwise
    ],
)
def test_seven_encodings_of_one_quantity(raw: int, unit: PowerUnit, level: str, resolution: str) -> None:
    assert optical_level(raw, unit, ()) == (level, resolution)


def test_no_reading_is_no_level() -> None:
    assert optical_level(32_768, "dbm_fivehundredth", [32_768, 65_535]) is None
    assert optical_level(2_147_483_647, "dbm_tenth", [2_147_483_647]) is None
    assert optical_level(0, "microwatt", []) is None
    assert optical_level(-5, "milliwatt_e4", []) is None


def test_whole_microwatts_cannot_judge_a_limit_of_minus_28_dbm() -> None:
    for raw in (1, 2):
        level, resolution = optical_level(raw, "microwatt", ()) or ("", "")
        light = OpticalPower(Decimal(level), "olt_rx", raw, "microwatt", Decimal(resolution))
        assert light.is_within(Decimal(-28), Decimal(-8)) is None


@given(st.integers(1, 10_000_000))
def test_more_power_is_never_less_light_and_resolution_gets_finer(raw: int) -> None:
    lower, higher = optical_level(raw, "milliwatt_e4", ()), optical_level(raw + 1, "milliwatt_e4", ())
    assert lower is not None
    assert higher is not None
    assert Decimal(lower[0]) <= Decimal(higher[0])
    assert Decimal(lower[1]) >= Decimal(higher[1]) > 0


@given(st.binary(max_size=20) | st.integers(-(2**63), 2**64))
def test_whatever_an_agent_sends_is_read_or_handed_on(value: bytes | int) -> None:
    for read in (text, date_and_time, epoch_seconds):
        found = read(value)
        assert found is None or found.isprintable()
