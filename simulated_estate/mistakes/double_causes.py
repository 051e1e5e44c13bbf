"""Services about which two mistakes were made at once."""

from datetime import timedelta
from decimal import Decimal

from simulated_estate.catalogue import WELCOME, WINBACK
from simulated_estate.life import events
from simulated_estate.life.author import Author
from simulated_estate.life.stage import Mistake, Slot, Stage, Story
from simulated_estate.life.taste import plain_wish, stepped
from simulated_estate.mistakes.amounts import (
    outlived,
    promoted_start,
    steady_offering,
    unbilled_rental,
    wrong_price,
)
from simulated_estate.mistakes.limits import (
    days_late,
    early_end,
    early_start,
    late_end,
    late_start,
    later_day,
    old_enough,
)
from simulated_estate.mistakes.tiers import raised_on_the_box, tier_kept


def late_and_wrong_tier(stage: Stage) -> Slot:
    """RL-A02 and RL-C03."""
    author = Author(stage)
    ordered, delivered = stepped(stage, up=stage.turn % 2 == 0)
    start = stage.early_day(left=80)
    events.install(author, start, plain_wish(stage, offering=delivered, ordered=ordered))
    return _slot("late_and_wrong_tier", author, late_start(days_late(stage, start)), tier_kept(ordered))


def late_and_unbilled_rental(stage: Stage) -> Slot:
    """RL-A02 and RL-E01."""
    author = Author(stage)
    start = stage.early_day(left=80)
    events.install(author, start, plain_wish(stage, router="leased"))
    return _slot("late_and_unbilled_rental", author, late_start(days_late(stage, start)), unbilled_rental())


def late_and_outlived(stage: Stage) -> Slot:
    """RL-A02 and RL-D01; in a window too short for both, RL-A02 and RL-E01."""
    window = stage.window
    promotion, days = (WELCOME, 184) if stage.turn % 2 == 0 else (WINBACK, 92)
    if window.days < days + 60:
        return late_and_unbilled_rental(stage)
    author = Author(stage)
    start = stage.day(window.start + timedelta(days=1), window.end - timedelta(days=days + 30))
    events.install(author, start, plain_wish(stage, promotion=promotion))
    return _slot("late_and_outlived", author, late_start(days_late(stage, start)), outlived(promotion, None))


def late_and_wrong_price(stage: Stage) -> Slot:
    """RL-A02 and RL-C05."""
    author = Author(stage)
    start = stage.early_day(left=80)
    events.install(author, start, plain_wish(stage, offering=steady_offering(stage)))
    mistake = wrong_price(author.tier, Decimal("-6.00"))
    return _slot("late_and_wrong_price", author, late_start(days_late(stage, start)), mistake)


def wrong_tier_and_unbilled_rental(stage: Stage) -> Slot:
    """RL-C03 and RL-E01."""
    author = Author(stage)
    ordered, delivered = stepped(stage, up=stage.turn % 2 == 1)
    wish = plain_wish(stage, offering=delivered, ordered=ordered, router="leased", is_rental_ordered=False)
    events.install(author, old_enough(stage), wish)
    return _slot("wrong_tier_and_unbilled_rental", author, tier_kept(ordered), unbilled_rental())


def wrong_tier_and_outlived(stage: Stage) -> Slot:
    """RL-C03 and RL-D01."""
    author = Author(stage)
    ordered, delivered = stepped(stage, up=stage.turn % 2 == 0)
    wish = plain_wish(stage, offering=delivered, ordered=ordered, promotion=WELCOME)
    events.install(author, promoted_start(stage, WELCOME), wish)
    return _slot("wrong_tier_and_outlived", author, tier_kept(ordered), outlived(WELCOME, None))


def wrong_price_and_outlived(stage: Stage) -> Slot:
    """RL-C05 and RL-D01."""
    author = Author(stage)
    wish = plain_wish(stage, offering=steady_offering(stage), promotion=WELCOME)
    events.install(author, promoted_start(stage, WELCOME), wish)
    mistake = wrong_price(author.tier, Decimal("8.00") if stage.turn % 2 == 0 else Decimal("-8.00"))
    return _slot("wrong_price_and_outlived", author, mistake, outlived(WELCOME, None))


def unbilled_rental_and_outlived(stage: Stage) -> Slot:
    """RL-E01 and RL-D01."""
    author = Author(stage)
    events.install(author, promoted_start(stage, WELCOME), plain_wish(stage, router="leased", promotion=WELCOME))
    return _slot("unbilled_rental_and_outlived", author, unbilled_rental(), outlived(WELCOME, None))


def unordered_speed_and_unbilled_rental(stage: Stage) -> Slot:
    """RL-C01 and RL-E01."""
    author = Author(stage)
    slow, fast = stepped(stage, up=True)
    events.install(author, old_enough(stage), plain_wish(stage, offering=slow, router="leased"))
    mistake = raised_on_the_box(author, fast)
    return _slot("unordered_speed_and_unbilled_rental", author, mistake, unbilled_rental())


def early_and_still_billed(stage: Stage) -> Slot:
    """RL-A03 and RL-B04."""
    author = Author(stage)
    appointment = stage.early_day(left=120)
    start = appointment + timedelta(days=stage.rng.randint(3, 10))
    events.install(author, start, plain_wish(stage), appointment=appointment)
    events.cease(author, later_day(stage, start, left=20))
    return _slot("early_and_still_billed", author, early_start(appointment), late_end(None))


def closed_and_wrong_tier(stage: Stage) -> Slot:
    """RL-B03 and RL-C03."""
    author = Author(stage)
    ordered, delivered = stepped(stage, up=stage.turn % 2 == 0)
    start = old_enough(stage)
    events.install(author, start, plain_wish(stage, offering=delivered, ordered=ordered))
    day = later_day(stage, start)
    events.cease(author, day, is_live=True)
    return _slot("closed_and_wrong_tier", author, early_end(day), tier_kept(ordered))


def _slot(role: str, author: Author, *mistakes: Mistake) -> Slot:
    return Slot(role, [Story(author.finish(), mistakes)])
