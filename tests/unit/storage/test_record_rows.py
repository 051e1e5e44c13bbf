"""A record as a row: which values, in which form, under which hash."""

from datetime import UTC, date, datetime

import pytest

from canonical_model.billing import ChargeLine
from canonical_model.field_work import CompletionTest, FieldCompletion
from canonical_model.record import Record
from storage.rows import EncodedRow, hash_of, shape_of, to_json


def completion(**changes: object) -> FieldCompletion:
    values = {
        "market": "valley",
        "source_system": "field",
        "source_object": "completion",
        "source_id": "W1",
        "work_order_id": "W1",
        "completed_at": datetime(2026, 3, 1, 9, 0, 0, 1, tzinfo=UTC),
        "latitude": 39.5,
        "checklist_complete": True,
        **changes,
    }
    return FieldCompletion.model_validate(values)


def row_of(record: Record, provenance: str = "") -> EncodedRow:
    rows, problems = shape_of(type(record)).encode([record], [provenance])
    assert problems == {}
    return rows[0]


def test_a_row_holds_the_fields_in_the_order_of_the_model() -> None:
    record = completion()
    row = row_of(record, "completions\nW1")

    assert shape_of(FieldCompletion).names == tuple(FieldCompletion.model_fields)
    assert row.native == tuple(record.to_row().values())
    assert row.key == ("W1", "completion", "field")


def test_days_are_text_and_moments_microseconds_where_sqlite_keeps_them() -> None:
    line = ChargeLine(
        market="valley",
        source_system="billing",
        source_object="rate",
        source_id="L1",
        account_number="A1",
        billing_code="F",
        rate_minor=1,
        amount_minor=1,
        currency="USD",
        covers_from=date(2026, 2, 1),
        covers_to=date(2026, 3, 1),
        billed_on=date(2026, 2, 1),
    )
    assert row_of(line).plain[-3:] == ["2026-02-01", "2026-03-01", "2026-02-01"]

    plain = dict(zip(FieldCompletion.model_fields, row_of(completion()).plain, strict=True))
    assert plain["completed_at"] == 1_772_355_600_000_001
    assert plain["received_at"] is None


def test_the_hash_is_the_same_everywhere() -> None:
    row = row_of(completion(notes="Łódź \u2028 🏠"), "completions\nW1")
    assert row.content_hash == "c5843ca60b90fe1fb4304e3ab1229881"


@pytest.mark.parametrize(
    "changes",
    [
        {"notes": "None"},
        {"notes": ""},
        {"latitude": 39.50000000000001},
        {"checklist_complete": False},
        {"checklist_complete": None},
        {"completed_at": datetime(2026, 3, 1, 9, 0, 0, 2, tzinfo=UTC)},
        {"technician": "a', 'b"},
    ],
)
def test_any_difference_gives_another_hash(changes: dict[str, object]) -> None:
    assert row_of(completion(), "s\nW1").content_hash != row_of(completion(**changes), "s\nW1").content_hash


def test_the_raw_record_it_comes_from_is_part_of_the_hash() -> None:
    assert row_of(completion(), "s\nW1").content_hash != row_of(completion(), "s\nW2").content_hash


@pytest.mark.parametrize(
    ("value", "problem"), [(float("nan"), "value is not a number"), (float("inf"), "value is not a number")]
)
def test_a_number_that_is_none_is_refused(value: float, problem: str) -> None:
    record = CompletionTest.model_construct(
        market="valley",
        source_system="field",
        source_object="test",
        source_id="T1",
        work_order_id="W1",
        name="speed",
        value=value,
        unit=None,
        passed=None,
    )
    sound = record.model_copy(update={"value": 1.0})
    rows, problems = shape_of(CompletionTest).encode([sound, record, sound], ["s\nT0", "s\nT1", "s\nT2"])
    assert problems == {1: problem}
    assert len(rows) == 3


def test_each_record_of_many_has_the_row_that_it_has_alone() -> None:
    moment = datetime(2026, 3, 1, 9, 0, 0, 1, tzinfo=UTC)
    records = [
        completion(source_id=f"W{n}", completed_at=moment, latitude=n % 3, notes=[None, "a"][n % 2]) for n in range(9)
    ]
    provenances = [f"s\nW{n}" for n in range(9)]
    rows, problems = shape_of(FieldCompletion).encode(records, provenances)
    assert problems == {}
    assert rows == [row_of(*each) for each in zip(records, provenances, strict=True)]


def test_a_text_may_hold_what_only_looks_like_a_nul() -> None:
    row = row_of(completion(notes="\\x00"))
    assert "\\x00" in row.native


def test_payloads_are_equal_whatever_the_order_of_their_keys() -> None:
    assert to_json({"b": 1, "a": "é\0"}) == to_json({"a": "é\0", "b": 1}) == '{"a":"\\u00e9\\u0000","b":1}'


def test_hashes_have_32_digits() -> None:
    assert hash_of("") == "cae66941d9efbd404e4d88758ea67670"
