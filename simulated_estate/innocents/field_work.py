"""Orders that are late and not stuck, and trucks that had to drive twice."""

from dataclasses import replace
from datetime import timedelta

from simulated_estate.life import events
from simulated_estate.life.author import Author
from simulated_estate.life.fieldwork import REPAIR_CAUSES
from simulated_estate.life.stage import Slot, Stage, Story
from simulated_estate.life.taste import ordinary_wish
from simulated_estate.mistakes.field_work import open_job, ordered_for_soon
from simulated_estate.mistakes.limits import later_day, old_enough


def waiting_a_little(stage: Stage) -> Slot:
    """Looks like RL-A04: the promised day has passed, a few days ago."""
    author = Author(stage)
    today = stage.window.as_of.astimezone(stage.market.zone).date()
    order = events.place(author, today - timedelta(days=stage.rng.randint(1, 13)), ordinary_wish(stage))
    open_job(author, order, stage.moment(order.effective, 9, 15), "on_hold", "1A facility shortage")
    return Slot("waiting_a_little", [Story(author.finish())])


def quote_of_long_ago(stage: Stage) -> Slot:
    """Looks like RL-A04: nobody ever ordered what was drafted months ago."""
    author = Author(stage)
    order = events.place(author, stage.window.end - timedelta(days=stage.rng.randint(40, 120)), ordinary_wish(stage))
    author.amend_order(replace(order, state="draft"))
    return Slot("quote_of_long_ago", [Story(author.finish())])


def repaired_twice(stage: Stage) -> Slot:
    """Looks like RL-I02: two repairs, weeks apart for one cause or days apart for two."""
    author = Author(stage)
    start = old_enough(stage)
    events.install(author, start, ordinary_wish(stage))
    first = later_day(stage, start, left=85)
    one, other = stage.rng.sample(REPAIR_CAUSES, 2)
    is_another = stage.turn % 2 == 0
    days = stage.rng.randint(4, 25) if is_another else stage.rng.randint(34, 60)
    events.repair(author, first, has_new_device=False, cause=one)
    events.repair(author, first + timedelta(days=days), has_new_device=False, cause=other if is_another else one)
    return Slot("repaired_twice", [Story(author.finish())])


def made_anew(stage: Stage) -> Slot:
    """Looks like RL-I03: two work orders for one order, the first of them called off."""
    author = Author(stage)
    order = ordered_for_soon(author)
    scheduled = stage.moment(order.effective, 9, 15)
    open_job(author, order, scheduled, "cancelled")
    open_job(author, order, scheduled, "scheduled")
    return Slot("made_anew", [Story(author.finish())])
