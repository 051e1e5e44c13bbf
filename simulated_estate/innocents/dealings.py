"""Bills, payments and credits that look odd and are as they should be."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from simulated_estate.life.records import Dealings
from simulated_estate.life.stage import Correction, Slot, Stage, Story
from simulated_estate.mistakes.dealings import GOODWILL, customer, days_ago


def held_for_a_day(stage: Stage) -> Slot:
    """Looks like RL-A10: the newest bill is held, since four days."""
    author = customer(stage)
    author.dealings = Dealings(held_on=stage.window.end)
    return Slot("held_for_a_day", [Story(author.finish())])


def paid_in_advance(stage: Stage) -> Slot:
    """Looks like RL-G06: a payment of no bill, that came with the last days."""
    author = customer(stage)
    received = stage.window.end - timedelta(days=stage.rng.randint(0, 24))
    author.dealings = replace(author.dealings, strays=((received, Decimal("60.00")),))
    return Slot("paid_in_advance", [Story(author.finish())])


def credited_for_two_things(stage: Stage) -> Slot:
    """Looks like RL-D07: two credits, of different amounts in one week or of the same amount a month apart."""
    life = customer(stage).finish()
    first = days_ago(stage, 30)
    is_other = stage.turn % 2 == 0
    second = first + timedelta(days=stage.rng.randint(1, 7) if is_other else stage.rng.randint(15, 30))
    given = (Correction(-1000, first, GOODWILL), Correction(-1500 if is_other else -1000, second, GOODWILL))
    return Slot("credited_for_two_things", [Story(life, corrections=given)])


def not_paid_yet(stage: Stage) -> Slot:
    """Looks like RL-G05: the newest bill is not paid, since four days."""
    author = customer(stage)
    author.dealings = Dealings(unpaid=1)
    return Slot("not_paid_yet", [Story(author.finish())])


def promised_and_posted(stage: Stage) -> Slot:
    """Looks like RL-D09: a credit was promised and posted days later, or promised days ago."""
    author = customer(stage)
    is_recent = stage.turn % 2 == 0
    day = stage.window.end - timedelta(days=stage.rng.randint(0, 9)) if is_recent else days_ago(stage, 20)
    author.dealings = Dealings(promises=((day, Decimal("15.00")),))
    given = () if is_recent else (Correction(-1500, day + timedelta(days=stage.rng.randint(0, 6)), GOODWILL),)
    return Slot("promised_and_posted", [Story(author.finish(), corrections=given)])
