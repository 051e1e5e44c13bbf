"""Work in the field that nobody charges, and trucks that a test from afar would have spared."""

from dataclasses import replace
from datetime import date, timedelta

from simulated_estate.catalogue import OUTLET_FEE, VISIT_FEE
from simulated_estate.life import events
from simulated_estate.life.author import Author
from simulated_estate.life.records import Job
from simulated_estate.life.stage import Mistake, Slot, Stage, Story
from simulated_estate.life.taste import plain_wish
from simulated_estate.mistakes.edits import drop_fee
from simulated_estate.mistakes.field_work import truck_roll
from simulated_estate.mistakes.limits import later_day, old_enough


def outlets_not_charged(stage: Stage) -> Slot:
    """RL-A08: the technician put in an outlet more, or two, and told so; the bill knows nothing of it."""
    author, day = customer_on_a_day(stage)
    events.add_outlets(author, day, 1 + stage.turn % 2)
    mistake = Mistake("RL-A08", f"outlets of {day} on no bill", drop_fee(OUTLET_FEE))
    return Slot("outlets_not_charged", [Story(author.finish(), (mistake,))])


def visit_not_charged(stage: Stage) -> Slot:
    """RL-I05: the fault was in the customer's own equipment, and the visit is on no bill."""
    author, day = customer_on_a_day(stage)
    events.visit_for_own_equipment(author, day)
    mistake = Mistake("RL-I05", f"visit of {day} on no bill", drop_fee(VISIT_FEE))
    return Slot("visit_not_charged", [Story(author.finish(), (mistake,))])


def sent_without_need(stage: Stage) -> Slot:
    """RL-I01: the line was tested well some hours before, and a truck was sent all the same."""
    author, day = customer_on_a_day(stage)
    events.repair(author, day, has_new_device=False, cause="0N no fault found")
    author.jobs[-1] = tested(author.jobs[-1], stage.rng.randint(2, 22), "passed")
    return Slot("sent_without_need", [Story(author.finish(), losses=(truck_roll("RL-I01", author, day),))])


def tested(job: Job, hours: int, verdict: str) -> Job:
    """The same job with a test of the line so many hours before its visit."""
    arrived = job.visits[-1].arrived or job.scheduled
    return replace(job, line_test=(arrived - timedelta(hours=hours), verdict))  # type: ignore[arg-type]


def customer_on_a_day(stage: Stage) -> tuple[Author, date]:
    """A customer whose bills are right, and a day on which something may happen."""
    author = Author(stage)
    start = old_enough(stage)
    events.install(author, start, plain_wish(stage))
    return author, later_day(stage, start)
