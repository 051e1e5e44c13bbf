"""Services that billing does not know of, and bills for services that never were."""

from dataclasses import replace
from datetime import timedelta

from simulated_estate.life import events
from simulated_estate.life.author import Author
from simulated_estate.life.imagined import imagined_belief
from simulated_estate.life.records import Job, Visit
from simulated_estate.life.stage import Mistake, Slot, Stage, Story
from simulated_estate.life.taste import ordinary_wish, plain_wish
from simulated_estate.mistakes.edits import forget, imagine
from simulated_estate.months import add_months


def never_billed(stage: Stage) -> Slot:
    """RL-A01: installed and live, and billing never heard of it."""
    author = Author(stage)
    start = stage.tenured_day() if stage.turn % 3 == 2 else stage.early_day()
    if stage.market.charged_from(start) >= add_months(stage.window.end, -1):
        start = stage.tenured_day()  # whose first charge is of the last month may still wait for its first bill
    events.install(author, start, ordinary_wish(stage))
    mistake = Mistake("RL-A01", "live since its installation, no subscription in billing", forget())
    return Slot("never_billed", [Story(author.finish(), (mistake,))])


def called_off_and_billed(stage: Stage) -> Slot:
    """RL-A07: the customer called the order off, and billing began with the appointment all the same."""
    author = Author(stage)
    appointment = stage.early_day()
    wish = plain_wish(stage)
    order = events.place(author, appointment, wish)
    author.amend_order(replace(order, state="cancelled"))
    scheduled = stage.moment(appointment)
    visit = Visit(scheduled, None, None, "cancelled", "customer cancelled")
    if stage.turn % 2 == 0:
        number = stage.numbers.job()
        author.jobs.append(Job(number, order.number, "install", "cancelled", 0, order.created, scheduled, (visit,)))
    mistake = Mistake("RL-A07", "order called off and billed", imagine(imagined_belief(author, appointment, wish)))
    return Slot("called_off_and_billed", [Story(author.finish(), (mistake,))])


def never_installed(stage: Stage) -> Slot:
    """RL-B02: the order was closed and billed, but nobody ever finished the installation."""
    author = Author(stage)
    appointment = stage.early_day()
    wish = plain_wish(stage)
    order = events.place(author, appointment, wish)
    closed = stage.moment(appointment, 19, 20)
    author.amend_order(replace(order, state="completed", completed=closed))
    scheduled = stage.moment(appointment, 9, 15)
    left = scheduled + timedelta(minutes=40)
    visit = Visit(scheduled, scheduled + timedelta(minutes=10), left, "return_needed", "1U permit pending")
    number = stage.numbers.job()
    author.jobs.append(Job(number, order.number, "install", "on_hold", 0, order.created, scheduled, (visit,)))
    billed = imagined_belief(author, appointment, wish)
    mistake = Mistake("RL-B02", "order closed and billed without an installation", imagine(billed))
    return Slot("never_installed", [Story(author.finish(), (mistake,))])
