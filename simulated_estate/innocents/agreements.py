"""Discounts and holds that look wrong and were agreed."""

from datetime import timedelta

from simulated_estate.catalogue import AUTOPAY, GIG_OFFERINGS, GIG_START, STATIC_IP, offerings_of
from simulated_estate.life import absences, events
from simulated_estate.life.author import Author
from simulated_estate.life.stage import Slot, Stage, Story
from simulated_estate.life.taste import plain_wish
from simulated_estate.mistakes.agreements import HOLD_RATES, LOYALTY_RATES
from simulated_estate.mistakes.limits import later_day, old_enough


def gigabit_start(stage: Stage) -> Slot:
    """Looks like RL-D03: the promotion of the fastest offerings, for one of them."""
    author = Author(stage)
    fast = [name for name in offerings_of(stage.market.technology) if name in GIG_OFFERINGS]
    events.install(author, stage.early_day(), plain_wish(stage, offering=stage.rng.choice(fast), promotion=GIG_START))
    return _slot("gigabit_start", author)


def granted_for_a_while(stage: Stage) -> Slot:
    """Looks like RL-D06: a discount by hand, approved until a day; some are granted another one after it."""
    author = Author(stage)
    start = old_enough(stage)
    events.install(author, start, plain_wish(stage))
    since = later_day(stage, start, left=60)
    until = since + timedelta(days=stage.rng.randint(20, 50))
    events.grant(author, LOYALTY_RATES[stage.turn % len(LOYALTY_RATES)], since, until)
    if stage.turn % 2:
        events.grant(author, LOYALTY_RATES[(stage.turn + 1) % len(LOYALTY_RATES)], until, until + timedelta(days=90))
    return _slot("granted_for_a_while", author)


def autopay_back(stage: Stage) -> Slot:
    """Looks like RL-D10: automatic payment ended and began again, and so did the discount."""
    author = Author(stage)
    start = old_enough(stage)
    events.install(author, start, plain_wish(stage, addons=(AUTOPAY,)))
    day = later_day(stage, start, left=40)
    events.drop(author, day, AUTOPAY)
    events.add(author, day + timedelta(days=stage.rng.randint(1, 25)), AUTOPAY)
    return _slot("autopay_back", author)


def several_addresses(stage: Stage) -> Slot:
    """Looks like RL-C10: one line for several addresses, each of them charged; some came for them later."""
    author = Author(stage)
    start = old_enough(stage)
    is_later = stage.turn % 2 == 1
    events.install(author, start, plain_wish(stage, addons=() if is_later else (STATIC_IP,)))
    if is_later:
        events.add(author, later_day(stage, start), STATIC_IP)
    events.multiply(author, STATIC_IP, stage.rng.choice((2, 4)))
    return _slot("several_addresses", author)


def on_hold(stage: Stage) -> Slot:
    """Looks like RL-G03 or RL-C05: a season at the price of a hold, as agreed."""
    author = Author(stage)
    start = old_enough(stage)
    events.install(author, start, plain_wish(stage))
    first = later_day(stage, start)
    until = first + timedelta(days=stage.rng.randint(30, 120)) if stage.turn % 2 else None
    absences.hold(author, HOLD_RATES[stage.turn % 2], first, until)
    return _slot("on_hold", author)


def _slot(role: str, author: Author) -> Slot:
    return Slot(role, [Story(author.finish())])
