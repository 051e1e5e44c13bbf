"""Moves of a take-over: which are allowed from where, and what the history comes to."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoffs.cohort import EVERYTHING, NOTHING, Cohort
from handoffs.stages import TakeoverStage, may_move
from handoffs.takeover import (
    MOVE_KINDS,
    Move,
    MoveKind,
    Position,
    after,
    declared,
    positions_of,
    positions_since,
    target_of,
    why_not,
)

NOON = datetime(2026, 11, 5, 12, tzinfo=UTC)
ONE_TOWN = Cohort(towns=frozenset({"Springfield"}))
TWO_TOWNS = Cohort(towns=frozenset({"springfield", "Shelbyville"}))


def at(stage: TakeoverStage, cohort: Cohort = NOTHING, *, is_held: bool = False) -> Position:
    return Position("mesa", "field_to_billing", stage, cohort, is_held, NOON, 1)


@pytest.mark.parametrize(
    ("position", "kind", "cohort", "why"),
    [
        (at("observe"), "promoted", None, ""),
        (at("shadow"), "promoted", ONE_TOWN, ""),
        (at("shadow"), "promoted", None, "a canary needs a cohort"),
        (at("shadow"), "promoted", NOTHING, "a canary needs a cohort"),
        (at("observe"), "promoted", ONE_TOWN, "only a canary has a cohort"),
        (at("canary", ONE_TOWN, is_held=True), "promoted", None, "the line is stopped"),
        (at("legacy_retired", EVERYTHING), "promoted", None, "is retired"),
        (at("legacy_retired", EVERYTHING), "given_back", None, "is retired"),
        (at("legacy_retired", EVERYTHING), "held", None, ""),
        (at("canary", ONE_TOWN), "widened", TWO_TOWNS, ""),
        (at("canary", TWO_TOWNS), "widened", ONE_TOWN, "does not hold all of"),
        (at("canary", TWO_TOWNS), "narrowed", ONE_TOWN, ""),
        (at("canary", ONE_TOWN), "narrowed", TWO_TOWNS, "would widen"),
        (at("canary", ONE_TOWN), "widened", ONE_TOWN, "already"),
        (at("active", EVERYTHING), "widened", ONE_TOWN, "the hand-off is in active"),
        (at("canary", ONE_TOWN, is_held=True), "widened", TWO_TOWNS, "the line is stopped"),
        (at("canary", ONE_TOWN), "released", None, "not stopped"),
        (at("canary", ONE_TOWN, is_held=True), "held", None, "stopped already"),
        (at("canary", ONE_TOWN, is_held=True), "rolled_back", None, ""),
        (at("observe"), "given_back", None, "nothing to give back"),
    ],
)
def test_a_move_is_allowed_or_says_why_not(
    position: Position, kind: MoveKind, cohort: Cohort | None, why: str
) -> None:
    said = why_not(position, kind, cohort)

    assert (why in said) if why else (said == "")


def test_only_what_goes_on_needs_a_gate() -> None:
    assert {kind for kind, meaning in MOVE_KINDS.items() if meaning.needs_gate} == {"promoted", "widened"}


KINDS = st.sampled_from(list(MOVE_KINDS))
COHORTS = st.sampled_from([None, ONE_TOWN, TWO_TOWNS, Cohort(share=500)])


@given(st.lists(st.tuples(KINDS, COHORTS), max_size=30))
def test_no_history_leaves_the_table_of_stages(wishes: list[tuple[MoveKind, Cohort | None]]) -> None:
    position, moves = declared("mesa", "field_to_billing"), []
    for number, (kind, cohort) in enumerate(wishes):
        if why_not(position, kind, cohort):
            continue
        stage, chosen = target_of(position, kind, cohort)
        move = Move(kind, stage, chosen, NOON + timedelta(hours=number), "lee", "tried", epoch=number + 1)
        following = after(position, move)
        assert following.stage == position.stage or may_move(position.stage, following.stage)
        assert (following.cohort == NOTHING) is (following.stage in ("observe", "shadow"))
        assert (following.cohort == EVERYTHING) is (following.stage in ("active", "legacy_retired"))
        assert (following.epoch != position.epoch) is MOVE_KINDS[kind].begins_epoch
        position = following
        moves.append(move)
    assert positions_of(declared("mesa", "field_to_billing"), moves)[-1] == position


def test_a_position_is_told_for_any_moment() -> None:
    moves = [
        Move("promoted", "shadow", NOTHING, NOON, "lee", "begin", epoch=1),
        Move("promoted", "canary", ONE_TOWN, NOON + timedelta(days=40), "lee", "go", epoch=2),
        Move("held", "canary", ONE_TOWN, NOON + timedelta(days=41), "guard", "look", epoch=2),
        Move("rolled_back", "shadow", NOTHING, NOON + timedelta(days=42), "guard", "double bill", epoch=3),
    ]
    history = positions_of(declared("mesa", "field_to_billing"), moves)

    stages = [positions_since(history, NOON + timedelta(days=day))[0].stage for day in (-1, 0, 39, 40, 41, 42, 99)]
    assert stages == ["observe", "shadow", "shadow", "canary", "canary", "shadow", "shadow"]
    assert positions_since(history, None) == history[-1:]
    assert positions_since(history, NOON) == history[1:]
    assert history[3].is_held
    assert history[4].is_held, "what is under way stays stopped until somebody lets it go on"
