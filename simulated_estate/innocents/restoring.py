"""Lines that are dark, or live, as it should be."""

from dataclasses import replace
from datetime import date, timedelta

from simulated_estate.life import absences, events
from simulated_estate.life.author import Author
from simulated_estate.life.stage import Slot, Stage, Story
from simulated_estate.life.taste import plain_wish
from simulated_estate.mistakes.agreements import HOLD_RATES
from simulated_estate.mistakes.limits import later_day, old_enough


def cut_and_not_paid(stage: Stage) -> Slot:
    """Looks like RL-G02: the line is locked, and nobody has paid."""
    author, start = _customer(stage)
    absences.cut_off_and_locked(author, later_day(stage, start), None)
    return Slot("cut_and_not_paid", [Story(author.finish())])


def restored_and_unused(stage: Stage) -> Slot:
    """Looks like RL-G02: paid and unlocked, and the customer has not switched anything on since."""
    author, start = _customer(stage)
    day = later_day(stage, start, left=45)
    events.suspend(author, day, day + timedelta(days=stage.rng.randint(3, 25)))
    events.darken(author, day, "down")
    return Slot("restored_and_unused", [Story(author.finish())])


def locked_for_another_reason(stage: Stage) -> Slot:
    """Looks like RL-G02: cut off once, paid, used for weeks, and locked for a repair in these days."""
    author, start = _customer(stage)
    day = later_day(stage, start, left=45)
    events.suspend(author, day, day + timedelta(days=stage.rng.randint(3, 25)))
    author.amend_device(is_locked=True, state="down")
    return Slot("locked_for_another_reason", [Story(author.finish())])


def back_and_told(stage: Stage) -> Slot:
    """Looks like RL-G04: back before the season was over, and the hold was ended on that day."""
    author, start = _customer(stage)
    first = later_day(stage, start, left=50)
    absences.hold(author, HOLD_RATES[stage.turn % 2], first, None)
    back = first + timedelta(days=stage.rng.randint(10, 35))
    absences.come_back(author, back)
    author.exceptions[-1] = replace(author.exceptions[-1], end=back)
    return Slot("back_and_told", [Story(author.finish())])


def away_a_day_later(stage: Stage) -> Slot:
    """Looks like RL-G04: a season away that began with a last evening at home."""
    author, start = _customer(stage)
    first = later_day(stage, start)
    absences.hold(author, HOLD_RATES[stage.turn % 2], first, None)
    events.darken(author, first + timedelta(days=1), "down")
    return Slot("away_a_day_later", [Story(author.finish())])


def _customer(stage: Stage) -> tuple[Author, date]:
    author = Author(stage)
    start = old_enough(stage)
    events.install(author, start, plain_wish(stage))
    return author, start
