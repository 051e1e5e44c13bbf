"""Courtesy accounts that ended, or went on, as it was approved."""

from datetime import timedelta

from simulated_estate.life import events
from simulated_estate.life.author import Author
from simulated_estate.life.records import PriceException
from simulated_estate.life.stage import Slot, Stage, Story
from simulated_estate.life.taste import plain_wish
from simulated_estate.mistakes.courtesy import free_until_a_day
from simulated_estate.mistakes.limits import later_day, old_enough


def courtesy_ended(stage: Stage) -> Slot:
    """Looks like RL-B10 and RL-A02: free for a while, and billed from the day on which that was over."""
    _, life = free_until_a_day(stage)
    return Slot("courtesy_ended", [Story(life)])


def courtesy_renewed(stage: Stage) -> Slot:
    """Looks like RL-B10: one approval is over, and another took its place the same day."""
    author = Author(stage, segment="internal", has_bills=False)
    start = old_enough(stage, 0.5)
    events.install(author, start, plain_wish(stage, is_fee_waived=True))
    first = later_day(stage, start)
    later = None if stage.turn % 2 == 0 else stage.window.end + timedelta(days=90)
    for since, until in ((start, first), (first, later)):
        author.exceptions.append(PriceException("courtesy_account", None, None, since, until, author.approver()))
    return Slot("courtesy_renewed", [Story(author.finish())])
