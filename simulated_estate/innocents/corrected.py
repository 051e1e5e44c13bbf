"""Mistakes of the past that cost nobody anything any more, because billing has put them right."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from simulated_estate.belief import FixedRate, Item
from simulated_estate.catalogue import PRODUCTS
from simulated_estate.life import events
from simulated_estate.life.author import Author
from simulated_estate.life.stage import Slot, Stage, Story
from simulated_estate.life.taste import plain_wish
from simulated_estate.mistakes.corrected import corrected, whole_month
from simulated_estate.mistakes.doubled import doubled
from simulated_estate.mistakes.limits import days_late, late_start, later_day, old_enough
from simulated_estate.months import next_month


def duplicate_given_back(stage: Stage) -> Slot:
    """Looks like RL-B05: a second subscription that was closed; adjustments gave back every cent of it."""
    author = Author(stage)
    start = old_enough(stage)
    events.install(author, start, plain_wish(stage))
    day = later_day(stage, start, left=40)
    mistake = doubled(author, day, day + timedelta(days=stage.rng.randint(10, 39)))
    story = Story(author.finish(), (mistake,))
    return Slot("duplicate_given_back", [corrected(story, stage, "DUPLICATE CHARGE", monthly=stage.turn % 2 == 1)])


def charged_afterwards(stage: Stage) -> Slot:
    """Looks like RL-A02: billing began late, and the days before were charged in one amount."""
    author = Author(stage)
    start = stage.early_day(left=60)
    events.install(author, start, plain_wish(stage))
    story = Story(author.finish(), (late_start(days_late(stage, start)),))
    return Slot("charged_afterwards", [corrected(story, stage, "BACK BILLING", monthly=False)])


def billed_anew(stage: Stage) -> Slot:
    """Looks like RL-C05: a month at a price from nowhere, taken back line by line and billed again rightly."""
    author = Author(stage)
    start = old_enough(stage)
    events.install(author, start, plain_wish(stage))
    month = whole_month(stage, start)
    life = author.finish()
    first = life.truth.subscriptions[-1]
    rate = FixedRate(PRODUCTS[author.tier].price_on(month) + Decimal("9.00"))
    wrong = replace(
        first,
        start=month,
        end=next_month(month),
        items=(Item(author.tier, rates=(rate,)),),
        fees=(),
        credited_on=min(next_month(next_month(month)), stage.window.end),
    )
    truth = replace(life.truth, subscriptions=(*life.truth.subscriptions, wrong))
    return Slot("billed_anew", [Story(replace(life, truth=truth))])
