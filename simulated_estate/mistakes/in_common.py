"""Mistakes that many customers share: one crew makes them, or one line of a price list.

All others fall on customers evenly. These fall on those of one crew and of one plan, some in each block of the cast
but the first, so that an estate of some blocks has something in common to find.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from simulated_estate.life import events
from simulated_estate.life.author import Author
from simulated_estate.life.fieldwork import crew_name, done_by
from simulated_estate.life.stage import Slot, Stage, Story
from simulated_estate.life.taste import plain_wish, stepped
from simulated_estate.mistakes.amounts import wrong_price
from simulated_estate.mistakes.limits import old_enough
from simulated_estate.mistakes.tiers import tier_kept
from simulated_estate.months import Window, add_months

GENEROUS_CREW = 4
MISPRICED_PLAN = "air-200"
_CHARGED_TOO_LITTLE = Decimal("-5.00")


def sold_at_the_door(stage: Stage) -> Slot:
    """RL-C03 by one crew: it installs a faster tier than was ordered, and tells of it on the tablet only."""
    author = Author(stage)
    ordered, delivered = stepped(stage, up=True)
    events.install(author, old_enough(stage, 0.4), plain_wish(stage, offering=delivered, ordered=ordered))
    author.jobs = [done_by(job, GENEROUS_CREW, stage.rng) for job in author.jobs]
    mistake = replace(tier_kept(ordered), shared=f"crew {crew_name(GENEROUS_CREW)}")
    return Slot("sold_at_the_door", [Story(author.finish(), (mistake,))])


def priced_by_the_wrong_line(stage: Stage) -> Slot:
    """RL-C05 on one plan: since one day billing charges its customers less than any price list says."""
    author = Author(stage)
    since = mispriced_from(stage.window)
    events.install(author, stage.tenured_day(), plain_wish(stage, offering=MISPRICED_PLAN))
    mistake = replace(wrong_price(MISPRICED_PLAN, _CHARGED_TOO_LITTLE, since), shared=f"offering {MISPRICED_PLAN}")
    return Slot("priced_by_the_wrong_line", [Story(author.finish(), (mistake,))])


def mispriced_from(window: Window) -> date:
    """The first of the month since which the plan is billed wrong: a third of the window is left."""
    return add_months(window.end, -max(1, window.months // 3))
