"""Customers of the bill cycle whose bills of the last month are still to come."""

from datetime import timedelta

from simulated_estate.life import events
from simulated_estate.life.author import Author
from simulated_estate.life.ordinary import LATE_CYCLE
from simulated_estate.life.stage import Slot, Stage, Story
from simulated_estate.life.taste import ordinary_wish
from simulated_estate.mistakes.limits import old_enough


def bills_to_come(stage: Stage) -> Slot:
    """Looks like RL-B03 and RL-A01: nobody has billed the last month of the one, and nothing of the other."""
    old = Author(stage, bill_day=LATE_CYCLE)
    events.install(old, old_enough(stage), ordinary_wish(stage))
    end = stage.window.end
    new = Author(stage, bill_day=LATE_CYCLE)
    events.install(new, stage.day(end - timedelta(days=25), end - timedelta(days=3)), ordinary_wish(stage))
    return Slot("bills_to_come", [Story(old.finish()), Story(new.finish())])
