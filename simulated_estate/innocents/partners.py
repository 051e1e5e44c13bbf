"""Partners who ask for what is in service."""

from simulated_estate.catalogue import STATIC_IP
from simulated_estate.life import events
from simulated_estate.life.author import Author
from simulated_estate.life.stage import Slot, Stage, Story
from simulated_estate.life.taste import plain_wish
from simulated_estate.mistakes.limits import later_day
from simulated_estate.mistakes.partners import asked_each_month


def partner_lines_in_use(stage: Stage) -> Slot:
    """Looks like RL-H01 and RL-H03: a line of another company and a lent address, both in service."""
    author = _customer(stage)
    end = stage.window.end
    author.partner_lines = asked_each_month(author, None, end) + asked_each_month(author, STATIC_IP, end)
    return Slot("partner_lines_in_use", [Story(author.finish())])


def partner_lines_of_the_last_month(stage: Stage) -> Slot:
    """Looks like RL-H01 and RL-H03: the whole month of the cease is asked for, and no later one."""
    author = _customer(stage)
    day = later_day(stage, stage.window.start)
    events.cease(author, day)
    author.partner_lines = asked_each_month(author, None, day) + asked_each_month(author, STATIC_IP, day)
    return Slot("partner_lines_of_the_last_month", [Story(author.finish())])


def _customer(stage: Stage) -> Author:
    author = Author(stage)
    events.install(author, stage.tenured_day(), plain_wish(stage, addons=(STATIC_IP,)))
    return author
