"""A source that differs from its mapping: told once, or stopped with a clear message."""

from typing import Any

import pytest
from small_mapping import JOBS, LEDGER, LINES, PULLED_AT, job, line, mapped, mapping_of

from canonical_model.errors import ConfigurationError
from connectors.mapping import Drift, PageMapper


def lines(count: int, **changed: Any) -> list[dict[str, Any]]:
    return [line(id=str(number), **changed) for number in range(count)]


def test_an_undeclared_field_is_ignored_and_told_once() -> None:
    mapper = PageMapper(mapping_of(LINES), LEDGER)
    first = mapper.map_page([line(colour="red"), line(id="2", shape="round")], PULLED_AT)
    second = mapper.map_page([line(colour="blue", size=3)], PULLED_AT)
    assert first.drift == Drift(undeclared=("colour", "shape"))
    assert second.drift == Drift(undeclared=("size",))
    assert first.rejected == second.rejected == []


def test_a_field_that_is_known_and_unwanted_is_no_drift() -> None:
    text = LINES.replace("  fields:\n    id", "  ignored: [colour]\n  fields:\n    id")
    assert not mapped(text, line(colour="red")).drift


def test_a_field_that_vanished_from_every_record_of_a_page_stops_the_pull_and_says_what_to_mend() -> None:
    with pytest.raises(ConfigurationError) as stopped:
        mapped(LINES, *lines(5, amount=..., rate=...))
    assert str(stopped.value) == (
        "mappings/0.yaml: read.fields: rate, amount is in none of 5 records of Line any more; mend the mapping or "
        "ask the source's owner (a question mark behind the type says that a field may be missing)"
    )


def test_a_field_that_is_null_in_every_record_counts_as_vanished_too() -> None:
    with pytest.raises(ConfigurationError, match="rate is in none of 6 records"):
        mapped(LINES, *lines(6, rate=None))


def test_a_nested_field_vanishes_likewise() -> None:
    text = JOBS.replace("place.lat: number?", "place.lat: number")
    with pytest.raises(ConfigurationError, match=r"place\.lat is in none of 5 records"):
        mapped(text, *(job(id=str(number), place={}) for number in range(5)))


def test_a_few_records_without_a_field_are_bad_records_and_not_a_changed_source() -> None:
    assert len(mapped(LINES, *lines(4, amount=...)).rejected) == 4


def test_a_field_that_one_record_still_has_did_not_vanish() -> None:
    batch = mapped(LINES, *lines(5, amount=...), line(id="whole"))
    assert [raw.landed_id for raw in batch.raws if raw.rejection is None] == ["whole"]


def test_an_optional_field_that_no_record_has_is_drift() -> None:
    batch = mapped(LINES, *lines(5, subscription=...))
    assert batch.drift == Drift(absent=("subscription",))
    assert batch.rejected == []
