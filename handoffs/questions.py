"""A step that waits for a person: who is asked, when again, and that silence means to stay; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

from handoffs.cohort import Cohort
from handoffs.stages import Handoff, TakeoverStage
from handoffs.takeover import MoveKind

QuestionState = Literal["open", "approved", "stayed", "lapsed"]
"""Not answered; answered by a person; or void, as what it rested on has changed."""


class Asked(Protocol):
    """What waits, or waited, for a person: a step of a hand-off, or a wave of an acquisition."""

    @property
    def state(self) -> QuestionState:
        """Whether it is answered."""

    @property
    def asked_at(self) -> datetime:
        """When it was asked."""

    @property
    def reminded_at(self) -> datetime | None:
        """When somebody was told last."""

    @property
    def answered_at(self) -> datetime | None:
        """When it was answered."""


@dataclass(frozen=True, slots=True)
class Question:
    """Whether a hand-off shall go one step on.

    Attributes:
        kind, stage, cohort: the move that is asked about, and what would be behind it.
        verdict_id: of the gate that it rests on.
        asked_at: when it was asked; with each reminder it is asked again.
        reminded_at: when somebody was told last.
        answered_by, why: of the answer.
    """

    id: int
    market: str
    handoff: Handoff
    kind: MoveKind
    stage: TakeoverStage
    cohort: Cohort
    verdict_id: int
    asked_at: datetime
    state: QuestionState = "open"
    reminded_at: datetime | None = None
    answered_at: datetime | None = None
    answered_by: str | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class People:
    """Who decides about the steps of a market.

    Attributes:
        approvers: are asked first.
        deputies: are asked too where no approver has answered for a while.
        remind_every: how often they are told again.
        deputies_after: how long an approver has.
    """

    approvers: tuple[str, ...] = ()
    deputies: tuple[str, ...] = ()
    remind_every: timedelta = timedelta(days=1)
    deputies_after: timedelta = timedelta(days=3)


STAY_FOR = timedelta(days=7)
"""So long nobody is asked again about a step after a person has said to stay."""


def who_is_asked(question: Asked, people: People, now: datetime) -> tuple[str, ...]:
    """Who may answer at this moment."""
    if now - question.asked_at < people.deputies_after:
        return people.approvers
    return (*people.approvers, *(each for each in people.deputies if each not in people.approvers))


def is_reminder_due(question: Asked, people: People, now: datetime) -> bool:
    """Whether those who are asked are told again: at the beginning, regularly, and once deputies are asked too."""
    if question.state != "open":
        return False
    last = question.reminded_at
    if last is None or now - last >= people.remind_every:
        return True
    deputies_at = question.asked_at + people.deputies_after
    return bool(people.deputies) and last < deputies_at <= now


def why_may_not_answer(question: Asked, person: str, people: People, now: datetime) -> str:
    """What keeps a person from answering; empty where nothing does."""
    if question.state != "open":
        return f"it is {question.state} already"
    asked = who_is_asked(question, people, now)
    if person in asked:
        return ""
    if person in people.deputies:
        at = question.asked_at + people.deputies_after
        return f"{person} is a deputy, and is asked from {at:%Y-%m-%d %H:%M} UTC on"
    return f"{person} is no approver; asked are {', '.join(asked) or 'nobody: no approver is named'}"


def may_be_asked(earlier: Sequence[Asked], now: datetime) -> bool:
    """Whether a step may be asked about: nothing is open, and nobody has said to stay a short while ago."""
    if any(each.state == "open" for each in earlier):
        return False
    stayed = [each.answered_at for each in earlier if each.state == "stayed" and each.answered_at is not None]
    return not stayed or now - max(stayed) >= STAY_FOR
