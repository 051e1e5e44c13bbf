"""What a person may answer about a link, and what becomes of it."""

from dataclasses import dataclass
from typing import Literal, get_args

LinkState = Literal["linked", "review", "apart", "lapsed"]
"""Joined; a person is asked; kept apart for good; no run finds it any more."""

Answer = Literal["accept", "reject", "undo"]
STATES: tuple[LinkState, ...] = get_args(LinkState)
OPEN: tuple[LinkState, ...] = ("review",)
"""States of an open question."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A link after an answer.

    Attributes:
        state: where it is now.
        is_decided: whether a person's answer holds from now on, whatever later runs find.
    """

    state: LinkState
    is_decided: bool


_AFTER: dict[tuple[LinkState, bool, Answer], Answered] = {
    ("review", False, "accept"): Answered("linked", is_decided=True),
    ("review", False, "reject"): Answered("apart", is_decided=True),
    ("linked", False, "accept"): Answered("linked", is_decided=True),
    ("linked", False, "reject"): Answered("apart", is_decided=True),
    # what was joined by itself comes apart by a person's word, or the next run would join it again
    ("linked", False, "undo"): Answered("apart", is_decided=True),
    ("linked", True, "reject"): Answered("apart", is_decided=True),
    ("linked", True, "undo"): Answered("review", is_decided=False),
    ("apart", True, "accept"): Answered("linked", is_decided=True),
    ("apart", True, "undo"): Answered("review", is_decided=False),
}


def after(state: LinkState, answer: Answer, *, is_decided: bool) -> Answered | None:
    """What becomes of a link; None where the answer makes no sense.

    Args:
        state: where it is.
        answer: what the person says.
        is_decided: whether a person's answer holds already.
    """
    return _AFTER.get((state, is_decided, answer))
