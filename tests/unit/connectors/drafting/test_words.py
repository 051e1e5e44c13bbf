"""Names in any spelling give the same words, in the field's terms."""

import pytest

from connectors.drafting.words import likeness, words_of


@pytest.mark.parametrize(
    "name", ["ACCT_NO", "acctNo", "Account Number", "account_number", "AccountNumber", "Acct_Number__c", "acct-nr"]
)
def test_spellings_of_one_name(name: str) -> None:
    assert words_of(name) == ("account", "number")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("inv_dtl", ("bill", "detail")),
        ("SalesOrders", ("sale", "order")),
        ("boxes", ("device",)),
        ("addresses", ("address",)),
        ("is_deleted", ("is", "deleted")),
        ("ZIPCode", ("postal", "code", "code")),
        ("x", ("x",)),
        ("___", ()),
    ],
)
def test_short_forms_and_plurals(name: str, words: tuple[str, ...]) -> None:
    assert words_of(name) == words


def test_likeness_counts_words_and_not_their_order() -> None:
    assert likeness("bill_date", "date of bill") == pytest.approx(0.8)
    assert likeness("bill_date", "DATE_BILL") == 1.0
    assert likeness("bill_date", "serial") == 0.0
    assert likeness("", "serial") == 0.0
