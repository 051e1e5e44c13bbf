"""Fees, add-ons and discounts that stand on no bill, and a fee that stands there although it was waived."""

from datetime import timedelta

from simulated_estate.belief import Fee
from simulated_estate.catalogue import EARLY_END_FEE, INSTALL_FEE, RECONNECT_FEE, STATIC_IP, VOICE, WELCOME, WINBACK
from simulated_estate.life import events
from simulated_estate.life.author import Author
from simulated_estate.life.stage import Mistake, Slot, Stage, Story
from simulated_estate.life.taste import plain_wish
from simulated_estate.mistakes.amounts import promoted_start
from simulated_estate.mistakes.edits import charge_fee, drop_fee, drop_product
from simulated_estate.mistakes.limits import later_day, old_enough


def fee_forgotten(stage: Stage) -> Slot:
    """RL-A05: the order says that installation is charged, and billing never heard of it."""
    author = Author(stage)
    events.install(author, stage.early_day(), plain_wish(stage, is_fee_waived=False))
    mistake = Mistake("RL-A05", "installation fee never billed", drop_fee(INSTALL_FEE))
    return Slot("fee_forgotten", [Story(author.finish(), (mistake,))])


def waiver_forgotten(stage: Stage) -> Slot:
    """RL-A06: the order says that installation is free, and billing charges for it."""
    author = Author(stage)
    start = stage.early_day()
    events.install(author, start, plain_wish(stage, is_fee_waived=True))
    mistake = Mistake("RL-A06", "installation fee billed though waived", charge_fee(Fee(INSTALL_FEE, start)))
    return Slot("waiver_forgotten", [Story(author.finish(), (mistake,))])


def add_on_unbilled(stage: Stage) -> Slot:
    """RL-C08: an add-on that was ordered with the service, or later, and is on no bill."""
    author = Author(stage)
    add_on = VOICE if stage.turn % 2 == 0 and stage.market.technology != "fixed_wireless" else STATIC_IP
    start = old_enough(stage)
    is_later = stage.turn % 3 == 1
    events.install(author, start, plain_wish(stage, addons=() if is_later else (add_on,)))
    if is_later:
        events.add(author, later_day(stage, start), add_on)
    mistake = Mistake("RL-C08", f"{add_on} on no bill", drop_product(add_on))
    return Slot("add_on_unbilled", [Story(author.finish(), (mistake,))])


def discount_forgotten(stage: Stage) -> Slot:
    """RL-D02: a discount that was promised and is on no bill."""
    author = Author(stage)
    promotion = (WELCOME, WINBACK)[stage.turn % 2]
    events.install(author, promoted_start(stage, promotion), plain_wish(stage, promotion=promotion))
    mistake = Mistake("RL-D02", f"{promotion} on no bill", drop_product(promotion))
    return Slot("discount_forgotten", [Story(author.finish(), (mistake,))])


def reconnected_for_nothing(stage: Stage) -> Slot:
    """RL-G07: cut off, paid and connected again, and not charged for it."""
    author = Author(stage)
    start = old_enough(stage)
    events.install(author, start, plain_wish(stage))
    day = later_day(stage, start, left=40)
    events.suspend(author, day, day + timedelta(days=stage.rng.randint(3, 30)))
    mistake = Mistake("RL-G07", "connected again and not charged for it", drop_fee(RECONNECT_FEE))
    return Slot("reconnected_for_nothing", [Story(author.finish(), (mistake,))])


def reconnection_of_nobody(stage: Stage) -> Slot:
    """RL-G07: charged for being connected again, and never cut off."""
    author = Author(stage)
    start = old_enough(stage)
    events.install(author, start, plain_wish(stage))
    fee = Fee(RECONNECT_FEE, later_day(stage, start))
    mistake = Mistake("RL-G07", "charged for a reconnection that never was", charge_fee(fee))
    return Slot("reconnection_of_nobody", [Story(author.finish(), (mistake,))])


def left_within_the_term(stage: Stage) -> Slot:
    """RL-C11: bound for two years, gone before, and the final bill does not know it."""
    author = Author(stage)
    start = stage.early_day(left=60)
    events.install(author, start, plain_wish(stage, term_months=24))
    events.cease(author, later_day(stage, start, left=20))
    mistake = Mistake("RL-C11", "left within the term and not charged for it", drop_fee(EARLY_END_FEE))
    return Slot("left_within_the_term", [Story(author.finish(), (mistake,))])
