"""The life of a case as a table: every state, every event, nothing else."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciliation.cases import (
    ENDED,
    IN_HAND,
    MOVES,
    STATES,
    UNDECIDED,
    CaseEventKind,
    CaseState,
    may_happen,
    state_after,
    state_of,
)

KINDS: tuple[CaseEventKind, ...] = get_args(CaseEventKind)
ALL: tuple[CaseState, ...] = get_args(CaseState)
BY_PERSONS = {
    "assigned",
    "acknowledged",
    "dismissed",
    "written_off",
    "reopened",
    "remedy_proposed",
    "remedy_approved",
}


def test_the_tables_know_every_state_and_every_event() -> None:
    assert set(STATES) == set(ALL)
    assert set(MOVES) == set(KINDS)
    named = {state for moves in MOVES.values() for pair in moves.items() for state in pair}
    assert named == set(ALL)


def test_every_state_can_be_reached_and_none_but_the_written_off_is_a_dead_end_for_runs() -> None:
    reached, before = {"new"}, set()
    while reached != before:
        before = set(reached)
        reached |= {moves[state] for moves in MOVES.values() for state in before if state in moves}
    assert reached == set(ALL)
    for state in ENDED:
        assert state_after(state, "found_again") == "reopened"


@pytest.mark.parametrize("state", ENDED)
def test_what_is_not_there_any_more_cannot_be_worked(state: CaseState) -> None:
    assert not [kind for kind in BY_PERSONS if may_happen(state, kind)]


@pytest.mark.parametrize(
    ("told", "state"),
    [
        (["found"], "new"),
        (["found", "seen_again"], "open"),
        (["found", "acknowledged", "remedy_proposed", "remedy_approved", "remedy_sent", "recovered"], "recovered"),
        (["found", "remedy_approved", "gone"], "vanished"),
        (["found", "remedy_approved", "remedy_returned", "out_of_remedy"], "open"),
        (["found", "dismissed", "found_again", "written_off", "reopened"], "reopened"),
        (["found", "gone", "refunded", "found_again"], "reopened"),
    ],
)
def test_the_events_make_the_state(told: list[CaseEventKind], state: CaseState) -> None:
    assert state_of(told) == state


@pytest.mark.parametrize(
    ("state", "kind"),
    [("in_remedy", "dismissed"), ("in_remedy", "written_off"), ("dismissed", "acknowledged"), ("new", "remedy_sent")],
)
def test_what_the_table_does_not_say_is_refused(state: CaseState, kind: CaseEventKind) -> None:
    with pytest.raises(ValueError, match=f"a case that is {state} cannot be {kind}"):
        state_after(state, kind)


def test_a_case_begins_by_being_found() -> None:
    assert state_of([]) is None
    with pytest.raises(ValueError, match="first event"):
        state_of(["acknowledged"])
    with pytest.raises(ValueError, match="cannot be found"):
        state_of(["found", "found"])


@given(st.lists(st.sampled_from(KINDS), max_size=30))
def test_whatever_happens_in_whatever_order_ends_in_a_state_of_one_kind(kinds: list[CaseEventKind]) -> None:
    state: CaseState = "new"
    for kind in kinds:
        if may_happen(state, kind):
            state = state_after(state, kind)
    assert (state in IN_HAND) + (state in ENDED) + (state in ("dismissed", "written_off")) == 1
    assert set(UNDECIDED) < set(IN_HAND)
