"""What goes wrong with bills once they are made: never sent, paid to nobody, given back twice."""

from datetime import date, timedelta
from decimal import Decimal

from simulated_estate.biller import bill
from simulated_estate.life import events
from simulated_estate.life.author import Author
from simulated_estate.life.records import Dealings, Life
from simulated_estate.life.stage import Correction, ExposureClass, Loss, Slot, Stage, Story
from simulated_estate.life.taste import ordinary_wish
from simulated_estate.months import Window, add_months
from simulated_estate.spelling import adjustment_id, bill_number, case_number, stray_payment

GOODWILL = "GOODWILL"


def never_sent(stage: Stage) -> Slot:
    """RL-A10: a bill was held for somebody to look at, and nobody did."""
    author = customer(stage)
    held_on = sent_before(stage)
    author.dealings = Dealings(held_on=held_on)
    life = author.finish()
    subject = f"bill/{bill_number(stage.market, life.account, held_on)}"
    months = {held_on: billed_on(life, held_on, stage.window)}
    loss = Loss("RL-A10", "bill", subject, "under_billed", "deferred", months, f"held since {held_on}")
    return Slot("never_sent", [Story(life, losses=(loss,))])


def paid_to_no_bill(stage: Stage) -> Slot:
    """RL-G06: a customer paid without a reference, and the money lies there since."""
    author = customer(stage)
    received = days_ago(stage, 28)
    cents = stage.rng.choice((2500, 5000, 7499))
    author.dealings = Dealings(strays=((received, Decimal(cents).scaleb(-2)),))
    life = author.finish()
    subject = f"payment/{stray_payment(stage.market, life.account, 1)}"
    months = {received.replace(day=1): cents}
    loss = Loss("RL-G06", "payment", subject, "over_billed", "refund_due", months, "no bill has the payment")
    return Slot("paid_to_no_bill", [Story(life, losses=(loss,))])


def credited_twice(stage: Stage) -> Slot:
    """RL-D07: two agents apologised for the same thing, days apart, each with the same amount."""
    life = customer(stage).finish()
    first = days_ago(stage, 20)
    second = first + timedelta(days=stage.rng.randint(1, 14))
    cents = stage.rng.choice((1000, 1500, 2000))
    given = tuple(Correction(-cents, day, GOODWILL) for day in (first, second))
    subject = f"adjustment/{adjustment_id(bill_number(stage.market, life.account, stage.window.end), 2)}"
    month = second.replace(day=1)
    exposure_class: ExposureClass = "recoverable" if month >= stage.window.back_bill_from else "lost"
    note = f"given on {first} already"
    loss = Loss("RL-D07", "adjustment", subject, "under_billed", exposure_class, {month: cents}, note)
    return Slot("credited_twice", [Story(life, corrections=given, losses=(loss,))])


def dunning_skipped(stage: Stage) -> Slot:
    """RL-G05: bills of weeks ago that nobody paid, and the line is still up."""
    author = customer(stage)
    unpaid = 2 + stage.turn % 2
    author.dealings = Dealings(unpaid=unpaid)
    life = author.finish()
    days = [add_months(stage.window.end, -back) for back in range(1, unpaid)]
    losses = tuple(
        Loss(
            "RL-G05",
            "bill",
            f"bill/{bill_number(stage.market, life.account, day)}",
            "under_billed",
            "at_risk",
            {day: billed_on(life, day, stage.window)},
            f"unpaid since {day}",
        )
        for day in days
        if day > stage.window.start
    )
    return Slot("dunning_skipped", [Story(life, losses=losses)])


def credit_forgotten(stage: Stage) -> Slot:
    """RL-D09: customer care promised a credit and closed the case, and nobody posted it, or somebody posted less."""
    author = customer(stage)
    day, cents = days_ago(stage, 18), stage.rng.choice((1000, 2000, 3500))
    author.dealings = Dealings(promises=((day, Decimal(cents).scaleb(-2)),))
    given = (Correction(-500, day + timedelta(days=2), GOODWILL),) if stage.turn % 2 else ()
    subject = f"case/{case_number(author.account, 0)}"
    loss = Loss("RL-D09", "case", subject, "over_billed", "refund_due", {day.replace(day=1): cents}, "never posted")
    return Slot("credit_forgotten", [Story(author.finish(), corrections=given, losses=(loss,))])


def days_ago(stage: Stage, least: int) -> date:
    """A day of the last months, at least so many days before the end of the billed ones."""
    return stage.window.end - timedelta(days=stage.rng.randint(least, min(120, stage.window.days - 5)))


def sent_before(stage: Stage) -> date:
    """The day of a bill run that is more than a week past."""
    days = [day for day in stage.window.firsts() if day > stage.window.start]
    return stage.rng.choice(days)


def billed_on(life: Life, day: date, window: Window) -> int:
    """What the bill of a day asks for, in cents."""
    return int(sum(line.amount for line in bill(life.truth, window) if line.billed_on == day) * 100)


def customer(stage: Stage) -> Author:
    """Somebody who has been there for years and whose bills are all right."""
    author = Author(stage)
    events.install(author, stage.tenured_day(), ordinary_wish(stage))
    return author
