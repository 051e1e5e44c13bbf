"""What goes wrong when accounts are moved from one billing system to another."""

from dataclasses import replace
from datetime import date

from simulated_estate.belief import Belief
from simulated_estate.life import events
from simulated_estate.life.author import Author
from simulated_estate.life.records import CutOver
from simulated_estate.life.stage import Mistake, Slot, Stage, Story
from simulated_estate.life.taste import plain_wish
from simulated_estate.months import add_months

WAVE = "MS-W1"


def dropped(stage: Stage) -> Slot:
    """RL-J01: the old system closed the account, and the new one never loaded it."""
    author = moved(stage, first_of_month(stage))
    mistake = Mistake("RL-J01", "closed by the old system, unknown to the new one", _lose)
    return Slot("dropped", [Story(author.finish(), (mistake,))])


def moved(stage: Stage, day: date, author: Author | None = None) -> Author:
    """A customer of years who is moved on a day, without a fault."""
    if author is None:
        author = Author(stage)
        events.install(author, stage.tenured_day(), plain_wish(stage))
    author.cut_over = CutOver(day, WAVE)
    return author


def first_of_month(stage: Stage) -> date:
    """The first of one of the last billed months, with a whole month before it."""
    return add_months(stage.window.end, -1 - (stage.turn + 1) % min(3, stage.window.months - 1))


def _lose(belief: Belief) -> Belief:
    kept = tuple(one for one in belief.subscriptions if one.biller == "legacy")
    return replace(belief, subscriptions=kept)
