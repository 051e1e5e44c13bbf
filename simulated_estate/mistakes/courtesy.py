"""Accounts that were free for a while, and for which nobody began to ask money when that was over."""

from dataclasses import replace
from datetime import date

from simulated_estate.life import events
from simulated_estate.life.author import Author
from simulated_estate.life.records import Life, PriceException
from simulated_estate.life.stage import Mistake, Slot, Stage, Story
from simulated_estate.life.taste import plain_wish
from simulated_estate.mistakes.edits import forget, start_on
from simulated_estate.mistakes.limits import days_late, later_day, old_enough


def courtesy_outlived(stage: Stage) -> Slot:
    """RL-B10: a courtesy account is live long after its approval; never billed, or billed weeks too late."""
    end, life = free_until_a_day(stage)
    if stage.turn % 3 == 1:
        day = days_late(stage, end)
        mistake = Mistake("RL-B10", f"free until {end}, billed from {day} on", start_on(day))
    else:
        mistake = Mistake("RL-B10", f"free until {end}, never billed since", forget())
    return Slot("courtesy_outlived", [Story(life, (mistake,))])


def free_until_a_day(stage: Stage) -> tuple[date, Life]:
    """An account that is free by approval up to a day of the window, and billed from that day on."""
    author = Author(stage, segment="business" if stage.turn % 2 == 0 else "residential")
    start = old_enough(stage)
    events.install(author, start, plain_wish(stage, is_fee_waived=True))
    end = later_day(stage, start)
    author.exceptions.append(PriceException("courtesy_account", None, None, start, end, author.approver()))
    life = author.finish()
    (subscription,) = life.truth.subscriptions
    billed = replace(subscription, start=end, begun_on=start)
    return end, replace(life, truth=replace(life.truth, subscriptions=(billed,)))
