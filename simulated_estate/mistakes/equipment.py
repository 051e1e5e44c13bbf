"""Devices that are billed and not there, there and not billed, or not where anybody believes them to be."""

from simulated_estate.catalogue import RENTAL
from simulated_estate.life import events
from simulated_estate.life.author import Author
from simulated_estate.life.stage import Mistake, Slot, Stage, Story
from simulated_estate.life.taste import plain_wish
from simulated_estate.mistakes.edits import also_charge, prolong
from simulated_estate.mistakes.limits import later_day, old_enough


def own_router_rented(stage: Stage) -> Slot:
    """RL-E02: the router is the customer's own, from the beginning or since a visit, and a rental is billed."""
    author = Author(stage)
    start = old_enough(stage, 0.4)
    if stage.turn % 2 == 0:
        events.install(author, start, plain_wish(stage, router="customer"))
        mistake = Mistake("RL-E02", "rental billed for the customer's own router", also_charge(RENTAL))
    else:
        events.install(author, start, plain_wish(stage, router="leased"))
        day = later_day(stage, start)
        events.bring_own_router(author, day)
        mistake = Mistake(
            "RL-E02", f"rental billed on after {day}, the router is the customer's", prolong(RENTAL, None)
        )
    return Slot("own_router_rented", [Story(author.finish(), (mistake,))])
