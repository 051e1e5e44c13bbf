"""A person's answers: which are possible where, and what holds afterwards."""

from typing import get_args

import pytest

from identity.answers import STATES, Answer, LinkState, after


@pytest.mark.parametrize(
    ("state", "is_decided", "answer", "then", "decided_then"),
    [
        ("review", False, "accept", "linked", True),
        ("review", False, "reject", "apart", True),
        ("linked", False, "undo", "apart", True),
        ("linked", True, "undo", "review", False),
        ("apart", True, "undo", "review", False),
        ("apart", True, "accept", "linked", True),
    ],
)
def test_answers(state: LinkState, is_decided: bool, answer: Answer, then: LinkState, decided_then: bool) -> None:
    answered = after(state, answer, is_decided=is_decided)
    assert answered is not None
    assert (answered.state, answered.is_decided) == (then, decided_then)


def test_what_was_answered_can_be_taken_back_and_what_lapsed_cannot_be_answered() -> None:
    for state in STATES:
        for answer in get_args(Answer):
            for is_decided in (False, True):
                answered = after(state, answer, is_decided=is_decided)
                if state == "lapsed":
                    assert answered is None
                elif answered is not None and answered.is_decided:
                    assert after(answered.state, "undo", is_decided=True) is not None
