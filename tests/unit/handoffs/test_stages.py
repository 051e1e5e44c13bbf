"""Stages of a take-over: where each leads, and that each decides for every order."""

from itertools import product
from typing import get_args

import pytest

from handoffs.stages import AUTHORITY, HANDOFFS, Handoff, TakeoverStage, may_move

STAGES: tuple[TakeoverStage, ...] = get_args(TakeoverStage)

MOVES = """
from / to       observe  shadow  canary  active  legacy_retired
observe         -        yes     -       -       -
shadow          yes      -       yes     -       -
canary          -        yes     -       yes     -
active          -        yes     -       -       yes
legacy_retired  -        -       -       -       -
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


def test_every_stage_decides_in_and_outside_the_cohort() -> None:
    assert set(AUTHORITY) == set(product(STAGES, (False, True)))


def test_there_are_the_four_hand_offs_between_the_systems() -> None:
    assert get_args(Handoff) == HANDOFFS
    assert len(set(HANDOFFS)) == 4
