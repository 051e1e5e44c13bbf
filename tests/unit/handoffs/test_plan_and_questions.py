"""What a plan wants next, who is asked about it, and that silence changes nothing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from handoffs.cohort import EVERYTHING, NOTHING, Cohort
from handoffs.plan import Plan, Step, next_step
from handoffs.questions import (
    People,
    Question,
    is_reminder_due,
    may_be_asked,
    who_is_asked,
    why_may_not_answer,
)
from handoffs.stages import TakeoverStage
from handoffs.takeover import Position

NOON = datetime(2026, 11, 5, 12, tzinfo=UTC)
TOWN = Cohort(towns=frozenset({"Springfield"}))
QUARTER, HALF = Cohort(share=2500), Cohort(share=5000)
PLAN = Plan((TOWN, EVERYTHING))
PEOPLE = People(("ann",), ("bob",), timedelta(days=1), timedelta(days=3))
ASKED = Question(1, "mesa", "field_to_billing", "promoted", "canary", TOWN, 7, NOON)


def at(stage: TakeoverStage, cohort: Cohort = NOTHING) -> Position:
    return Position("mesa", "field_to_billing", stage, cohort)


@pytest.mark.parametrize(
    ("position", "plan", "step"),
    [
        (at("observe"), PLAN, Step("promoted")),
        (at("shadow"), PLAN, Step("promoted", TOWN)),
        (at("canary", TOWN), PLAN, Step("widened", EVERYTHING)),
        (at("canary", EVERYTHING), PLAN, Step("promoted")),
        (at("canary", QUARTER), Plan((HALF,)), Step("widened", HALF)),
        (at("active", EVERYTHING), PLAN, None),
        (at("active", EVERYTHING), Plan((TOWN,), "legacy_retired"), Step("promoted")),
        (at("legacy_retired", EVERYTHING), Plan((TOWN,), "legacy_retired"), None),
        (at("shadow"), Plan((), "shadow"), None),
        (at("shadow"), Plan(()), None),
    ],
)
def test_a_plan_goes_on_step_by_step(position: Position, plan: Plan, step: Step | None) -> None:
    assert next_step(position, plan) == step


@pytest.mark.parametrize(
    ("plan", "faults"),
    [
        (PLAN, 0),
        (Plan((), "shadow"), 0),
        (Plan(()), 1),
        (Plan((EVERYTHING, TOWN)), 1),
        (Plan((TOWN, TOWN)), 1),
        (Plan((NOTHING,)), 1),
    ],
)
def test_a_plan_that_cannot_be_walked_says_so(plan: Plan, faults: int) -> None:
    assert len(plan.faults()) == faults


def test_approvers_are_asked_first_and_deputies_when_nobody_answers() -> None:
    assert who_is_asked(ASKED, PEOPLE, NOON + timedelta(days=2)) == ("ann",)
    assert who_is_asked(ASKED, PEOPLE, NOON + timedelta(days=3)) == ("ann", "bob")


@pytest.mark.parametrize(
    ("reminded", "hours", "due"),
    [(None, 0, True), (0, 23, False), (0, 24, True), (60, 71, False), (60, 72, True), (72, 80, False)],
    ids=["at_once", "not_yet", "daily", "not_yet_again", "deputies_join", "told_with_them"],
)
def test_people_are_told_again_but_not_all_the_time(reminded: int | None, hours: int, due: bool) -> None:
    told = None if reminded is None else NOON + timedelta(hours=reminded)
    assert is_reminder_due(replace(ASKED, reminded_at=told), PEOPLE, NOON + timedelta(hours=hours)) is due


@pytest.mark.parametrize(
    ("person", "days", "why"),
    [
        ("ann", 0, ""),
        ("bob", 1, "bob is a deputy, and is asked from 2026-11-08 12:00 UTC on"),
        ("bob", 3, ""),
        ("eve", 9, "eve is no approver; asked are ann, bob"),
    ],
)
def test_only_who_is_asked_may_answer(person: str, days: int, why: str) -> None:
    assert why_may_not_answer(ASKED, person, PEOPLE, NOON + timedelta(days=days)) == why


def test_an_answer_is_given_once() -> None:
    assert why_may_not_answer(replace(ASKED, state="stayed"), "ann", PEOPLE, NOON) == "it is stayed already"
    assert not is_reminder_due(replace(ASKED, state="stayed"), PEOPLE, NOON)


def test_who_said_to_stay_is_left_in_peace_for_a_while() -> None:
    stayed = replace(ASKED, state="stayed", answered_at=NOON)

    assert not may_be_asked([ASKED], NOON)
    assert not may_be_asked([stayed], NOON + timedelta(days=6))
    assert may_be_asked([stayed], NOON + timedelta(days=7))
    assert may_be_asked([replace(ASKED, state="lapsed", answered_at=NOON)], NOON)
