"""Customers who left or were cut off, as it should be."""

from datetime import timedelta

from simulated_estate.catalogue import EARLY_END_FEE, RECONNECT_FEE
from simulated_estate.life import events
from simulated_estate.life.author import Author
from simulated_estate.life.events import Dark
from simulated_estate.life.records import PriceException
from simulated_estate.life.stage import Slot, Stage, Story
from simulated_estate.life.taste import ordinary_wish
from simulated_estate.mistakes.limits import later_day, old_enough
from simulated_estate.months import add_months

_DARKNESS: tuple[tuple[Dark, int], ...] = (("down", 0), ("walled", 0), ("down", 1), ("absent", 0))


def ceased_and_closed(stage: Stage) -> Slot:
    """Looks like RL-B03 or RL-B04: order, network and billing agree on the day."""
    author = Author(stage)
    start = old_enough(stage)
    events.install(author, start, ordinary_wish(stage))
    dark: Dark = "absent" if stage.turn % 2 == 0 else "down"
    events.cease(author, later_day(stage, start), dark=dark)
    return _slot("ceased_and_closed", author)


def disconnected_next_day(stage: Stage) -> Slot:
    """Looks like RL-B03: traffic on the day after the cease, until the technician came; nothing is charged for it."""
    author = Author(stage)
    start = old_enough(stage)
    events.install(author, start, ordinary_wish(stage))
    day = later_day(stage, start)
    events.cease(author, day, disconnect_on=day + timedelta(days=1))
    return _slot("disconnected_next_day", author)


def suspended_and_dark(stage: Stage) -> Slot:
    """Looks like RL-G01: suspended to this day, and the network followed at once or within a day."""
    author = Author(stage)
    start = old_enough(stage)
    events.install(author, start, ordinary_wish(stage))
    dark, days = _DARKNESS[stage.turn % len(_DARKNESS)]
    events.suspend(author, later_day(stage, start), None, dark, days)
    return _slot("suspended_and_dark", author)


def suspended_and_restored(stage: Stage) -> Slot:
    """Looks like RL-G01: suspended once, paid, restored; live again and billed again."""
    author = Author(stage)
    start = old_enough(stage)
    events.install(author, start, ordinary_wish(stage))
    day = later_day(stage, start, left=35)
    events.suspend(author, day, day + timedelta(days=stage.rng.randint(3, 30)))
    return _slot("suspended_and_restored", author)


def left_with_a_waiver(stage: Stage) -> Slot:
    """Looks like RL-C11: left within the term, and somebody approved that it costs nothing."""
    author = Author(stage)
    start = stage.early_day(left=60)
    events.install(author, start, ordinary_wish(stage, term_months=24))
    day = later_day(stage, start, left=20)
    events.cease(author, day)
    author.amend_service(fees=())
    waiver = PriceException("fee_waiver", EARLY_END_FEE, None, day - timedelta(days=3), None, author.approver())
    author.exceptions.append(waiver)
    return _slot("left_with_a_waiver", author)


def left_after_the_term(stage: Stage) -> Slot:
    """Looks like RL-C11: bound once, and gone on the last day of the term or later."""
    author = Author(stage)
    day = stage.early_day(left=20)
    start = add_months(day, -12) - timedelta(days=0 if stage.turn % 2 else stage.rng.randint(1, 40))
    events.install(author, start, ordinary_wish(stage, term_months=12))
    events.cease(author, day)
    return _slot("left_after_the_term", author)


def reconnected_out_of_courtesy(stage: Stage) -> Slot:
    """Looks like RL-G07: connected again, and the fee waived by approval."""
    author = Author(stage)
    start = old_enough(stage)
    events.install(author, start, ordinary_wish(stage))
    day = later_day(stage, start, left=40)
    until = day + timedelta(days=stage.rng.randint(3, 30))
    events.suspend(author, day, until)
    author.amend_service(fees=())
    waiver = PriceException("fee_waiver", RECONNECT_FEE, None, day, until + timedelta(days=1), author.approver())
    author.exceptions.append(waiver)
    return _slot("reconnected_out_of_courtesy", author)


def _slot(role: str, author: Author) -> Slot:
    return Slot(role, [Story(author.finish())])
