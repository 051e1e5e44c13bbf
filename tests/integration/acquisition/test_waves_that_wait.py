"""A wave waits for a person: asked once, answered once by whoever may, void where something lacks."""

from dataclasses import replace
from datetime import timedelta

import pytest

from canonical_model.errors import ConfigurationError, UnsafeToContinue
from handoffs.acquisition.waves import WaveQuestion, open_wave, standings, wave_before
from hub.acquisition.answering import answer_wave, asked_now, open_wave_question, remind_of_waves, tell_of_waves
from hub.acquisition.leading import look_on_acquisition, wave_standings
from hub.decision import Decision
from storage.wave_questions import ask_about_wave, end_wave_question, note_wave_reminder, wave_questions
from tests.fakes.command_line import CommandLine
from tests.fakes.identities import NOON, Believed
from tests.fakes.small_operator import MARKET

ASKED = WaveQuestion(0, MARKET.id, "W1", "begin", NOON, "[]", NOON)


def asked(believed: Believed, question: WaveQuestion = ASKED) -> WaveQuestion:
    with believed.hub.open() as hub, hub.database.writing() as connection:
        return ask_about_wave(connection, question)


def states(believed: Believed) -> list[tuple[str, str | None]]:
    with believed.hub.open() as hub, hub.database.reading() as connection:
        return [(each.state, each.answered_by) for each in wave_questions(connection, MARKET.id)]


def says(believed: Believed, question: WaveQuestion, person: str = "ann", *, approves: bool, days: int = 0) -> None:
    decision = Decision(person, NOON + timedelta(days=days), "seen")
    with believed.hub.open() as hub:
        answer_wave(hub, question.id, decision, approves=approves)


def test_a_market_is_asked_about_one_wave_at_a_time(believed: Believed) -> None:
    first = asked(believed)
    assert first.id == 1
    with pytest.raises(UnsafeToContinue, match="is open already"):
        asked(believed, replace(ASKED, wave="W2"))


def test_whoever_says_to_stay_changes_nothing(believed: Believed) -> None:
    question = asked(believed)
    with pytest.raises(ConfigurationError, match="eve is no approver; asked are ann"):
        says(believed, question, "eve", approves=False)
    with pytest.raises(ConfigurationError, match="bob is a deputy"):
        says(believed, question, "bob", approves=False)
    says(believed, question, "bob", approves=False, days=4)
    assert states(believed) == [("stayed", "bob")]
    with pytest.raises(ConfigurationError, match="it is stayed already"):
        says(believed, question, approves=True)


def test_an_approval_of_what_nobody_has_shown_is_void(believed: Believed) -> None:
    question = asked(believed)
    with pytest.raises(UnsafeToContinue, match=r"nothing was decided: sources: .* was never pulled"):
        says(believed, question, approves=True)
    assert states(believed) == [("lapsed", "hub")]
    with believed.hub.open() as hub:
        assert wave_standings(hub, MARKET.id)[0].begun is None


def test_a_look_lets_a_question_lapse_whose_ground_is_gone_and_says_what_lacks(believed: Believed) -> None:
    asked(believed)
    with believed.hub.open() as hub:
        look = look_on_acquisition(hub, MARKET.id, NOON)
        assert open_wave_question(hub, MARKET.id) is None
    assert look.question is None
    assert look.said.startswith("wave W1: sources: 0 of 4 streams are whole")
    assert states(believed) == [("lapsed", "hub")]


def test_people_are_reminded_once_a_day(believed: Believed) -> None:
    asked(believed)
    with believed.hub.open() as hub:
        told = [tell_of_waves(hub, MARKET.id, NOON + timedelta(hours=hours)) for hours in (0, 1, 25)]
    assert told == [1, 0, 1]


def test_nobody_is_reminded_of_what_lacks_something_by_now(believed: Believed) -> None:
    question = asked(believed)
    with believed.hub.open() as hub:
        assert remind_of_waves(hub, MARKET.id, NOON) == 0
    assert states(believed) == [("lapsed", "hub")], f"question {question.id} has no ground: nothing was pulled yet"


def test_two_that_look_at_once_remind_once(believed: Believed) -> None:
    question = asked(believed)
    with believed.hub.open() as hub, hub.database.writing() as connection:
        told = [note_wave_reminder(connection, question, NOON) for _ in range(2)]
    assert told == [True, False]


def test_while_approvers_are_away_nothing_begins_and_after_three_days_a_deputy_is_asked(believed: Believed) -> None:
    """Scenario 48: a question does not run out, is told again each day, and who says nothing says to stay."""
    question = asked(believed)
    with believed.hub.open() as hub:
        days = [NOON + timedelta(days=day, hours=1) for day in range(5)]
        assert [tell_of_waves(hub, MARKET.id, day) for day in days] == [1] * 5
        who = [asked_now(hub, question, day) for day in days]
        assert who == [("ann",)] * 3 + [("ann", "bob")] * 2
        assert open_wave_question(hub, MARKET.id) == replace(question, reminded_at=days[-1])
        assert wave_standings(hub, MARKET.id)[0].begun is None
    says(believed, question, "bob", approves=False, days=30)
    assert states(believed) == [("stayed", "bob")], "a month later it can still be answered"


def test_waves_follow_each_other() -> None:
    begun = replace(ASKED, id=1, state="approved")
    signed = replace(begun, id=2, phase="sign_off")
    at_work = [open_wave(standings(("W1", "W2"), those)) for those in ((), (begun,), (begun, signed))]
    assert [(each.wave, each.phase) for each in at_work if each] == [
        ("W1", "begin"), ("W1", "sign_off"), ("W2", "begin"),
    ]  # fmt: skip
    assert wave_before(standings(("W1", "W2"), (begun,)), "W2") == "W1"
    assert wave_before(standings(("W1", "W2"), (begun, signed)), "W2") == ""
    both = (begun, signed, replace(begun, id=3, wave="W2"), replace(signed, id=4, wave="W2"))
    assert open_wave(standings(("W1", "W2"), both)) is None


def test_a_wave_is_begun_once(believed: Believed) -> None:
    for number in (1, 2):
        question = asked(believed)
        with believed.hub.open() as hub, hub.database.writing() as connection:
            if number == 2:
                with pytest.raises(Exception, match=r"(?i)unique|duplicate"), connection.begin_nested():
                    end_wave_question(connection, question.id, "approved", NOON, "ann", "twice")
                return
            end_wave_question(connection, question.id, "approved", NOON, "ann", "seen")


def test_at_the_command_line(believed: Believed, splice: CommandLine) -> None:
    believed.pull()
    shown = " ".join(splice.other("acquisition", "show", MARKET.id).output.split())
    assert shown == "Wave Begun Signed W1 no no W2 no no"
    steps = " ".join(splice.other("acquisition", "show", MARKET.id, "W2").output.split())
    assert "wave W1 comes first and is not signed" in steps
    led = splice.other("acquisition", "lead", MARKET.id).output
    assert "wave W1: " in led
    refused = splice.other("acquisition", "propose", MARKET.id).exception
    assert isinstance(refused, ConfigurationError)
    assert "was never reconciled" in str(refused)
    nobody = splice.other("acquisition", "approve", "7", "--why", "x").exception
    assert isinstance(nobody, ConfigurationError)
    assert "there is no question 7" in str(nobody)
