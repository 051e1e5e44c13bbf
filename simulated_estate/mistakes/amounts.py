"""Charges at the wrong price, charges that are missing, and discounts that nobody ended."""

from datetime import date, timedelta
from decimal import Decimal

from simulated_estate.belief import FixedRate
from simulated_estate.catalogue import ACCESS, FREE_ROUTER, PROMOTIONS, RENTAL, WELCOME, WINBACK, offerings_of
from simulated_estate.life import events
from simulated_estate.life.author import Author
from simulated_estate.life.stage import Mistake, Slot, Stage, Story
from simulated_estate.life.taste import plain_wish
from simulated_estate.mistakes.edits import charge_access, drop_product, prolong
from simulated_estate.mistakes.limits import later_day, old_enough
from simulated_estate.months import add_months

_OFF_BY = (Decimal("5.00"), Decimal("10.00"), Decimal("-4.50"), Decimal("-7.00"))


def missed_rise(offering: str) -> Mistake:
    """RL-C05: the account kept the price that everybody paid before the last rise."""
    (_, old), (since, _) = ACCESS[offering].steps
    return Mistake("RL-C05", f"{offering} still at {old}", charge_access(FixedRate(old, since)))


def wrong_price(offering: str, off_by: Decimal, since: date | None = None) -> Mistake:
    """RL-C05: a rate that stands in no price list."""
    rate = ACCESS[offering].steps[-1][1] + off_by
    return Mistake("RL-C05", f"{offering} billed at {rate}", charge_access(FixedRate(rate, since)))


def unbilled_rental() -> Mistake:
    """RL-E01: the operator's router stands there and nobody pays for it."""
    return Mistake("RL-E01", "leased router without a rental on any bill", drop_product(RENTAL))


def outlived(promotion: str, end: date | None) -> Mistake:
    """RL-D01: a discount goes on after its term, until a day or until now."""
    return Mistake("RL-D01", f"{promotion} went on after its term", prolong(promotion, end))


def steady_offering(stage: Stage) -> str:
    """An access offering whose price has never changed."""
    names = offerings_of(stage.market.technology)
    return stage.rng.choice([name for name in names if len(ACCESS[name].steps) == 1])


def risen_offering(stage: Stage, before: date) -> str | None:
    """The market's offering whose price rose, if it did so before a day."""
    names = offerings_of(stage.market.technology)
    return next((name for name in names if ACCESS[name].steps[-1][0] > date.min and _rise(name) < before), None)


def promoted_start(stage: Stage, promotion: str) -> date:
    """A start of service whose discount ends inside the window, with some weeks left after it."""
    window = stage.window
    end = stage.day(window.start + timedelta(days=4), window.end - timedelta(days=28))
    return add_months(end, -PROMOTIONS[promotion].months)


def wrongly_priced(stage: Stage) -> Slot:
    """RL-C05 alone: a missed price rise where there was one, else a rate from nowhere."""
    author = Author(stage)
    risen = risen_offering(stage, stage.window.end - timedelta(days=20))
    if risen is not None and stage.turn % 3 != 1:
        start = min(stage.tenured_day(), _rise(risen) - timedelta(days=stage.rng.randint(5, 60)))
        events.install(author, start, plain_wish(stage, offering=risen))
        mistake = missed_rise(risen)
    else:
        start = old_enough(stage)
        events.install(author, start, plain_wish(stage, offering=steady_offering(stage)))
        since = later_day(stage, start) if stage.chance(0.5) else None
        mistake = wrong_price(author.tier, _OFF_BY[stage.turn % len(_OFF_BY)], since)
    return Slot("wrongly_priced", [Story(author.finish(), (mistake,))])


def rental_unbilled(stage: Stage) -> Slot:
    """RL-E01 alone; the order knows of the router or does not."""
    author = Author(stage)
    wish = plain_wish(stage, router="leased", is_rental_ordered=stage.turn % 2 == 0)
    events.install(author, old_enough(stage, 0.4), wish)
    return Slot("rental_unbilled", [Story(author.finish(), (unbilled_rental(),))])


def promotion_outlived(stage: Stage) -> Slot:
    """RL-D01 alone, with each of the promotions by turns."""
    author = Author(stage)
    promotion = (WELCOME, WINBACK, FREE_ROUTER)[stage.turn % 3]
    changes = {"router": "leased"} if promotion == FREE_ROUTER else {}
    events.install(author, promoted_start(stage, promotion), plain_wish(stage, promotion=promotion, **changes))
    noticed = author.promotion_end + timedelta(days=stage.rng.randint(20, 100)) if stage.chance(0.4) else None
    return Slot("promotion_outlived", [Story(author.finish(), (outlived(promotion, noticed),))])


def _rise(offering: str) -> date:
    return ACCESS[offering].steps[-1][0]
