"""Values of a source are read exactly, or their record is rejected; the reason names field and kind of value."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from small_mapping import JOBS, LINES, job, line, mapped, reason

from canonical_model.billing import ChargeLine
from canonical_model.field_work import FieldCompletion


def charge(**changed: Any) -> ChargeLine:
    batch = mapped(LINES, line(**changed))
    assert [raw.rejection for raw in batch.raws] == [None]
    ((_, record),) = batch.records
    assert isinstance(record, ChargeLine)
    return record


def test_a_raw_record_becomes_a_canonical_one_with_its_source() -> None:
    record = charge()
    assert record == ChargeLine(
        market="oldtown",
        source_system="ledger",
        source_object="Line",
        source_id="1",
        account_number="42",
        subscription_id="s-1",
        billing_code="SLV",
        rate_minor=6000,
        amount_minor=6000,
        currency="USD",
        covers_from=date(2026, 3, 1),
        covers_to=date(2026, 4, 1),
        billed_on=date(2026, 4, 1),
    )


@pytest.mark.parametrize(
    ("written", "minor"),
    [
        ("60.00", 6000),
        ("-9.99", -999),
        ("+1.5", 150),
        ("7", 700),
        (7, 700),
        (" 8.10 ", 810),
        ("0.070", 7),
        ("90071992547409.92", 2**53),
    ],
)
def test_amounts_are_exact(written: Any, minor: int) -> None:
    assert charge(amount=written).amount_minor == minor


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("1.234", "amount has 3 decimals, where money(2) holds 2; amounts are never rounded"),
        ("1,234.00", "amount is a text of 8 characters, where an amount in digits with a decimal point is expected"),
        ("1e3", "amount is a text of 3 characters, where an amount"),
        (59.99, "amount came as a binary number, in which no amount is exact"),
        (True, "amount is a truth value, where an amount in digits with a decimal point is expected"),
        ({"value": 1}, "amount is an object, where an amount"),
        ([1], "amount is a list, where an amount"),
        ("99999999999999999999", "amount is a text of 20 characters, where an amount"),
        ("900719925474099.93", "ChargeLine.amount_minor is refused: Input should be less than or equal to"),
        (10**400, "amount is a number of more than 1024 bits"),
        ("", "amount is missing"),
        (None, "amount is missing"),
        (..., "amount is missing"),
    ],
)
def test_an_amount_that_cannot_be_held_exactly_rejects_its_record(written: Any, told: str) -> None:
    assert reason(LINES, line(amount=written)).startswith(told)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("2026-02-30", "first_day is a text of 10 characters, where a day of the calendar as YYYY-MM-DD is expected"),
        ("03/01/2026", "first_day is a text of 10 characters, where a day"),
        ("2026-03-01T00:00:00Z", "first_day holds a time; declare it timestamp, and take its day with DATE_OF"),
        ("0000-01-01", "first_day is a text of 10 characters"),
        (20260301, "first_day is a number, where a day of the calendar as YYYY-MM-DD is expected"),
    ],
)
def test_a_bad_day_rejects_its_record(written: Any, told: str) -> None:
    assert reason(LINES, line(first_day=written)).startswith(told)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("2026-04-01T02:00:00", "changed has no offset from UTC; declare it text, and read it with PARSE_TIMESTAMP"),
        ("2026-04-31T02:00:00Z", "changed is a text of 20 characters, where a moment"),
        ("2026-04-01", "changed is a text of 10 characters, where a moment"),
        ("9999-12-31T23:59:59-12:00", "changed is a text of 25 characters, where a moment"),
    ],
)
def test_a_bad_moment_rejects_its_record(written: Any, told: str) -> None:
    assert reason(LINES, line(changed=written)).startswith(told)


@pytest.mark.parametrize(
    "written",
    [
        "2026-03-01T15:00:00Z",
        "2026-03-01T10:00:00-05:00",
        "2026-03-01T15:00:00.000+0000",
        "2026-03-01 20:30:00+05:30",
    ],
)
def test_moments_are_read_with_every_spelling_of_their_offset(written: str) -> None:
    record = mapped(JOBS, job(done=written)).records[0][1]
    assert isinstance(record, FieldCompletion)
    assert record.completed_at == datetime(2026, 3, 1, 15, tzinfo=UTC)


def test_text_stays_text_and_a_whole_number_becomes_its_digits() -> None:
    assert charge(code="007").billing_code == "007"
    assert charge(code=7).billing_code == "7"
    assert charge(code=10**25).billing_code == "1" + "0" * 25


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("a\0b", "code holds a NUL character, which no text may"),
        ("a\ud800", "code holds half of a character"),
        (1.5, "code is a number, where text is expected"),
        (False, "code is a truth value, where text is expected"),
        ("", "ChargeLine.billing_code is refused: String should have at least 1 character (code is an empty text)"),
        ("x" * 201, "ChargeLine.billing_code is refused: String should have at most 200 characters"),
    ],
)
def test_a_text_that_cannot_be_kept_rejects_its_record(written: Any, told: str) -> None:
    assert reason(LINES, line(code=written)).startswith(told)


def test_a_serial_in_an_unknown_spelling_is_told_without_quoting_it() -> None:
    assert reason(JOBS, job(boxes={"box": [{"id": "top secret", "kind": "ont"}]})) == (
        "CompletionMaterial.serial is refused: a text of 10 characters is no ONT serial: four letters and eight hex "
        "digits, or 16 hex digits, were expected; a MAC of 12 hex digits would do as well "
        "(id is a text of 10 characters)"
    )


@pytest.mark.parametrize("value", ["12.5", 12, "12", 12.5])
def test_measured_numbers_are_read_from_text_and_numbers(value: Any) -> None:
    record = mapped(JOBS, job(place={"lat": value})).records[0][1]
    assert isinstance(record, FieldCompletion)
    assert record.latitude == float(value)


@pytest.mark.parametrize("value", ["12,5", "NaN", "inf", float("nan"), float("inf"), "1e999", True])
def test_what_is_no_measured_number_rejects_its_record(value: Any) -> None:
    assert reason(JOBS, job(place={"lat": value})).startswith("place.lat is ")


def test_every_fault_of_a_record_is_told_up_to_five() -> None:
    told = reason(LINES, line(amount="x", rate="x", first_day="x", last_day="x", billed="x", changed="x"))
    assert told.count(";") == 5
    assert told.endswith("and 1 more")


def test_the_first_wrong_field_stands_on_the_rejection() -> None:
    (raw,) = mapped(LINES, line(rate="x", amount="x")).rejected
    assert raw.rejection is not None
    assert raw.rejection.field == "rate"
    assert raw.records == ()
    assert raw.payload["rate"] == "x"
