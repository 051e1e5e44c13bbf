"""One look at a market's take-over: foreign writes, harm, and whoever has to be reminded of what waits for people."""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from canonical_model.errors import RetryableError
from handoffs.questions import Question
from hub.takeover.foreign.finding import find_foreign_writes
from hub.takeover.guard import GuardOutcome, guard_market
from hub.takeover.leading import look_on
from hub.takeover.powers import people_of, powers_of
from hub.takeover.questions import begin_reminder, reminders_due
from hub.takeover.stopped_lines import remind_of_stops
from hub.takeover.telling_staff import tell_staff
from hub.workplace import Hub

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Watched:
    """What a look came to.

    Attributes:
        guarded: the harm that was seen, and what was done about it.
        reminded: questions, and lines that stand still, of which people were told again.
    """

    guarded: GuardOutcome
    reminded: int


def watch_takeover(hub: Hub, market: str, now: datetime, works: Collection[str] | None = None) -> Watched:
    """Look for harm in what the hub does in a market, do what the rules say, and remind who is asked.

    It may look at any time and in several processes at once: what it does is done once.

    Args:
        hub: the operator's hub.
        market: where.
        now: this moment.
        works: only these, as at an event about them; None for the whole market.

    Raises:
        ConfigurationError: there is no such market, or our own policy is wrong.
        RetryableError: the database is out of reach.
    """
    if works is not None:
        return Watched(guard_market(hub, market, now, powers_of(hub), works), 0)
    find_foreign_writes(hub, market, now)
    guarded = guard_market(hub, market, now, powers_of(hub))
    due = reminders_due(hub, market, people_of(hub, market), now)
    asked = sum(_reminded(hub, each, now) for each in due)
    return Watched(guarded, asked + remind_of_stops(hub, market, now))


def _reminded(hub: Hub, due: Question, now: datetime) -> bool:
    """Judge the gate anew and tell who is asked, with the report of now; whether anybody was told.

    What does not pass any more is asked no more; where it cannot be judged now it is tried again at the next look.
    """
    try:
        look = look_on(hub, due.market, due.handoff, now)
    except RetryableError as error:
        log.warning("nobody was reminded", extra={"question": due.id, "why": str(error)})
        return False
    if look.question is None or look.report is None:
        return False
    asked = begin_reminder(hub, look.question, people_of(hub, due.market), now)
    if asked is None:
        return False
    _tell(hub, look.question, asked, look.report, now)
    return True


def _tell(hub: Hub, question: Question, asked: tuple[str, ...], report: Path, now: datetime) -> None:
    """A reminder by mail; where no system takes messages the question stands in the list all the same."""
    what = f"the canary for {question.cohort}" if question.stage == "canary" else question.stage
    title = f"{question.market} {question.handoff.replace('_', ' ')}: approve {what}?"
    command = f"splice market report {question.market} {question.handoff}"
    body = (
        f"Asked are: {', '.join(asked)}. Nothing moves until somebody approves. What it rests on is in the"
        f" report; `{command}` writes it as of now."
    )
    told_at = f"question-{question.id}/{now:%Y%m%dT%H%M%S}"
    tell_staff(hub, question.market, title, body, lambda place, _address: f"{told_at}/{place}", now, report)
