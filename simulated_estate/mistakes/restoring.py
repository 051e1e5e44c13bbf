"""Customers who paid and stay cut off, and those who came back before their season was over."""

from datetime import timedelta

from simulated_estate.belief import FixedRate
from simulated_estate.life import absences, events
from simulated_estate.life.author import Author
from simulated_estate.life.stage import Mistake, Slot, Stage, Story
from simulated_estate.life.taste import plain_wish
from simulated_estate.mistakes.agreements import HOLD_RATES
from simulated_estate.mistakes.edits import charge_access, resume_on
from simulated_estate.mistakes.limits import later_day, old_enough


def paid_and_still_cut(stage: Stage) -> Slot:
    """RL-G02: the customer paid, billing charges again from that day on, and the line is still locked."""
    author = Author(stage)
    start = old_enough(stage)
    events.install(author, start, plain_wish(stage))
    day = later_day(stage, start, left=45)
    paid = day + timedelta(days=stage.rng.randint(3, 25))
    absences.cut_off_and_locked(author, day, paid)
    mistake = Mistake("RL-G02", f"paid on {paid}, cut off since {day}", resume_on(paid))
    return Slot("paid_and_still_cut", [Story(author.finish(), (mistake,))])


def hold_outlived(stage: Stage) -> Slot:
    """RL-G04: a customer came back from a season away, uses the line again, and is billed as if still away."""
    author = Author(stage)
    start = old_enough(stage)
    events.install(author, start, plain_wish(stage))
    first = later_day(stage, start, left=50)
    rate = HOLD_RATES[stage.turn % 2]
    until = stage.window.end + timedelta(days=stage.rng.randint(20, 120)) if stage.turn % 2 else None
    absences.hold(author, rate, first, until)
    back = first + timedelta(days=stage.rng.randint(10, 35))
    absences.come_back(author, back)
    kept = charge_access(FixedRate(rate, first, until))
    mistake = Mistake("RL-G04", f"away since {first}, back on {back}", kept)
    return Slot("hold_outlived", [Story(author.finish(), (mistake,))])
