"""Every spelling of one identifier is one identifier, and garbage is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canonical_model.identifiers import parse_device_serial, parse_number, parse_ont_serial

VENDORS = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=4, max_size=4)
FOUR_BYTES = st.binary(min_size=4, max_size=4)

SERIAL_SPELLINGS = {
    "as TR-181 shows it": "CXNK12AB34CD",
    "lower case, as in a trap": "cxnk12ab34cd",
    "vendor in capitals, digits small": "CXNK12ab34cd",
    "all hex": "43584E4B12AB34CD",
    "all hex with 0x": "0x43584e4b12ab34cd",
    "all hex with 0X": "0X43584E4B12AB34CD",
    "with a dash": "CXNK-12AB34CD",
    "with colons between the bytes": "43:58:4E:4B:12:AB:34:CD",
    "with dots": "43.58.4e.4b.12.ab.34.cd",
    "with blanks between the bytes": "43 58 4e 4b 12 ab 34 cd",
    "with an underscore": "CXNK_12AB34CD",
    "with a line feed": " CXNK12AB34CD\n",
    "vendor in small hex letters": "63786e6b12ab34cd",
}


@pytest.mark.parametrize("text", SERIAL_SPELLINGS.values(), ids=SERIAL_SPELLINGS)
def test_every_spelling_of_a_serial_is_one_serial(text: str) -> None:
    assert parse_ont_serial(text) == parse_device_serial(text) == "CXNK12AB34CD"


@given(VENDORS, FOUR_BYTES)
def test_letters_and_hex_or_hex_alone_are_the_same_terminal(vendor: str, digits: bytes) -> None:
    canonical = vendor + digits.hex().upper()

    assert parse_ont_serial(canonical) == canonical
    assert parse_ont_serial("0x" + vendor.encode().hex() + digits.hex()) == canonical


@given(VENDORS, FOUR_BYTES, FOUR_BYTES)
def test_different_terminals_stay_different(vendor: str, one: bytes, other: bytes) -> None:
    serials = {parse_ont_serial(vendor + digits.hex()) for digits in (one, other)}

    assert len(serials) == len({one, other})


GARBAGE_SERIALS = {
    "empty": "",
    "a word": "unknown",
    "a digit short": "CXNK12AB34C",
    "a digit long": "CXNK12AB34CDE",
    "no hex digit": "CXNK12AB34CG",
    "a letter O for a zero in the hex": "CXNK12ABO4CD",
    "three letters": "CXN112AB34CD",
    "hex whose vendor is no letters": "0102030412AB34CD",
    "two serials": "CXNK12AB34CD CXNK12AB34CE",
    "hex of letters beyond ASCII": "C4D6DCE412AB34CD",
    "full-width digits": "CXNK１２AB34CD",
    "0x alone": "0x",
    "a slash": "CXNK/12AB34CD",
}


@pytest.mark.parametrize("text", GARBAGE_SERIALS.values(), ids=GARBAGE_SERIALS)
def test_what_is_no_serial_is_refused_with_what_was_expected(text: str) -> None:
    with pytest.raises(ValueError, match="four letters and eight hex digits, or 16 hex digits, were expected"):
        parse_ont_serial(text)


@given(st.text(max_size=30))
def test_any_text_is_a_serial_of_the_canonical_form_or_refused(text: str) -> None:
    try:
        serial = parse_ont_serial(text)
    except ValueError:
        return
    assert len(serial) == 12
    assert serial[:4].isascii()
    assert serial[:4].isalpha()
    assert bytes.fromhex(serial[4:]).hex().upper() == serial[4:]


@pytest.mark.parametrize(
    "text", ["0A003E4512F7", "0a:00:3e:45:12:f7", "0A-00-3E-45-12-F7", "0a00.3e45.12f7", "0x0a003e4512f7"]
)
def test_a_subscriber_module_is_known_by_its_mac(text: str) -> None:
    assert parse_device_serial(text) == "0A003E4512F7"


def test_neither_serial_nor_mac_is_told_what_both_look_like() -> None:
    with pytest.raises(
        ValueError, match=r"'0A003E4512' is no ONT serial: .*; a MAC of 12 hex digits would do as well"
    ):
        parse_device_serial("0A003E4512")


@pytest.mark.parametrize("text", ["1234", "0001234", "0000001234", " 12-34 ", "12.34", 1234])
def test_a_number_is_the_same_with_or_without_padding_and_separators(text: object) -> None:
    assert parse_number(text) == "1234"


@pytest.mark.parametrize(
    ("text", "number"), [("ab-12", "AB12"), ("A0012", "A0012"), ("1200", "1200"), ("000a1", "A1")]
)
def test_only_leading_zeros_go(text: str, number: str) -> None:
    assert parse_number(text) == number


@pytest.mark.parametrize("text", ["", "   ", "0000", "-", "12/34", "12#", "№ 12", "1" * 41])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no account or order number: letters and digits were expected"):
        parse_number(text)


@pytest.mark.parametrize("value", [None, True, 12.0, 1e20, b"12", ["12"], {}])
def test_what_is_neither_text_nor_a_whole_number_is_refused(value: object) -> None:
    """A missing number is not the number NONE, and 12.0 is not 120."""
    with pytest.raises(ValueError, match="is no account or order number: letters and digits were expected"):
        parse_number(value)


@given(st.integers(1, 10**12), st.integers(0, 8))
def test_padding_never_makes_another_number(number: int, zeros: int) -> None:
    assert parse_number("0" * zeros + str(number)) == str(number)
