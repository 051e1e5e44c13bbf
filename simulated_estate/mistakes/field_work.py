"""Orders that nobody carries out, and trucks that need not have driven."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from simulated_estate.belief import Belief, Item, Subscription
from simulated_estate.biller import bill, by_month
from simulated_estate.life import events
from simulated_estate.life.author import Author
from simulated_estate.life.fieldwork import REPAIR_CAUSES
from simulated_estate.life.records import Job, JobState, Order, Visit
from simulated_estate.life.stage import Loss, Slot, Stage, Story
from simulated_estate.life.taste import ordinary_wish
from simulated_estate.mistakes.limits import later_day, old_enough


def stuck_order(stage: Stage) -> Slot:
    """RL-A04: the promised day is long past, the order is open, and nobody works on it."""
    author = Author(stage)
    least = 35 if stage.market.is_first_month_free else 18  # so that a judged day of it would be charged
    promised = stage.window.end - timedelta(days=stage.rng.randint(least, 110))
    order = events.place(author, promised, ordinary_wish(stage))
    if stage.turn % 2 == 0:
        open_job(author, order, stage.moment(promised, 9, 15), "on_hold", "1U permit pending")
    value = Belief("", stage.market.id, (Subscription("", promised, None, (Item(order.offering or ""),)),))
    note = f"promised for {promised}, still open"
    months = by_month(bill(value, stage.window))
    loss = Loss("RL-A04", "order", f"order/{order.number}", "under_billed", "at_risk", months, note)
    return Slot("stuck_order", [Story(author.finish(), losses=(loss,))])


def repaired_again(stage: Stage) -> Slot:
    """RL-I02: the first repair did not find what was wrong, and a second truck came for the same cause."""
    author = Author(stage)
    start = old_enough(stage)
    events.install(author, start, ordinary_wish(stage))
    first = later_day(stage, start, left=45)
    second = first + timedelta(days=stage.rng.randint(3, 28))
    cause = stage.rng.choice(REPAIR_CAUSES)
    events.repair(author, first, has_new_device=False, cause=cause)
    events.repair(author, second, has_new_device=False, cause=cause)
    return Slot("repaired_again", [Story(author.finish(), losses=(truck_roll("RL-I02", author, second),))])


def two_open_jobs(stage: Stage) -> Slot:
    """RL-I03: a work order was made, nobody saw it, and another was made for the same work."""
    author = Author(stage)
    order = ordered_for_soon(author)
    scheduled = stage.moment(order.effective, 9, 15)
    open_job(author, order, scheduled, "scheduled")
    open_job(author, order, scheduled + timedelta(days=stage.rng.randint(1, 2)), "scheduled")
    later = author.jobs[-1].scheduled.date()
    return Slot("two_open_jobs", [Story(author.finish(), losses=(truck_roll("RL-I03", author, later),))])


def ordered_for_soon(author: Author) -> Order:
    """An order of the last days with an appointment in the next."""
    stage = author.stage
    today = stage.window.as_of.astimezone(stage.market.zone).date()
    order = events.place(author, today + timedelta(days=stage.rng.randint(1, 6)), ordinary_wish(stage))
    order = replace(order, created=min(order.created, stage.moment(today - timedelta(days=1))))
    author.amend_order(order)
    return order


def open_job(author: Author, order: Order, scheduled: datetime, state: JobState, cause: str | None = None) -> None:
    """Write down a job that nobody has finished; one with a cause was begun and put aside."""
    left = scheduled + timedelta(minutes=40)
    visit = Visit(scheduled, scheduled + timedelta(minutes=10), left, "return_needed", cause)
    planned = Visit(scheduled, None, None, "open")
    number = author.stage.numbers.job()
    visits = (visit if cause else planned,)
    author.jobs.append(Job(number, order.number, "install", state, 0, order.created, scheduled, visits))


def truck_roll(rule: str, author: Author, day: date) -> Loss:
    """What the last job of an account cost although it was not needed."""
    job, market = author.jobs[-1], author.stage.market
    month = day.replace(day=1)
    subject = f"work_order/wo_{job.number:08x}"
    return Loss(rule, "work_order", subject, "cost", "cost", {month: market.truck_roll_cents}, "a truck drove for it")
