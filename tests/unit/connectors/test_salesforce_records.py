"""A raw record is the same whether it came as JSON or as CSV."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.salesforce.raw_records import csv_reader, from_json, is_told_in_csv, plain_number


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("79.9", "79.9"),
        ("79.90", "79.9"),
        ("55.0", "55"),
        ("1.39E8", "139000000"),
        ("1E-7", "0.0000001"),
        ("-12.50", "-12.5"),
        ("100", "100"),
        ("79.90000000000000000001", "79.90000000000000000001"),
        ("1E999999999", "1E999999999"),
        ("Enough", "Enough"),
        ("", ""),
    ],
)
def test_a_number_has_one_exact_spelling(written: str, plain: str) -> None:
    assert plain_number(written) == plain


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20))
def test_no_number_changes_its_value(number: Decimal) -> None:
    assert Decimal(plain_number(str(number))) == number
    assert "E" not in plain_number(str(number))


def test_json_loses_its_attributes_and_empty_texts() -> None:
    told: dict[str, Any] = {
        "attributes": {"type": "Order"},
        "Id": "801",
        "Name": "",
        "Active__c": False,
        "Account": {"attributes": {"type": "Account"}, "Market__c": "Mesa", "Site": ""},
        "Premise__r": {"attributes": {"type": "Premise__c"}, "Hub__c": None},
        "Owner": None,
    }
    assert from_json(told) == {
        "Id": "801",
        "Name": None,
        "Active__c": False,
        "Account": {"Market__c": "Mesa", "Site": None},
        "Premise__r": None,
        "Owner": None,
    }


def test_a_line_of_csv_makes_the_record_that_json_makes() -> None:
    kinds = {
        "Id": "id",
        "Active__c": "boolean",
        "Amount__c": "currency",
        "Seats__c": "int",
        "Since__c": "date",
        "SystemModstamp": "datetime",
        "Account.Site": "string",
        "Account.Market__c": "picklist",
        "Account.Parent.Name": "string",
        "Premise__r.Hub__c": "string",
    }
    records = csv_reader(list(kinds), kinds)
    line = ["801", "false", "1.00", "17", "2026-01-31", "2026-01-31T09:00:00.000Z", "", "Mesa", "", ""]
    assert records([line, [""] * len(kinds)]) == [
        {
            "Id": "801",
            "Active__c": False,
            "Amount__c": "1",
            "Seats__c": 17,
            "Since__c": "2026-01-31",
            "SystemModstamp": "2026-01-31T09:00:00.000+0000",
            "Account": {"Site": None, "Market__c": "Mesa", "Parent": None},
            "Premise__r": None,
        },
        {
            **dict.fromkeys(("Id", "Active__c", "Amount__c", "Seats__c", "Since__c", "SystemModstamp")),
            "Account": None,
            "Premise__r": None,
        },
    ]


def test_what_is_no_value_of_its_type_stays_as_it_is_for_the_mapping_to_reject() -> None:
    kinds = {"Active__c": "boolean", "Seats__c": "int", "Amount__c": "double", "At__c": "datetime"}
    assert csv_reader(list(kinds), kinds)([["maybe", "many", "lots", "soon"]]) == [
        {"Active__c": "maybe", "Seats__c": "many", "Amount__c": "lots", "At__c": "soon"}
    ]


def test_no_lines_make_no_records() -> None:
    assert csv_reader(["Id", "Account.Name"], {"Id": "id", "Account.Name": "string"})([]) == []


@pytest.mark.parametrize(("kind", "told"), [("address", False), ("base64", False), (None, False), ("id", True)])
def test_compound_fields_are_not_told_in_csv(kind: str | None, told: bool) -> None:
    assert is_told_in_csv(kind) is told
