"""Discounts that nobody was to have, and agreements that billing does not know."""

from datetime import timedelta
from decimal import Decimal

from simulated_estate.belief import FixedRate, Item
from simulated_estate.catalogue import AUTOPAY, AUTOPAY_DISCOUNT, GIG_OFFERINGS, GIG_START, LOYALTY, offerings_of
from simulated_estate.life import absences, events
from simulated_estate.life.author import Author
from simulated_estate.life.records import PriceException
from simulated_estate.life.stage import Mistake, Slot, Stage, Story
from simulated_estate.life.taste import plain_wish
from simulated_estate.mistakes.add_ons import noticed
from simulated_estate.mistakes.edits import charge_also, charge_list_price, prolong
from simulated_estate.mistakes.limits import later_day, old_enough

HOLD_RATES = (Decimal("10.00"), Decimal("12.50"))
LOYALTY_RATES = (Decimal("-5.00"), Decimal("-8.00"), Decimal("-12.50"))


def promotion_for_others(stage: Stage) -> Slot:
    """RL-D03: a promotion for the fastest offerings on the order of a slower one, or on no order at all."""
    author = Author(stage)
    slow = [name for name in offerings_of(stage.market.technology) if name not in GIG_OFFERINGS]
    start = stage.early_day()
    is_ordered = stage.turn % 2 == 0
    wish = plain_wish(stage, offering=stage.rng.choice(slow), promotion=GIG_START if is_ordered else None)
    events.install(author, start, wish)
    author.amend_service(promotion=None)
    mistake = Mistake("RL-D03", f"{GIG_START} on {author.tier}", charge_also(Item(GIG_START)))
    return Slot("promotion_for_others", [Story(author.finish(), (mistake,))])


def discount_without_end(stage: Stage) -> Slot:
    """RL-D06: a discount of the retention desk that nobody approved, or that was approved without an end."""
    author = Author(stage)
    start = old_enough(stage)
    events.install(author, start, plain_wish(stage))
    since = later_day(stage, start)
    rate = LOYALTY_RATES[stage.turn % len(LOYALTY_RATES)]
    approver = author.approver() if stage.turn % 2 else None
    end = None if approver else since + timedelta(days=90)
    author.exceptions.append(PriceException("loyalty_credit", LOYALTY, rate, since, end, approver))
    given = charge_also(Item(LOYALTY, since, None, (FixedRate(rate),)))
    mistake = Mistake("RL-D06", f"{rate} a month since {since} without an approval that ends", given)
    return Slot("discount_without_end", [Story(author.finish(), (mistake,))])


def autopay_given_up(stage: Stage) -> Slot:
    """RL-D10: automatic payment was ended, the discount for it was not."""
    author = Author(stage)
    start = old_enough(stage)
    events.install(author, start, plain_wish(stage, addons=(AUTOPAY,)))
    day = later_day(stage, start)
    events.drop(author, day, AUTOPAY)
    kept = prolong(AUTOPAY_DISCOUNT, noticed(stage, day))
    mistake = Mistake("RL-D10", f"discount for automatic payment, which ended on {day}", kept)
    return Slot("autopay_given_up", [Story(author.finish(), (mistake,))])


def hold_ignored(stage: Stage) -> Slot:
    """RL-G03: a customer keeps the service through a season for less, and billing charges as always."""
    author = Author(stage)
    start = old_enough(stage)
    events.install(author, start, plain_wish(stage))
    first = later_day(stage, start, left=40)
    until = first + timedelta(days=stage.rng.randint(30, 120)) if stage.turn % 2 else None
    absences.hold(author, HOLD_RATES[stage.turn % 2], first, until)
    mistake = Mistake("RL-G03", f"on hold since {first}, charged as always", charge_list_price())
    return Slot("hold_ignored", [Story(author.finish(), (mistake,))])
