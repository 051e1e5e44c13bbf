"""The quality suite of a stream judges a page before anything of it is stored."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from small_mapping import JOBS, LEDGER, LINES, PULLED_AT, job, line, mapped, mapping_of

from canonical_model.errors import ConfigurationError
from connectors.mapping import PageMapper


def with_suite(*expectations: str, entity: str = "ChargeLine", text: str = LINES) -> str:
    return f"{text}\nquality:\n  {entity}:\n" + "".join(f"    - {{{one}}}\n" for one in expectations)


BELOW_1000 = (
    "name: below 1000.00, expectation: expect_column_values_to_be_between, column: amount_minor, max_value: 100000"
)
CODE_IS_UNIQUE = "name: code once, expectation: expect_column_values_to_be_unique, column: billing_code"
A_PAGE_HAS_TWO = "name: some, expectation: expect_table_row_count_to_be_between, min_value: 2"
SUBSCRIBED = "name: subscribed, expectation: expect_column_values_to_not_be_null, column: subscription_id"


def rejected(text: str, *records: dict[str, Any]) -> dict[str, tuple[str, str | None]]:
    return {
        raw.landed_id: (raw.rejection.reason, raw.rejection.expectation)
        for raw in mapped(text, *records).raws
        if raw.rejection is not None
    }


def test_a_row_that_fails_a_critical_expectation_is_rejected_with_its_name() -> None:
    found = rejected(with_suite(BELOW_1000), line(), line(id="2", amount="1000.01"), line(id="3", amount="-5.00"))
    assert found == {"2": ("ChargeLine fails the quality check 'below 1000.00'", "below 1000.00")}


def test_records_that_were_rejected_before_are_not_judged() -> None:
    found = rejected(with_suite(BELOW_1000), line(), line(id="2", amount="many"))
    assert {key: expectation for key, (_, expectation) in found.items()} == {"2": None}


def test_a_missing_amount_is_not_judged_and_leaves_the_others_exact() -> None:
    text = with_suite(
        "expectation: expect_column_values_to_be_in_set, column: amount_minor, value_set: [9007199254740991]",
        entity="Dispute",
        text="""
system: ledger
stream: disputes
market: "'oldtown'"
read:
  object: Dispute
  key: [id]
  options: {drawer: top}
  fields:
    id: text
    account: text
    amount: money(2)?
    opened: timestamp
records:
  - entity: Dispute
    fields: {account_number: account, amount_minor: amount, opened_at: opened}
""",
    )
    common = {"account": "7", "opened": "2026-03-01T00:00:00Z"}
    exact = {"id": "1", "amount": "90071992547409.91", **common}
    wrong = {"id": "3", "amount": "90071992547409.90", **common}
    assert set(rejected(text, exact, {"id": "2", "amount": None, **common}, wrong)) == {"3"}


def test_a_warning_rejects_nothing_and_is_told() -> None:
    batch = mapped(with_suite(f"{SUBSCRIBED}, severity: warning"), line(), line(id="2", subscription=None))
    assert batch.rejected == []
    assert [(warning.name, warning.observed) for warning in batch.warnings] == [("subscribed", "1 of 2 rows")]


def test_more_failures_than_an_expectation_tolerates_make_the_page_unsafe_and_name_the_records() -> None:
    text = with_suite(f"{SUBSCRIBED}, mostly: 0.9, per: page")
    tolerated = [line(id=str(number), subscription=None if number == 0 else "s") for number in range(10)]
    assert rejected(text, *tolerated) == {}
    page = mapped(text, *tolerated[:5])
    assert page.unsafe == (
        "lines.ChargeLine: a page of 5 records fails its quality suite: 'subscribed' (1 of 5 rows); "
        "look at the source, or change the expectation"
    )
    assert [raw.landed_id for raw in page.rejected] == ["0"]


def test_an_expectation_about_the_page_as_a_whole_makes_it_unsafe_and_blames_no_record() -> None:
    page = mapped(with_suite(A_PAGE_HAS_TWO), line())
    assert "'some' (1)" in (page.unsafe or "")
    assert page.rejected == []


def test_picked_records_are_judged_each_for_itself() -> None:
    mapper = PageMapper(mapping_of(with_suite(A_PAGE_HAS_TWO, f"{SUBSCRIBED}, mostly: 0.9", BELOW_1000)), LEDGER)
    picked = mapper.map_picked([line(subscription=None)], PULLED_AT)
    assert (picked.unsafe, picked.rejected) == (None, [])
    assert len(mapper.map_picked([line(amount="1000.01")], PULLED_AT).rejected) == 1


def test_picked_records_tell_nothing_about_the_fields_of_the_source() -> None:
    mapper = PageMapper(mapping_of(LINES), LEDGER)
    lacking = [line(id=str(number), account=...) for number in range(9)]
    with pytest.raises(ConfigurationError):
        mapper.map_page(lacking, PULLED_AT)
    assert {raw.rejection.reason for raw in mapper.map_picked(lacking, PULLED_AT).raws if raw.rejection} == {
        "account is missing"
    }


def test_an_empty_page_is_not_judged() -> None:
    assert mapped(with_suite(A_PAGE_HAS_TWO)).raws == ()


def test_of_a_record_that_comes_twice_only_the_newer_copy_is_judged() -> None:
    older, newer = line(changed="2026-04-01T00:00:00Z"), line(changed="2026-04-02T00:00:00Z")
    assert rejected(with_suite(CODE_IS_UNIQUE), newer, older) == {}
    assert set(rejected(with_suite(CODE_IS_UNIQUE), newer, line(id="2"))) == {"1", "2"}


def test_a_bad_element_rejects_the_raw_record_with_all_that_it_gives() -> None:
    second = "name: second visit, expectation: expect_column_values_to_be_between, column: visit_number, max_value: 1"
    visits = [{"number": 1, "arrived": None}, {"number": 2, "arrived": None}]
    batch = mapped(with_suite(second, entity="WorkOrderVisit", text=JOBS), job(), job(id="j2", visits=visits))
    assert [(raw.landed_id, raw.rejection is None, bool(raw.records)) for raw in batch.raws] == [
        ("j1", True, True),
        ("j2", False, False),
    ]


def test_one_suite_serves_page_after_page() -> None:
    mapper = PageMapper(mapping_of(with_suite(BELOW_1000)), LEDGER)
    pages = [mapper.map_page([line(), line(id="2", amount="1000.01")], PULLED_AT) for _ in range(3)]
    assert [len(page.rejected) for page in pages] == [1, 1, 1]


def test_the_library_is_not_imported_before_there_is_a_record_to_judge() -> None:
    code = """
import sys
import console.main
from small_mapping import LINES, line, mapped
from test_mapping_quality import A_PAGE_HAS_TWO, with_suite
mapped(LINES, line())
mapped(with_suite(A_PAGE_HAS_TWO))
print("great_expectations" in sys.modules)
"""
    here = os.environ | {"PYTHONPATH": str(Path(__file__).parent)}
    command = [sys.executable, "-c", code]
    told = subprocess.run(command, env=here, capture_output=True, text=True, check=True, timeout=600)
    assert told.stdout.strip() == "False"
