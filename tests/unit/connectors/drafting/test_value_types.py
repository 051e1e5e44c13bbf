"""What a field holds, told by its values; and which fields may identify a record."""

from typing import Any

import pytest

from connectors.drafting.keys import guessed_key
from connectors.drafting.value_types import pattern_of, type_of, value_at


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (["2026-10-01", "2026-10-02"], "date"),
        (["2026-10-01", None], "date?"),
        (["2026-10-01T08:00:00Z", "2026-10-01 08:00:00.123+02:00"], "timestamp"),
        (["2026-10-01", "01.10.2026"], "text"),
        (["007", "008"], "text"),
        ([1, 2], "integer"),
        ([True, False], "boolean"),
        ([1, "x"], "text"),
        (["1.5", "2.25"], "number"),
        ([], "text?"),
        ([None, ""], "text?"),
        ([{"a": 1}], "text"),
    ],
)
def test_types(values: list[Any], told: str) -> None:
    assert str(type_of(values, is_amount=False)) == told


@pytest.mark.parametrize(
    ("values", "told"),
    [(["1.5", "2.25"], "money(2)"), (["1.5", "2.255"], "money(3)"), (["41.123456"], "number"), ([5], "integer")],
)
def test_amounts(values: list[Any], told: str) -> None:
    assert str(type_of(values, is_amount=True)) == told


@pytest.mark.parametrize(
    ("values", "pattern"),
    [
        (["03.10.2026 14:01", "13.10.2026 00:00"], "%d.%m.%Y %H:%M"),
        (["10/13/2026", "01/02/2026"], "%m/%d/%Y"),
        (["13/10/2026"], "%d/%m/%Y"),
        (["20261013"], "%Y%m%d"),
        (["13.10.2026", "soon"], None),
        ([], None),
    ],
)
def test_forms_of_days(values: list[str], pattern: str | None) -> None:
    assert pattern_of(values) == pattern


def test_the_fewest_fields_that_no_two_records_share_may_be_the_key() -> None:
    records = [{"firm": firm, "job": job, "at": f"0{job}.10.2026 14:0{len(firm)}"} for firm in "ab" for job in "123"]
    assert guessed_key(["firm", "job", "at"], records) == ("firm", "job")
    assert guessed_key(["job"], records) == ()
    assert guessed_key(["firm", "job"], records[:2]) == ()
    assert guessed_key(["n"], [{"n": number} for number in range(5)]) == ("n",)
    assert guessed_key(["n"], [{"n": None}, {"n": 1}, {"n": 2}]) == ()


def test_paths_lead_into_objects_and_a_name_with_points_comes_first() -> None:
    assert value_at({"gps": {"lat": "4.5"}}, "gps.lat") == "4.5"
    assert value_at({"gps.lat": 1, "gps": {"lat": 2}}, "gps.lat") == 1
    assert value_at({"gps": None}, "gps.lat") is None
