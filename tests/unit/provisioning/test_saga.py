"""The tables of sagas hold together, and what follows from each outcome."""

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest

from provisioning.saga import (
    MOVES,
    SEQUENCES,
    STATES,
    STEPS,
    GivesUp,
    Holds,
    Passed,
    SagaKind,
    SagaMove,
    SagaState,
    StepName,
    Waits,
    after_step,
    after_undoing,
    may_move,
    waited_since,
)

NOW = datetime(2026, 11, 5, 12, tzinfo=UTC)


def test_every_word_has_its_row() -> None:
    assert set(SEQUENCES) == set(get_args(SagaKind))
    assert set(STEPS) == set(get_args(StepName))
    assert set(STATES) == set(MOVES) == set(get_args(SagaState))
    assert all(set(steps) <= set(STEPS) and len(set(steps)) == len(steps) for steps in SEQUENCES.values())


def test_what_has_ended_stays_ended_and_everything_can_end() -> None:
    ended = {state for state, to in MOVES.items() if not to}
    assert ended == {"done", "undone"}
    reached = {"running"}
    for _ in MOVES:
        reached |= {to for state in reached for to in MOVES[state]}  # type: ignore[index]
    assert reached == set(STATES)


def test_only_layers_are_acted_on() -> None:
    assert {name for name, each in STEPS.items() if each.layer} == {
        name for name, each in STEPS.items() if each.nature == "acts"
    }


@pytest.mark.parametrize(
    ("outcome", "state", "step"),
    [
        (Passed("x"), "running", "match"),
        (Waits("x"), "running", "discover"),
        (Holds("x"), "held", "discover"),
    ],
)
def test_what_follows_from_a_step(outcome: Passed, state: str, step: str) -> None:
    move = after_step("activate", "discover", outcome, tries=1, began_at=NOW, now=NOW)
    assert (move.state, move.step) == (state, step)
    assert may_move("running", move.state)


def test_the_last_step_ends_it() -> None:
    move = after_step("activate", "release", Passed("told"), tries=1, began_at=NOW, now=NOW)
    assert (move.state, move.wait) == ("done", timedelta())


def test_waiting_grows_and_ends_with_a_person() -> None:
    waits = [
        after_step("activate", "verify", Waits("dark"), tries=tries, began_at=NOW, now=NOW).wait
        for tries in (1, 2, 3, 9)
    ]
    assert [each.total_seconds() for each in waits] == [2, 10, 60, 60]
    late = after_step("activate", "verify", Waits("dark"), tries=40, began_at=NOW, now=NOW + timedelta(minutes=30))
    assert (late.state, late.person) == ("held", "technician")
    assert late.said == "waited since 2026-11-05 12:00 UTC: dark"


def test_while_something_cannot_come_nobody_is_late_and_then_patience_begins_anew() -> None:
    """A line that is stopped for days, and an element that hiccups before a visit."""
    later = NOW + timedelta(days=5)
    stopped, hiccup = Waits("stopped", not_before=later), Waits("no answer")
    assert after_step("activate", "release", stopped, tries=9, began_at=NOW, now=later).state == "running"
    assert waited_since(NOW, stopped, later) == later
    assert waited_since(NOW, Waits("the visit is to come", not_before=later + timedelta(days=1)), later) == later
    assert waited_since(NOW, hiccup, later) == NOW
    assert after_step("activate", "discover", hiccup, tries=9, began_at=later, now=later).state == "running"


def test_what_cannot_come_before_a_moment_is_waited_for_from_then_on() -> None:
    visit = NOW + timedelta(days=5)
    waits = Waits("no terminal", not_before=visit)

    def later(**time: float) -> SagaMove:
        return after_step("activate", "discover", waits, tries=9, began_at=NOW, now=NOW + timedelta(**time))

    assert (later(days=5, hours=11).state, later(days=5, hours=12).state) == ("running", "held")
    assert later(days=6).said == "waited since 2026-11-10 12:00 UTC: no terminal"


def test_undoing_goes_on_until_nothing_is_left() -> None:
    facts = {"tries": 1, "began_at": NOW, "now": NOW}
    assert after_undoing("verify", Passed("back"), changes_left=2, **facts).state == "undoing"  # type: ignore[arg-type]
    assert after_undoing("verify", Passed("back"), changes_left=0, **facts).state == "undone"  # type: ignore[arg-type]
    stuck = after_undoing("verify", Holds("no"), changes_left=1, **facts)  # type: ignore[arg-type]
    assert (stuck.state, stuck.person) == ("held", "network_engineer")


def test_giving_up_ends_it_at_once_and_only_where_nothing_was_changed() -> None:
    def moved(kind: SagaKind, step: StepName) -> SagaMove:
        return after_step(kind, step, GivesUp("it differs"), tries=1, began_at=NOW, now=NOW)

    assert moved("adopt", "compare") == SagaMove("undone", "compare", "it differs")
    assert may_move("running", "undone")
    with pytest.raises(ValueError, match="verify of move may not give up"):
        moved("move", "verify")
