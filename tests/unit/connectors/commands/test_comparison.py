"""What a look means: values are compared as what they are, however a system spells them."""

from typing import Any

import pytest

from canonical_model.errors import ConfigurationError
from connectors.commands import reference_in, sight_of
from connectors.nesting import filled, nested
from connectors.ports import Expected, Look


def look(kind: str = "text", value: Any = "x", **more: Any) -> Look:
    return Look("o", {}, {}, (Expected("value", kind, value),), **more)


@pytest.mark.parametrize(
    ("kind", "wanted", "shown", "same"),
    [
        ("money(2)", "79.90", "79.9", True),
        ("money(2)", "79.90", 79.9, True),
        ("money(2)", "79.90", "79.91", False),
        ("money(2)", "79.90", "about 80", False),
        ("integer", 7, "7", True),
        ("integer", 7, "7.0", True),
        ("boolean", True, "true", True),
        ("boolean", True, "1", True),
        ("boolean", True, False, False),
        ("date", "2026-03-04", "2026-03-04T00:00:00Z", True),
        ("date", "2026-03-04", "2026-03-05", False),
        ("timestamp", "2026-03-04T05:06:07Z", "2026-03-03T22:06:07-07:00", True),
        ("timestamp", "2026-03-04T05:06:07Z", "2026-03-04T05:06:07.000+0000", True),
        ("timestamp", "2026-03-04T05:06:07Z", "2026-03-04T05:06:08Z", False),
        ("timestamp", "2026-03-04T05:06:07Z", "yesterday", False),
        ("text", "done", "done", True),
        ("text", "done", " done ", True),
        ("text", "done", "Done", False),
        ("text", "7", 7, True),
        ("text", "done", None, False),
        ("text", "done", "", False),
    ],
)
def test_two_spellings_of_one_value_are_equal(kind: str, wanted: Any, shown: Any, same: bool) -> None:
    assert sight_of(look(kind, wanted), {"value": shown}) == ("applied" if same else "differs")


def test_nothing_is_absent_and_a_record_without_the_field_differs() -> None:
    assert sight_of(look(), None) == "absent"
    assert sight_of(look(), {}) == "differs"


def test_a_value_may_lie_deeper_or_under_a_name_with_points() -> None:
    deep = Look("o", {}, {}, (Expected("a.b", "text", "x"),))
    assert sight_of(deep, {"a": {"b": "x"}}) == "applied"
    assert sight_of(deep, {"a.b": "x"}) == "applied"
    assert sight_of(deep, {"a": "x"}) == "differs"


@pytest.mark.parametrize(
    ("told", "sight"),
    [("DONE", "applied"), ("WORKING", "in_progress"), ("NO", "refused"), ("WHAT", "differs"), (None, "differs")],
)
def test_a_word_of_progress_goes_before_the_values(told: str | None, sight: str) -> None:
    words = {"DONE": "applied", "WORKING": "in_progress", "NO": "refused"}
    with_progress = look(progress_field="state", progress=words)
    assert sight_of(with_progress, {"state": told, "value": "x"}) == sight
    assert sight_of(with_progress, {"state": "DONE", "value": "y"}) == "differs"


def test_the_systems_own_id_is_read_where_it_tells_one() -> None:
    assert reference_in(look(reference_field="id"), {"id": 17}) == "17"
    assert reference_in(look(reference_field="id"), {}) == ""
    assert reference_in(look(), {"id": 17}) == ""
    assert reference_in(look(reference_field="id"), None) == ""


def test_names_with_points_nest_and_digits_are_places_in_a_list() -> None:
    assert nested({"a": 1, "b.c": 2, "b.d.e": 3}) == {"a": 1, "b": {"c": 2, "d": {"e": 3}}}
    assert nested({"to.0.number": "1", "to.1.number": "2", "text": "x"}) == {
        "to": [{"number": "1"}, {"number": "2"}],
        "text": "x",
    }


@pytest.mark.parametrize("value", ["../../admin", "a/b", "a?b=c", "a#b", "ä b", "%2e%2e"])
def test_what_stands_in_a_path_never_becomes_another_path(value: str) -> None:
    path = filled("jobs/{id}/notes", {"id": value})
    assert path.startswith("jobs/")
    assert path.endswith("/notes")
    assert path.count("/") == 2
    assert not set("?# ") & set(path)


@pytest.mark.parametrize("value", [".", ".."])
def test_a_step_up_is_refused(value: str) -> None:
    with pytest.raises(ConfigurationError, match="id names no record"):
        filled("jobs/{id}", {"id": value})
