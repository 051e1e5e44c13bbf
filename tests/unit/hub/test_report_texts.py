"""Amounts are written exactly, and texts of other systems cannot act in a spreadsheet."""

from decimal import Decimal

import pytest

from hub.reports import amounts, source_text
from tests.unit.hub.market_reports import HOSTILE


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (123_450, "USD", "$1,234.50"),
        (-5, "EUR", "-€0.05"),
        (1234, "JPY", "¥1,234"),
        (100, "NOK", "NOK\u00a01.00"),
        (2**53, "USD", "$90,071,992,547,409.92"),
    ],
)
def test_an_amount_has_all_digits_of_its_currency_and_no_more(minor: int, currency: str, text: str) -> None:
    assert amounts.amount_text(minor, currency) == text


def test_an_amount_is_an_exact_decimal() -> None:
    assert amounts.major(2**53, "USD") == Decimal("90071992547409.92")
    assert amounts.major(7, "JPY") == Decimal(7)


@pytest.mark.parametrize(
    ("minor", "text"), [(0, "$0"), (150_000, "$1,500"), (1_000_000, "$10k"), (250_000_000, "$2.5M")]
)
def test_an_axis_has_short_amounts(minor: int, text: str) -> None:
    assert amounts.axis_text(minor, "USD") == text


def test_the_cell_format_names_the_currency_and_has_its_digits() -> None:
    assert amounts.cell_format("USD") == "[$$]#,##0.00;-[$$]#,##0.00"
    assert amounts.cell_format("JPY") == "[$¥]#,##0;-[$¥]#,##0"
    assert amounts.cell_format("SEK") == '"SEK" #,##0.00;-"SEK" #,##0.00'


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_begins_a_formula_in_any_cell_that_a_spreadsheet_could_make_of_it(text: str) -> None:
    for cell in source_text.neutral(text).replace("\n", ";").split(";"):
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))


def test_a_plain_text_stays_as_it_is() -> None:
    assert source_text.neutral("12 Main St, O'Neil - rear (=yard)") == "12 Main St, O'Neil - rear (=yard)"


def test_what_cannot_be_printed_or_would_deceive_is_shown_as_replaced() -> None:
    assert source_text.printable("a\x00b\ud800c\u202ed\te") == "a\ufffdb\ufffdc\ufffdd\te"


def test_evidence_that_does_not_fit_a_cell_is_cut_between_references_and_says_so() -> None:
    joined = source_text.joined_for_cell(tuple(f"system/object/{number:04}" for number in range(3000)))
    assert len(joined) <= source_text.CELL_CHARACTERS
    *kept, rest = joined.split("; ")
    assert rest == f"and {3000 - len(kept)} more in the JSON file"
    assert kept[-1] == f"system/object/{len(kept) - 1:04}"


@pytest.mark.parametrize(
    ("name", "stem"), [("riverbend", "riverbend"), ("../../etc/Old Town", "etc-old-town"), ("..", "market")]
)
def test_a_market_id_cannot_lead_out_of_the_folder(name: str, stem: str) -> None:
    assert source_text.file_stem(name) == stem
