"""A change knows the way back, whatever it is laid over."""

from hypothesis import given
from hypothesis import strategies as st

from provisioning.change import not_shown, planned, shows
from provisioning.line import Observation
from tests.fakes.lines import line

SETTINGS = st.dictionaries(st.sampled_from("abcd"), st.integers(0, 3), max_size=4)
SHOWN = st.none() | SETTINGS


def laid(held: dict[str, int] | None, after: dict[str, int | None] | None) -> dict[str, int] | None:
    """What an element holds once a change was applied to it."""
    if after is None:
        return None
    return {name: value for name, value in {**(held or {}), **after}.items() if value is not None}


@given(SHOWN, SHOWN)
def test_a_change_leads_there_and_back(held: dict[str, int] | None, wanted: dict[str, int] | None) -> None:
    change = planned("aaa", line(), Observation(held), wanted)
    there = laid(held, change.after)  # type: ignore[arg-type]
    assert shows(Observation(there), wanted)
    back = laid(there, change.inverse.after)  # type: ignore[arg-type]
    assert back == held
    assert shows(Observation(back), change.before)


@given(SETTINGS, SETTINGS)
def test_settings_of_others_stay(held: dict[str, int], wanted: dict[str, int]) -> None:
    change = planned("aaa", line(), Observation(held), wanted)
    there = laid(held, change.after)  # type: ignore[arg-type]
    assert there is not None
    assert {name: there[name] for name in held.keys() - wanted.keys()} == {
        name: held[name] for name in held.keys() - wanted.keys()
    }


def test_what_is_missing_is_told_by_name_and_not_by_value() -> None:
    seen = Observation({"group": "gold", "secret": "x"})
    assert not_shown(seen, {"group": "silver", "secret": "y", "more": 1}) == ("group", "secret", "more")
    assert not_shown(Observation(None), {"group": "silver"}) == ("the line itself",)
    assert not_shown(seen, None) == ("the line itself",)
    assert not_shown(Observation(None), None) == ()
