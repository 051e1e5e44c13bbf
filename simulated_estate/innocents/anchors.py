"""Customers who are not billed by calendar months, and rightly so."""

from simulated_estate.life import events
from simulated_estate.life.author import Author
from simulated_estate.life.billed_by import another_cycle, one_cycle
from simulated_estate.life.stage import Slot, Stage, Story
from simulated_estate.life.taste import another_offering, ordinary_wish, plain_wish
from simulated_estate.mistakes.limits import later_day, old_enough


def billed_from_another_day(stage: Stage) -> Slot:
    """Looks like RL-C07: parts of a period that is no month, because the tier changed inside it."""
    author = Author(stage, cycles=one_cycle(stage.turn))
    start = old_enough(stage)
    events.install(author, start, ordinary_wish(stage))
    events.remote_change(author, later_day(stage, start), another_offering(stage, author.tier))
    return Slot("billed_from_another_day", [Story(author.finish())])


def another_bill_cycle(stage: Stage) -> Slot:
    """Looks like RL-J05 and RL-C07: some days between two bill cycles are billed as what they are."""
    author = Author(stage, cycles=another_cycle(stage) or ())
    events.install(author, stage.tenured_day(), plain_wish(stage))
    return Slot("another_bill_cycle", [Story(author.finish())])
