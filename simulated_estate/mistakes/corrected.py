"""Mistakes that somebody noticed: what billing gave back for them, or charged afterwards, and what it did not."""

from dataclasses import replace
from datetime import date, timedelta

from simulated_estate.belief import Belief
from simulated_estate.biller import missing
from simulated_estate.life import events
from simulated_estate.life.author import Author
from simulated_estate.life.stage import Correction, Mistake, Slot, Stage, Story
from simulated_estate.life.taste import plain_wish
from simulated_estate.mistakes.doubled import doubled
from simulated_estate.mistakes.edits import imagine
from simulated_estate.mistakes.limits import later_day, old_enough
from simulated_estate.months import next_month

_GIVEN_BACK = (-2500, -3000, -1250)


def partly_credited(stage: Stage) -> Slot:
    """RL-B05: the customer complained about a second subscription and got something, and it is still open."""
    author = Author(stage)
    start = old_enough(stage)
    events.install(author, start, plain_wish(stage))
    day = later_day(stage, start, left=35)
    mistake = doubled(author, day, None)
    credit = Correction(_GIVEN_BACK[stage.turn % len(_GIVEN_BACK)], noticed(stage, day), "DUPLICATE CHARGE")
    return Slot("partly_credited", [Story(author.finish(), (mistake,), (credit,))])


def run_twice(stage: Stage) -> Slot:
    """RL-B05: one bill run took an account twice, so that the same lines stand on two bills of one subscription."""
    author = Author(stage)
    start = old_enough(stage)
    events.install(author, start, plain_wish(stage))
    month = whole_month(stage, start)
    life = author.finish()
    again = replace(life.truth.subscriptions[-1], start=month, end=next_month(month), fees=())
    double = Belief(author.account, stage.market.id, (again,))
    mistake = Mistake("RL-B05", f"{month:%B %Y} billed twice by one subscription", imagine(double))
    return Slot("run_twice", [Story(life, (mistake,))])


def whole_month(stage: Stage, start: date) -> date:
    """A month of the window that begins after a start of service."""
    months = [month for month in stage.window.firsts() if month > start]
    return stage.rng.choice(months)


def noticed(stage: Stage, day: date) -> date:
    """When the first bill after a day was complained about."""
    return min(next_month(day) + timedelta(days=9), stage.window.end + timedelta(days=3))


def corrected(story: Story, stage: Stage, reason: str, *, monthly: bool) -> Story:
    """The same story with all of its money made good: in one amount after the last bill, or a week after each."""
    (mistake,) = story.mistakes
    costs = missing(story.life.truth, mistake.apply(story.life.truth), stage.window)
    last = stage.window.end + timedelta(days=3)
    if not monthly:
        return replace(story, corrections=(Correction(sum(costs.values()), last, reason),))
    posted = ((cents, min(next_month(month) + timedelta(days=7), last)) for month, cents in costs.items())
    return replace(story, corrections=tuple(Correction(cents, day, reason) for cents, day in posted))
