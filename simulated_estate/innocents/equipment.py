"""Devices that come, go and lie about as they should."""

from simulated_estate.life import events
from simulated_estate.life.author import Author
from simulated_estate.life.stage import Slot, Stage, Story
from simulated_estate.life.taste import plain_wish
from simulated_estate.mistakes.limits import later_day, old_enough


def own_router_since(stage: Stage) -> Slot:
    """Looks like RL-E02 and RL-E01: the customer's own router took the rented one's place, and the rental ended."""
    author = Author(stage)
    start = old_enough(stage, 0.4)
    events.install(author, start, plain_wish(stage, router="leased"))
    events.bring_own_router(author, later_day(stage, start))
    return Slot("own_router_since", [Story(author.finish())])
