"""Stages of a take-over: where each leads, and that there is always exactly one writer."""

from itertools import product
from typing import get_args

import pytest

from handoffs.stages import AUTHORITY, HANDOFFS, Actor, Handoff, TakeoverStage, authority_over, may_move

STAGES: tuple[TakeoverStage, ...] = get_args(TakeoverStage)
ACTORS: tuple[Actor, ...] = get_args(Actor)

MOVES = """
from / to       observe  shadow  canary  active  legacy_retired
observe         -        yes     -       -       -
shadow          yes      -       yes     -       -
canary          -        yes     -       yes     -
active          -        yes     -       -       yes
legacy_retired  -        -       -       -       -
"""

WRITERS = """
stage           outside  cohort  intent
observe         legacy   legacy  no
shadow          legacy   legacy  yes
canary          legacy   hub     yes
active          hub      hub     yes
legacy_retired  hub      hub     no
"""


def rows(table: str) -> list[list[str]]:
    return [line.replace(" / ", "/").split() for line in table.strip().splitlines()]


ALLOWED = {
    (source, target): answer == "yes"
    for source, *answers in rows(MOVES)[1:]
    for target, answer in zip(rows(MOVES)[0][1:], answers, strict=True)
}


@pytest.mark.parametrize(("source", "target"), list(product(STAGES, STAGES)))
def test_a_stage_leads_one_step_on_or_back_to_watching(source: TakeoverStage, target: TakeoverStage) -> None:
    assert may_move(source, target) is ALLOWED[source, target]


@pytest.mark.parametrize(("stage", "outside", "cohort", "intent"), rows(WRITERS)[1:])
def test_each_stage_says_who_acts_in_and_outside_the_cohort(
    stage: TakeoverStage, outside: Actor, cohort: Actor, intent: str
) -> None:
    for in_cohort, actor in ((False, outside), (True, cohort)):
        authority = authority_over(stage, in_cohort)
        assert (authority.actor, authority.records_intent) == (actor, intent == "yes")
        assert authority.reason


def test_every_stage_decides_in_and_outside_the_cohort() -> None:
    assert set(AUTHORITY) == set(product(STAGES, (False, True)))


@pytest.mark.parametrize(("stage", "in_cohort", "began_with"), list(product(STAGES, (False, True), ACTORS)))
def test_an_order_ends_with_whom_it_began_whatever_the_stage_is_now(
    stage: TakeoverStage, in_cohort: bool, began_with: Actor
) -> None:
    authority = authority_over(stage, in_cohort, began_with)

    assert authority.actor == began_with
    assert authority.records_intent == authority_over(stage, in_cohort).records_intent


def test_a_person_is_told_that_the_order_keeps_its_path() -> None:
    kept = authority_over("active", in_cohort=True, began_with="legacy")

    assert kept.reason == "the order began with legacy and ends there"
    assert authority_over("active", in_cohort=True, began_with="hub").reason != kept.reason


def test_the_hub_never_acts_while_it_watches_or_compares() -> None:
    watching: tuple[TakeoverStage, ...] = ("observe", "shadow")
    assert {authority_over(stage, in_cohort).actor for stage in watching for in_cohort in (False, True)} == {"legacy"}


def test_there_are_the_four_hand_offs_between_the_systems() -> None:
    assert get_args(Handoff) == HANDOFFS
    assert len(set(HANDOFFS)) == 4
