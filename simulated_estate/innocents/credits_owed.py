"""Lines that were down and appointments that were not kept, for which nothing is owed any more, or not yet."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from simulated_estate.life.records import Dealings
from simulated_estate.life.stage import Correction, Slot, Stage, Story
from simulated_estate.mistakes.credits_owed import (
    MISSED_CENTS,
    customer_for_years,
    outage_of,
    waited_in_vain,
    worth,
)
from simulated_estate.mistakes.dealings import GOODWILL


def outage_credited(stage: Stage) -> Slot:
    """Looks like RL-D08: the days of an outage were given back, in one amount or more than that."""
    author, day = customer_for_years(stage)
    outage = outage_of(author, stage.moment(day), days=stage.rng.randint(2, 6))
    life = author.finish()
    cents = worth(life, day, outage.end, stage.window) + (500 if stage.turn % 2 else 0)
    given = Correction(-cents, day + timedelta(days=stage.rng.randint(7, 20)), GOODWILL)
    return Slot("outage_credited", [Story(life, corrections=(given,))], filings=[outage])


def outage_of_hours(stage: Stage) -> Slot:
    """Looks like RL-D08: down for some hours, over midnight."""
    author, day = customer_for_years(stage)
    outage = outage_of(author, stage.moment(day, 19, 22), hours=stage.rng.randint(5, 20))
    return Slot("outage_of_hours", [Story(author.finish())], filings=[outage])


def outage_of_these_days(stage: Stage) -> Slot:
    """Looks like RL-D08: the credits for an outage of the last weeks come with the next bill."""
    author, _ = customer_for_years(stage)
    day = stage.window.end - timedelta(days=stage.rng.randint(8, 20))
    outage = outage_of(author, stage.moment(day), days=stage.rng.randint(2, 6))
    return Slot("outage_of_these_days", [Story(author.finish())], filings=[outage])


def outage_promised(stage: Stage) -> Slot:
    """Looks like RL-D08: somebody has promised a credit for it in a case, days ago."""
    author, _ = customer_for_years(stage)
    end = stage.window.end
    outage = outage_of(author, stage.moment(end - timedelta(days=stage.rng.randint(31, 40))), days=2)
    author.dealings = Dealings(promises=((end - timedelta(days=stage.rng.randint(0, 9)), Decimal("12.00")),))
    return Slot("outage_promised", [Story(author.finish())], filings=[outage])


def appointment_credited(stage: Stage) -> Slot:
    """Looks like RL-D08: nobody came, and the customer got what is promised for that."""
    author, appointment = waited_in_vain(stage)
    cents = MISSED_CENTS[stage.market.id]
    given = Correction(-cents, appointment + timedelta(days=stage.rng.randint(1, 25)), GOODWILL)
    return Slot("appointment_credited", [Story(author.finish(), corrections=(given,))])


def customer_was_out(stage: Stage) -> Slot:
    """Looks like RL-D08: the appointment failed because nobody opened the door."""
    author, _ = waited_in_vain(stage)
    job = author.jobs[0]
    failed = replace(job.visits[0], arrived=job.visits[0].scheduled, outcome="no_access", cause="1G no access")
    author.jobs[0] = replace(job, visits=(failed, *job.visits[1:]))
    return Slot("customer_was_out", [Story(author.finish())])
