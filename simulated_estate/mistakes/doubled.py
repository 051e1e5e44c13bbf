"""One service on two bills."""

from dataclasses import replace
from datetime import date, timedelta

from simulated_estate.belief import Belief, Item, Subscription
from simulated_estate.life import events
from simulated_estate.life.author import Author
from simulated_estate.life.fieldwork import attend, report
from simulated_estate.life.imagined import imagined_belief
from simulated_estate.life.records import Placed
from simulated_estate.life.stage import Mistake, Slot, Stage, Story
from simulated_estate.life.taste import plain_wish
from simulated_estate.life.wish import Wish
from simulated_estate.mistakes.edits import imagine
from simulated_estate.mistakes.limits import later_day, old_enough


def second_subscription(stage: Stage) -> Slot:
    """RL-B05: the same account has a second open subscription for the same thing."""
    author = Author(stage)
    start = old_enough(stage)
    events.install(author, start, plain_wish(stage))
    mistake = doubled(author, later_day(stage, start, left=35), None)
    return Slot("second_subscription", [Story(author.finish(), (mistake,))])


def doubled(author: Author, start: date, end: date | None) -> Mistake:
    """RL-B05: the tier of an account is billed by a second subscription for some days, or since a day."""
    stage = author.stage
    second = Subscription(
        stage.numbers.subscription(), start, end, (Item(author.tier),), begun_on=author.in_service()[0].start
    )
    double = Belief(author.account, stage.market.id, (second,))
    return Mistake("RL-B05", f"second subscription since {start}", imagine(double))


def second_account(stage: Stage) -> Slot:
    """RL-B05: ordered twice; the second order was closed on paper, with the serial of the first."""
    first = Author(stage)
    start = old_enough(stage)
    events.install(first, start, plain_wish(stage))
    day = later_day(stage, start, left=35)
    second = Author(stage, premises=list(first.premises))
    wish = Wish(first.tier, is_fee_waived=stage.turn % 2 == 0)
    _close_on_paper(second, first, wish, day)
    note = f"duplicate of account {first.account}, closed on paper with the same serial"
    mistake = Mistake("RL-B05", note, imagine(imagined_belief(second, day, wish)))
    return Slot("second_account", [Story(first.finish()), Story(second.finish(), (mistake,))])


def _close_on_paper(author: Author, first: Author, wish: Wish, day: date) -> None:
    stage = author.stage
    order = events.place(author, day, wish, lead_days=10)
    visits = attend(stage, day)
    device = Placed(stage.market.device_kind, first.in_service()[1].serial, "leased")
    done = report(stage, visits.finished, wish.offering, (device,))
    author.amend_order(replace(order, state="completed", completed=done.received + timedelta(minutes=5)))
    author.job("install", order.number, visits, done)
