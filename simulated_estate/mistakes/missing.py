"""Fees, add-ons and discounts that stand on no bill, and a fee that stands there although it was waived."""

from simulated_estate.catalogue import INSTALL_FEE, STATIC_IP, VOICE, WELCOME, WINBACK
from simulated_estate.life import events
from simulated_estate.life.author import Author
from simulated_estate.life.stage import Mistake, Slot, Stage, Story
from simulated_estate.life.taste import plain_wish
from simulated_estate.mistakes.amounts import promoted_start
from simulated_estate.mistakes.edits import charge_fees, drop_product
from simulated_estate.mistakes.limits import later_day, old_enough


def fee_forgotten(stage: Stage) -> Slot:
    """RL-A05: the order says that installation is charged, and billing never heard of it."""
    author = Author(stage)
    events.install(author, stage.early_day(), plain_wish(stage, is_fee_waived=False))
    mistake = Mistake("RL-A05", "installation fee never billed", charge_fees(()))
    return Slot("fee_forgotten", [Story(author.finish(), (mistake,))])


def waiver_forgotten(stage: Stage) -> Slot:
    """RL-A06: the order says that installation is free, and billing charges for it."""
    author = Author(stage)
    start = stage.early_day()
    events.install(author, start, plain_wish(stage, is_fee_waived=True))
    mistake = Mistake("RL-A06", "installation fee billed though waived", charge_fees(((INSTALL_FEE, start),)))
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
