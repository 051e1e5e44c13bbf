"""Accounts that were moved to another billing system as they should be."""

from dataclasses import replace
from datetime import date, timedelta

from simulated_estate.life import events
from simulated_estate.life.author import Author
from simulated_estate.life.stage import Slot, Stage, Story
from simulated_estate.life.taste import ordinary_wish, plain_wish
from simulated_estate.mistakes.migration import first_of_month, moved
from simulated_estate.months import next_month


def moved_quietly(stage: Stage) -> Slot:
    """Looks like RL-J01 to RL-J05: the old system has the months before a first, the new one those since."""
    author = Author(stage)
    events.install(author, stage.tenured_day(), ordinary_wish(stage))
    return Slot("moved_quietly", [Story(moved(stage, first_of_month(stage), author).finish())])


def final_and_first_bill(stage: Stage) -> Slot:
    """Looks like RL-J02 and RL-J05: a final bill and a first one cover the same month, up to a day and from it on."""
    return Slot("final_and_first_bill", [Story(moved(stage, inside_month(stage)).finish())])


def stub_billed_later(stage: Stage) -> Slot:
    """Looks like RL-J05: the days up to the first whole month are lines of their own, on the bill after it."""
    day = inside_month(stage)
    life = moved(stage, day).finish()
    first = min(next_month(next_month(day)), stage.window.end)
    subscriptions = tuple(
        replace(one, first_bill=first) if one.biller == "target" else one for one in life.truth.subscriptions
    )
    return Slot("stub_billed_later", [Story(replace(life, truth=replace(life.truth, subscriptions=subscriptions)))])


def payment_in_flight(stage: Stage) -> Slot:
    """Looks like RL-J03: what came in on the day of the move was posted in the new system, before its balance."""
    left, found = (("receivable", 9_450),), (("receivable", 5_450),)
    author = moved(stage, first_of_month(stage), left=left, found=found, posted=4_000)
    return Slot("payment_in_flight", [Story(author.finish())])


def serial_spelled_otherwise(stage: Stage) -> Slot:
    """Looks like RL-J06: the new system was told of the same serial in small letters, or with a dash."""
    author = Author(stage)
    events.install(author, stage.tenured_day(), plain_wish(stage))
    serial = author.in_service()[1].serial
    typed = serial.lower() if stage.turn % 2 else f"{serial[:4]}-{serial[4:]}"
    return Slot(
        "serial_spelled_otherwise", [Story(moved(stage, first_of_month(stage), author, serial=typed).finish())]
    )


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
