"""What follows from what was told and what shows: the whole table, and the bounds around it."""

from datetime import timedelta
from itertools import product
from typing import get_args

import pytest

from handoffs.effect_states import (
    MOVES,
    SIGHTS,
    STATES,
    TOLD,
    VERDICTS,
    EffectPolicy,
    EffectState,
    Repeats,
    Sight,
    Told,
    after_look,
    after_silence,
    may_move,
    outcome_of,
)

POLICY = EffectPolicy(
    most_sends=3, most_looks=4, settling_looks=2, waits=(timedelta(seconds=1), timedelta(minutes=1))
)
TELLINGS: tuple[Told, ...] = ("acknowledged", "accepted", "refused", "unknown")
SIGHT_WORDS: tuple[Sight, ...] = get_args(Sight)

NEXT = """
told / sight   applied  absent   differs  changed  in_progress  refused  unreadable  unobservable
acknowledged   done     unknown  unknown  parked   unknown      refused  unknown     done
accepted       done     unknown  unknown  parked   unknown      refused  unknown     parked
refused        done     refused  refused  refused  unknown      refused  unknown     refused
unknown        done     unknown  unknown  parked   unknown      refused  unknown     parked
"""


def rows(table: str) -> list[list[str]]:
    return [line.replace(" / ", "/").split() for line in table.strip().splitlines()]


def look(told: Told, sight: Sight, looks: int = 1, sends: int = 1, repeats: Repeats = "keyed", **more: object) -> str:
    given = {"unsure": "ask", **more}
    return after_look(told, sight, repeats=repeats, sends=sends, looks=looks, policy=POLICY, **given).state


@pytest.mark.parametrize(("told", "states"), [(told, states) for told, *states in rows(NEXT)[1:]])
def test_the_first_look_decides_by_the_table(told: Told, states: list[str]) -> None:
    assert [look(told, sight) for sight in rows(NEXT)[0][1:]] == states


def test_the_table_is_whole() -> None:
    assert set(VERDICTS) == set(TELLINGS)
    assert all(set(row) == set(SIGHT_WORDS) == set(SIGHTS) for row in VERDICTS.values())
    assert set(TOLD) == set(get_args(Told))
    assert set(STATES) == set(MOVES) == set(get_args(EffectState))


def test_whatever_was_told_what_shows_as_wanted_is_done() -> None:
    assert {look(told, "applied", looks, sends) for told in TELLINGS for looks in (1, 99) for sends in (1, 99)} == {
        "done"
    }


def test_an_acknowledgement_alone_is_never_enough_where_a_look_is_possible() -> None:
    blind = ("absent", "differs", "changed", "in_progress", "unreadable")
    assert all(look("acknowledged", sight, looks) != "done" for sight in blind for looks in range(1, 9))


@pytest.mark.parametrize("sight", ["absent", "differs"])
def test_what_may_be_on_its_way_is_sent_again_only_after_the_looks_that_let_it_settle(sight: Sight) -> None:
    assert [look("unknown", sight, looks) for looks in (1, 2)] == ["unknown", "queued"]


@pytest.mark.parametrize("told", TELLINGS)
@pytest.mark.parametrize("sight", [sight for sight in SIGHT_WORDS if sight not in ("absent", "differs")])
def test_only_a_look_that_shows_that_it_is_not_there_lets_it_out_again(told: Told, sight: Sight) -> None:
    assert all(look(told, sight, looks, sends) != "queued" for looks, sends in product(range(1, 9), range(1, 9)))


def test_what_would_do_it_twice_is_never_sent_again() -> None:
    every = product(TELLINGS, SIGHT_WORDS, range(1, 9), range(1, 9))
    assert all(look(told, sight, looks, sends, "harmful") != "queued" for told, sight, looks, sends in every)
    assert look("unknown", "absent", looks=2, repeats="harmful") == "parked"


def test_at_most_one_may_be_wanted_where_nothing_can_tell() -> None:
    assert look("unknown", "unobservable", unsure="drop") == "discarded"
    assert look("unknown", "unobservable", unsure="ask") == "parked"


def test_every_effort_ends_with_a_person_or_an_end() -> None:
    for told, sight in product(TELLINGS, SIGHT_WORDS):
        assert look(told, sight, looks=POLICY.most_looks, sends=POLICY.most_sends) in ("done", "refused", "parked")
    assert after_silence(POLICY.most_sends, POLICY, "away").state == "parked"
    assert after_silence(POLICY.most_sends - 1, POLICY, "away").state == "queued"


def test_waits_grow_and_the_last_one_repeats() -> None:
    assert [after_silence(sends, POLICY, "away").wait.total_seconds() for sends in (1, 2)] == [1, 60]
    assert [POLICY.wait_after(tries).total_seconds() for tries in (0, 1, 2, 50)] == [1, 1, 60, 60]
    again = after_look("unknown", "absent", repeats="keyed", unsure="ask", sends=1, looks=1, policy=POLICY)
    assert again.wait == timedelta(seconds=1)


def test_every_move_that_a_look_makes_is_allowed() -> None:
    for told, sight, looks, repeats in product(TELLINGS, SIGHT_WORDS, range(1, 6), get_args(Repeats)):
        for unsure in ("ask", "drop"):
            target = look(told, sight, looks, 1, repeats, unsure=unsure)
            assert all(may_move(state, target) for state in ("sending", "unknown"))


def test_what_has_ended_stays_so() -> None:
    assert not any(may_move(ended, state) for ended in ("done", "discarded") for state in STATES)


OUTCOMES = """
state      nothing  acknowledged  accepted  refused  unknown
queued     pending  pending       pending   pending  pending
sending    unknown  unknown       unknown   unknown  unknown
unknown    unknown  unknown       pending   unknown  unknown
done       done     done          done      done     done
refused    refused  refused       refused   refused  refused
parked     pending  unknown       unknown   unknown  unknown
discarded  refused  unknown       unknown   refused  unknown
"""


@pytest.mark.parametrize(("state", "outcomes"), [(state, outcomes) for state, *outcomes in rows(OUTCOMES)[1:]])
def test_a_state_is_told_as_one_of_four_outcomes(state: EffectState, outcomes: list[str]) -> None:
    assert [outcome_of(state, told) for told in rows(OUTCOMES)[0][1:]] == outcomes
