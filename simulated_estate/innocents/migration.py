"""Accounts that were moved to another billing system as they should be."""

from datetime import date, timedelta

from simulated_estate.life import events
from simulated_estate.life.author import Author
from simulated_estate.life.stage import Slot, Stage, Story
from simulated_estate.life.taste import ordinary_wish, plain_wish
from simulated_estate.mistakes.migration import first_of_month, moved


def moved_quietly(stage: Stage) -> Slot:
    """Looks like RL-J01 to RL-J05: the old system has the months before a first, the new one those since."""
    author = Author(stage)
    events.install(author, stage.tenured_day(), ordinary_wish(stage))
    return Slot("moved_quietly", [Story(moved(stage, first_of_month(stage), author).finish())])


def final_and_first_bill(stage: Stage) -> Slot:
    """Looks like RL-J02 and RL-J05: a final bill and a first one cover the same month, up to a day and from it on."""
    return Slot("final_and_first_bill", [Story(moved(stage, inside_month(stage)).finish())])


def left_before_the_cut(stage: Stage) -> Slot:
    """Looks like RL-J01: on the list of those to be moved, and gone before; there was nothing to take over."""
    author = Author(stage)
    events.install(author, stage.tenured_day(), plain_wish(stage))
    day = first_of_month(stage)
    events.cease(author, stage.window.start + timedelta(days=9))
    return Slot("left_before_the_cut", [Story(moved(stage, day, author).finish())])


def inside_month(stage: Stage) -> date:
    """A day in the middle of the month in which accounts are moved."""
    return first_of_month(stage) + timedelta(days=stage.rng.randint(8, 19))
