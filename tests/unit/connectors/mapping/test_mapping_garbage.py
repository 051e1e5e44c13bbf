"""Whatever JSON a source sends becomes records and rejections; how a pull is cut into pages changes nothing."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_mapping import JOBS, LEDGER, LINES, PULLED_AT, job, line, mapping_of

from connectors.mapping import MappedRaw, PageMapper

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=-(10**60), max_value=10**60)
    | st.floats()
    | st.text(max_size=30)
    | st.text(alphabet="0123456789-+.eT:Z /ABCDEFXx%'\"\\;", max_size=30)
    | st.dates().map(str)
    | st.datetimes().map(str)
    | st.sampled_from(
        ["\ud800", "\0", "NaN", "Infinity", "-0", "1e400", "9999-12-31", "0001-01-01", "'; DROP TABLE raw"]
    )
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
LINE_FIELDS = list(line())
JOB_FIELDS = list(job())
MAPPERS = {text: PageMapper(mapping_of(text), LEDGER) for text in (LINES, JOBS)}
QUIET = settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))


def outcome(raw: MappedRaw) -> tuple[Any, ...]:
    return raw.landed_id, raw.records, raw.rejection, raw.change_order


def told_once(raws: tuple[MappedRaw, ...]) -> None:
    for raw in raws:
        assert (raw.rejection is None) or raw.records == ()
        for record in raw.records:
            json.dumps(record.model_dump(mode="json")).encode("utf-8")
        if raw.rejection is not None:
            assert raw.rejection.reason
            raw.rejection.reason.encode("utf-8")


@QUIET
@given(st.lists(st.dictionaries(st.sampled_from(LINE_FIELDS), JSON), max_size=4))
def test_garbage_in_any_field_is_a_record_or_a_rejection_and_never_an_error(garbage: list[dict[str, Any]]) -> None:
    batch = MAPPERS[LINES].map_page([line() | one for one in garbage], PULLED_AT)
    assert len(batch.raws) == len(garbage)
    told_once(batch.raws)


@QUIET
@given(st.lists(st.dictionaries(st.sampled_from(JOB_FIELDS), JSON), max_size=4))
def test_garbage_in_nested_lists_is_a_record_or_a_rejection_and_never_an_error(garbage: list[dict[str, Any]]) -> None:
    told_once(MAPPERS[JOBS].map_page([job() | one for one in garbage], PULLED_AT).raws)


VISITS = st.lists(st.dictionaries(st.sampled_from(["number", "arrived", "id"]), JSON) | JSON, max_size=3)
BOXES = st.fixed_dictionaries({"box": st.lists(st.dictionaries(st.sampled_from(["id", "kind"]), JSON), max_size=3)})


@QUIET
@given(VISITS, BOXES)
def test_garbage_in_elements_is_a_record_or_a_rejection_and_never_an_error(visits: Any, boxes: Any) -> None:
    told_once(MAPPERS[JOBS].map_page([job(visits=visits, boxes=boxes)], PULLED_AT).raws)


@QUIET
@given(st.dictionaries(st.sampled_from(LINE_FIELDS), JSON), st.integers(min_value=0, max_value=9))
def test_one_bad_record_changes_nothing_about_its_neighbours(garbage: dict[str, Any], place: int) -> None:
    good = [line(id=str(number), amount=f"{number}.50") for number in range(9)]
    alone = [outcome(raw) for raw in MAPPERS[LINES].map_page(good, PULLED_AT).raws]
    together = MAPPERS[LINES].map_page([*good[:place], line() | garbage, *good[place:]], PULLED_AT).raws
    assert [outcome(raw) for number, raw in enumerate(together) if number != place] == alone


MIXED = [
    *(line(id=str(number), amount=f"{number}.25", town=("OLD", "NEW", "??")[number % 3]) for number in range(40)),
    *(line(id=f"x{number}", rate=("1.234", "x", None, "2.00")[number % 4]) for number in range(20)),
]


@pytest.mark.parametrize("size", [1, 2, 7, 60])
def test_the_split_into_pages_changes_nothing(size: int) -> None:
    pages = [MIXED[start : start + size] for start in range(0, len(MIXED), size)]
    apart = [outcome(raw) for page in pages for raw in MAPPERS[LINES].map_page(page, PULLED_AT).raws]
    assert apart == [outcome(raw) for raw in MAPPERS[LINES].map_page(MIXED, PULLED_AT).raws]
    assert 0 < sum(one[2] is not None for one in apart) < len(MIXED)


def test_many_garbage_records_are_rejected_and_not_mistaken_for_a_changed_source() -> None:
    batch = MAPPERS[LINES].map_page([line(id=str(number), amount=[]) for number in range(50)], PULLED_AT)
    assert len(batch.rejected) == 50
