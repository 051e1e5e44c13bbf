"""What customers were to get unasked, and did not: for a line that was down, for a technician who never came."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from simulated_estate.belief import Belief
from simulated_estate.biller import bill, by_month
from simulated_estate.life import events
from simulated_estate.life.author import Author
from simulated_estate.life.filings import NetworkOutage
from simulated_estate.life.records import Life, Visit
from simulated_estate.life.stage import Loss, Slot, Stage, Story
from simulated_estate.life.taste import plain_wish
from simulated_estate.mistakes.limits import later_day
from simulated_estate.months import Window

MISSED = "1F provider missed appointment"
MISSED_CENTS = {"riverbend": 2_500, "mesa": 2_500, "northshore": 3_000}
"""What a customer gets for an appointment that was not kept."""


def outage_not_credited(stage: Stage) -> Slot:
    """RL-D08: a line was down for days, and nobody gave the customer anything for them."""
    author, day = customer_for_years(stage)
    outage = outage_of(author, stage.moment(day), days=stage.rng.randint(2, 6))
    life = author.finish()
    cents = worth(life, day, outage.end, stage.window)
    loss = owed("outage", f"{outage.number}-{life.account}", day, cents, "the line was down")
    return Slot("outage_not_credited", [Story(life, losses=(loss,))], filings=[outage])


def appointment_not_kept(stage: Stage) -> Slot:
    """RL-D08: nobody came to the appointment, the service came days later, and no credit came at all."""
    author, appointment = waited_in_vain(stage)
    subject = f"wo_{author.jobs[0].number:08x}"
    cents = MISSED_CENTS[stage.market.id]
    loss = owed("work_order", subject, appointment, cents, f"nobody came on {appointment}")
    return Slot("appointment_not_kept", [Story(author.finish(), losses=(loss,))])


def customer_for_years(stage: Stage, left: int = 40) -> tuple[Author, date]:
    """A customer whose bills are right, and a day with so many days of the window left."""
    author = Author(stage)
    events.install(author, stage.tenured_day(), plain_wish(stage))
    return author, later_day(stage, stage.window.start, left=left)


def outage_of(author: Author, start: datetime, *, days: int = 0, hours: int = 0) -> NetworkOutage:
    """An outage of the port that the device of an account hangs on."""
    device = author.in_service()[1]
    end = start + timedelta(days=days, hours=hours)
    return NetworkOutage(f"OUT-{author.account}", device.element, device.port, start, end)


def worth(life: Life, start: date, end: datetime, window: Window) -> int:
    """What the days of an outage are billed for, in cents."""
    last = life.truth.subscriptions[-1]
    down = replace(last, start=start, end=end.date(), fees=(), begun_on=last.begun_on or last.start)
    return sum(by_month(bill(Belief(life.account, life.market.id, (down,)), window)).values())


def waited_in_vain(stage: Stage) -> tuple[Author, date]:
    """A new customer whose first appointment nobody kept, and its day."""
    author = Author(stage)
    appointment = stage.early_day(left=50)
    start = appointment + timedelta(days=stage.rng.randint(2, 9))
    events.install(author, start, plain_wish(stage), appointment=appointment)
    job = author.jobs[0]
    missed = Visit(job.visits[0].scheduled, None, None, "cancelled", MISSED)
    author.jobs[0] = replace(job, visits=(missed, *job.visits[1:]))
    return author, appointment


def owed(kind: str, subject: str, day: date, cents: int, note: str) -> Loss:
    """A credit that is due to a customer since a day."""
    months = {day.replace(day=1): cents}
    return Loss("RL-D08", kind, f"{kind}/{subject}", "over_billed", "refund_due", months, note)  # type: ignore[arg-type]
