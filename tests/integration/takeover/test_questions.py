"""A step waits for a person: asked once, told again, answered once by whoever may, void when its ground is gone."""

from datetime import timedelta

import pytest

from canonical_model.errors import ConfigurationError, UnsafeToContinue
from handoffs.plan import Step
from handoffs.questions import People, Question
from handoffs.takeover import Position
from hub.decision import Decision
from hub.takeover.questions import answer, ask_about, begin_reminder, reminders_due
from hub.workplace import Hub
from storage.takeover_questions import question_with
from tests.fakes.effects import HandClock
from tests.fakes.ready_orders import MARKET
from tests.fakes.taking_over import RIVERBEND, TakeOver

PEOPLE = People(("lee",), ("kim",))
CANARY = Step("promoted", RIVERBEND)


def asked(hub: Hub, taking: TakeOver, clock: HandClock) -> Question:
    taking.move("field_to_billing", "promoted")
    question = ask_about(hub, taking.position("field_to_billing"), CANARY, 7, clock())
    assert question is not None
    clock.move(seconds=1)
    return question


def says(
    hub: Hub, taking: TakeOver, question: Question, *, approves: bool = True, person: str = "lee", why: str = "seen"
) -> Position | None:
    return answer(hub, question.id, Decision(person, taking.clock(), why), PEOPLE, taking.gate, approves=approves)


def state_of(hub: Hub, question: Question) -> tuple[str, str | None, str]:
    with hub.database.reading() as connection:
        found = question_with(connection, question.id)
    assert found is not None
    return found.state, found.answered_by, found.why


def test_an_approved_step_is_taken_with_its_answer(hub: Hub, taking: TakeOver, clock: HandClock) -> None:
    question = asked(hub, taking, clock)
    moved = says(hub, taking, question)

    assert moved is not None
    assert (moved.stage, moved.cohort) == ("canary", RIVERBEND)
    assert state_of(hub, question) == ("approved", "lee", "seen")
    with pytest.raises(ConfigurationError, match="approved already"):
        says(hub, taking, question)


def test_whoever_says_to_stay_is_not_asked_again_at_once(hub: Hub, taking: TakeOver, clock: HandClock) -> None:
    question = asked(hub, taking, clock)
    assert says(hub, taking, question, approves=False) is None

    assert taking.position("field_to_billing").stage == "shadow"
    assert ask_about(hub, taking.position("field_to_billing"), CANARY, 8, clock()) is None
    assert ask_about(hub, taking.position("field_to_billing"), CANARY, 8, clock() + timedelta(days=7)) is not None


def test_a_question_is_asked_once(hub: Hub, taking: TakeOver, clock: HandClock) -> None:
    question = asked(hub, taking, clock)
    again = ask_about(hub, taking.position("field_to_billing"), CANARY, 9, clock())

    assert again == question


def test_what_does_not_pass_any_more_is_void(hub: Hub, taking: TakeOver, clock: HandClock) -> None:
    question = asked(hub, taking, clock)
    taking.gate.lacks = "a rule was changed"
    with pytest.raises(UnsafeToContinue, match=r"is void, nothing was moved: .*a rule was changed"):
        says(hub, taking, question)

    assert state_of(hub, question)[:2] == ("lapsed", "hub")
    assert taking.position("field_to_billing").stage == "shadow"


def test_an_answer_to_what_was_moved_meanwhile_moves_nothing(hub: Hub, taking: TakeOver, clock: HandClock) -> None:
    question = asked(hub, taking, clock)
    taking.move("field_to_billing", "given_back")
    taking.move("field_to_billing", "promoted")
    with pytest.raises(UnsafeToContinue, match="is void, nothing was moved: the hand-off was given back"):
        says(hub, taking, question)
    assert state_of(hub, question) == ("lapsed", "hub", "the hand-off was given back")


def test_who_is_not_asked_changes_nothing(hub: Hub, taking: TakeOver, clock: HandClock) -> None:
    question = asked(hub, taking, clock)
    for person, why, said in (
        ("eve", "seen", "eve is no approver"),
        ("kim", "seen", "deputy"),
        ("lee", " ", "reason"),
    ):
        with pytest.raises(ConfigurationError, match=said):
            says(hub, taking, question, person=person, why=why)

    assert state_of(hub, question)[0] == "open"
    clock.move(days=3)
    moved = says(hub, taking, question, person="kim")
    assert moved is not None, "a deputy answers where no approver has"


def test_people_are_told_until_somebody_answers(hub: Hub, taking: TakeOver, clock: HandClock) -> None:
    question = asked(hub, taking, clock)
    told = []
    for _ in range(5):
        due = reminders_due(hub, MARKET, PEOPLE, clock())
        told += [begin_reminder(hub, each, PEOPLE, clock()) for each in due]
        assert [begin_reminder(hub, each, PEOPLE, clock()) for each in due] == [None] * len(due), "another tells them"
        assert reminders_due(hub, MARKET, PEOPLE, clock()) == []
        clock.move(days=1)
    assert told == [("lee",), ("lee",), ("lee",), ("lee", "kim"), ("lee", "kim")]
    says(hub, taking, question)

    assert reminders_due(hub, MARKET, PEOPLE, clock() + timedelta(days=9)) == []
