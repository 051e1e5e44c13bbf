"""Which terminal an order expects, and what is only one typing mistake away from it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.line import FoundDevice
from provisioning.matching import is_one_mistake_apart, match_serial

EXPECTED = "CXNK00A1B2C3"
SERIALS = st.text("0123ABCD", min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("serial", "apart"),
    [
        ("CXNK00A1B2C4", True),  # one character wrong
        ("CXNK00A12BC3", True),  # two neighbours swapped
        ("CXNK00A1B2C", True),  # one missing
        ("CXNK00A1B2C33", True),  # one too many
        ("CXNK00A1B2C3", False),  # the same
        ("CXNK00B1A2C3", False),  # two swapped that are no neighbours
        ("CXNK00A1B234", False),  # two wrong
        ("CXNK00A1B", False),
    ],
)
def test_one_mistake_is_a_character_or_a_swap(serial: str, apart: bool) -> None:
    assert is_one_mistake_apart(EXPECTED, serial) is apart
    assert is_one_mistake_apart(serial, EXPECTED) is apart


@given(SERIALS, st.integers(0, 7), st.sampled_from("0123ABCD"))
def test_any_single_mistake_is_seen(serial: str, place: int, letter: str) -> None:
    place %= len(serial)
    mistakes = {
        serial[:place] + letter + serial[place + 1 :],
        serial[:place] + serial[place + 1 :],
        serial[:place] + letter + serial[place:],
        serial[:place] + serial[place : place + 2][::-1] + serial[place + 2 :],
    }
    assert all(is_one_mistake_apart(serial, mistake) for mistake in mistakes - {serial})


def test_the_expected_one_is_found_on_its_port_alone() -> None:
    here, there = FoundDevice(EXPECTED, "1/1/1"), FoundDevice(EXPECTED, "1/1/2")
    assert match_serial(EXPECTED, "1/1/1", [there, here]).found == here
    assert match_serial(EXPECTED, "1/1/1", [there]).elsewhere == there
    assert match_serial(EXPECTED, "1/1/1", [there]).found is None


def test_a_neighbour_on_another_port_is_no_candidate() -> None:
    found = match_serial(
        EXPECTED, "1/1/1", [FoundDevice("CXNK00A1B2C4", "1/1/2"), FoundDevice("CXNK99999999", "1/1/1")]
    )
    assert found.alike == ()
    assert [each.serial for each in found.others] == ["CXNK99999999"]
