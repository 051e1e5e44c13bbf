"""Bills that vary, and have their reason."""

from datetime import timedelta
from decimal import Decimal

from simulated_estate.life import events
from simulated_estate.life.author import Author
from simulated_estate.life.stage import Slot, Stage, Story
from simulated_estate.life.taste import plain_wish
from simulated_estate.mistakes.patterns import billed_for_months


def bill_of_a_busy_month(stage: Stage) -> Slot:
    """Looks like RL-C12: some outlets and a visit in one month, as they come."""
    author, day = billed_for_months(stage)
    events.add_outlets(author, day, stage.rng.randint(2, 5))
    events.visit_for_own_equipment(author, day + timedelta(days=1))
    return Slot("bill_of_a_busy_month", [Story(author.finish())])


def a_house_of_outlets(stage: Stage) -> Slot:
    """Looks like RL-C12: a dozen outlets on the first bill of a new customer, with nothing to hold it against."""
    author = Author(stage)
    start = stage.early_day(left=60)
    events.install(author, start, plain_wish(stage))
    events.add_outlets(author, start + timedelta(days=1), stage.rng.randint(10, 14))
    return Slot("a_house_of_outlets", [Story(author.finish())])


def a_large_discount(stage: Stage) -> Slot:
    """Looks like RL-C12: a discount that leaves little to pay, and something."""
    author, day = billed_for_months(stage)
    events.grant(author, Decimal("-40.00"), day, day + timedelta(days=stage.rng.randint(40, 70)))
    return Slot("a_large_discount", [Story(author.finish())])
