"""One look at a market's take-over: foreign writes, harm, and whoever has to be reminded of a question."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from hub.reports.go_no_go.files import report_path
from hub.takeover.foreign.finding import find_foreign_writes
from hub.takeover.guard import GuardOutcome, guard_market
from hub.takeover.powers import people_of, powers_of
from hub.takeover.questions import Reminder, reminders_due
from hub.takeover.telling_staff import tell_staff
from hub.workplace import Hub


@dataclass(frozen=True, slots=True)
class Watched:
    """What a look came to.

    Attributes:
        guarded: the harm that was seen, and what was done about it.
        reminded: questions of which people were told.
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
    reminders = reminders_due(hub, market, people_of(hub, market), now)
    for each in reminders:
        _tell(hub, each, now)
    return Watched(guarded, len(reminders))


def _tell(hub: Hub, reminder: Reminder, now: datetime) -> None:
    """A reminder by mail; where no system takes messages the question stands in the list all the same."""
    question = reminder.question
    what = f"the canary for {question.cohort}" if question.stage == "canary" else question.stage
    title = f"{question.market} {question.handoff.replace('_', ' ')}: approve {what}?"
    command = f"splice market report {question.market} {question.handoff}"
    body = (
        f"Asked are: {', '.join(reminder.people)}. Nothing moves until somebody approves. What it rests on is in the"
        f" report; `{command}` writes it as of now."
    )
    report = report_path(hub, question.market, question.handoff, question.verdict_id)
    told_at = f"question-{question.id}/{now:%Y%m%dT%H%M%S}"
    tell_staff(hub, question.market, title, body, lambda place, _address: f"{told_at}/{place}", now, report)
