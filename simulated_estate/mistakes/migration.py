"""What goes wrong when accounts are moved from one billing system to another."""

from dataclasses import replace
from datetime import date, timedelta

from simulated_estate.belief import Belief, Biller
from simulated_estate.life import events
from simulated_estate.life.author import Author
from simulated_estate.life.records import CutOver
from simulated_estate.life.stage import Mistake, Slot, Stage, Story
from simulated_estate.life.taste import plain_wish
from simulated_estate.mistakes.edits import Edit, end_on, start_on
from simulated_estate.months import add_months

WAVE = "MS-W1"


def dropped(stage: Stage) -> Slot:
    """RL-J01: the old system closed the account, and the new one never loaded it."""
    author = moved(stage, first_of_month(stage))
    mistake = Mistake("RL-J01", "closed by the old system, unknown to the new one", _lose)
    return Slot("dropped", [Story(author.finish(), (mistake,))])


def not_contiguous(stage: Stage) -> Slot:
    """RL-J05: days between the last bill of the old system and the first of the new one, or days on both."""
    day = first_of_month(stage)
    days = stage.rng.randint(4, 12)
    if stage.turn % 3 == 0:
        return _ended(stage, day, day - timedelta(days=days))
    if stage.turn % 3 == 1:
        late = day + timedelta(days=days)
        mistake = Mistake("RL-J05", f"nothing is billed from {day} to {late}", of_biller("target", start_on(late)))
        return Slot("not_contiguous", [Story(moved(stage, day).finish(), (mistake,))])
    cut = day + timedelta(days=days)
    return _ended(stage, cut, cut + timedelta(days=days))


def billed_by_both(stage: Stage) -> Slot:
    """RL-J02: the old system was never told that the new one has the account."""
    day = first_of_month(stage)
    mistake = Mistake("RL-J02", f"billed by both systems since {day}", of_biller("legacy", end_on(None)))
    return Slot("billed_by_both", [Story(moved(stage, day).finish(), (mistake,))])


def of_biller(biller: Biller, edit: Edit) -> Edit:
    """An edit of what one of the two billing systems believes."""

    def edit_one(belief: Belief) -> Belief:
        own = tuple(one for one in belief.subscriptions if one.biller == biller)
        others = tuple(one for one in belief.subscriptions if one.biller != biller)
        edited = edit(replace(belief, subscriptions=own)).subscriptions
        return replace(belief, subscriptions=edited + others if biller == "legacy" else others + edited)

    return edit_one


def _ended(stage: Stage, cut: date, last: date) -> Slot:
    note = f"the old system billed up to {last}, the new one from {cut} on"
    mistake = Mistake("RL-J05", note, of_biller("legacy", end_on(last)))
    return Slot("not_contiguous", [Story(moved(stage, cut).finish(), (mistake,))])


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
