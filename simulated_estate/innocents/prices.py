"""Prices, fees and discounts that look wrong and were approved, or look odd and are right."""

from datetime import timedelta
from decimal import Decimal

from simulated_estate.catalogue import ACCESS, FREE_ROUTER, INSTALL_FEE, WELCOME, WINBACK
from simulated_estate.life import events
from simulated_estate.life.author import Author
from simulated_estate.life.records import PriceException, Term
from simulated_estate.life.stage import Slot, Stage, Story
from simulated_estate.life.taste import ordinary_wish, plain_wish
from simulated_estate.markets import MESA
from simulated_estate.mistakes.amounts import promoted_start, risen_offering
from simulated_estate.mistakes.limits import later_day, old_enough


def grandfathered_price(stage: Stage) -> Slot:
    """Looks like RL-C05: the old price, or one of its own, approved in the CRM."""
    author = Author(stage)
    risen = risen_offering(stage, stage.window.end)
    changes = {"offering": risen} if risen else {}
    start = stage.tenured_day()
    events.install(author, start, plain_wish(stage, **changes))
    steps = ACCESS[author.tier].steps
    rate = steps[0][1] if risen else steps[-1][1] - Decimal("6.00")
    end = later_day(stage, start) if stage.turn % 3 == 2 else None
    events.override(author, rate, start, end)
    return _slot("grandfathered_price", author)


def fee_waiver(stage: Stage) -> Slot:
    """Looks like a missing fee: the order says that installation is charged, an approval says that it is not."""
    author = Author(stage)
    start = stage.early_day()
    events.install(author, start, plain_wish(stage, is_fee_waived=False))
    author.amend_service(is_fee_due=False)
    end = start + timedelta(days=30) if stage.chance(0.5) else None
    waiver = PriceException("fee_waiver", INSTALL_FEE, None, start - timedelta(days=5), end, author.approver())
    author.exceptions.append(waiver)
    return _slot("fee_waiver", author)


def waiver_lapsed(stage: Stage) -> Slot:
    """Looks like RL-A06: a waiver was approved, and was over when the service was installed."""
    author = Author(stage)
    start = stage.early_day()
    events.install(author, start, plain_wish(stage, is_fee_waived=False))
    first = start - timedelta(days=60)
    waiver = PriceException("fee_waiver", INSTALL_FEE, None, first, start - timedelta(days=20), author.approver())
    author.exceptions.append(waiver)
    return _slot("waiver_lapsed", author)


def promotion_extended(stage: Stage) -> Slot:
    """Looks like RL-D01: the discount goes on after its term, with an approval."""
    author = Author(stage)
    promotion = WELCOME if stage.turn % 2 == 0 else WINBACK
    start = promoted_start(stage, promotion)
    events.install(author, start, plain_wish(stage, promotion=promotion))
    end = author.promotion_end
    longer = end + timedelta(days=stage.rng.randint(15, 120))
    author.amend_service(promotion=Term(promotion, start, longer))
    author.exceptions.append(PriceException("promo_extension", promotion, None, end, longer, author.approver()))
    return _slot("promotion_extended", author)


def promotion_ending(stage: Stage) -> Slot:
    """Looks like RL-D01: a discount that ends inside a month and is prorated right."""
    author = Author(stage)
    promotion = WINBACK if stage.turn % 2 == 0 else WELCOME
    events.install(author, promoted_start(stage, promotion), plain_wish(stage, promotion=promotion))
    return _slot("promotion_ending", author)


def price_change_inside_month(stage: Stage) -> Slot:
    """Looks like RL-C05: two lines at two rates in the month of a price rise."""
    author = Author(stage)
    changes = {"offering": "ether-500"} if stage.market is MESA else {}
    events.install(author, stage.tenured_day(), ordinary_wish(stage, **changes))
    return _slot("price_change_inside_month", author)


def free_router(stage: Stage) -> Slot:
    """Looks like RL-E01: a rental that a promotion takes back to the cent while it lasts."""
    author = Author(stage)
    wish = plain_wish(stage, router="leased", promotion=FREE_ROUTER)
    events.install(author, promoted_start(stage, FREE_ROUTER), wish)
    return _slot("free_router", author)


def own_router(stage: Stage) -> Slot:
    """Looks like RL-E01: a router on the completion that belongs to the customer."""
    author = Author(stage)
    events.install(author, old_enough(stage, 0.4), plain_wish(stage, router="customer"))
    return _slot("own_router", author)


def courtesy_account(stage: Stage) -> Slot:
    """Looks like RL-A01: live and never billed, by approval; some are the operator's own sites."""
    author = Author(stage, segment="internal" if stage.turn % 2 == 0 else "residential", has_bills=False)
    start = old_enough(stage, 0.5)
    events.install(author, start, plain_wish(stage, is_fee_waived=True))
    end = None if stage.chance(0.5) else stage.window.end + timedelta(days=200)
    author.exceptions.append(PriceException("courtesy_account", None, None, start, end, author.approver()))
    return _slot("courtesy_account", author)


def _slot(role: str, author: Author) -> Slot:
    return Slot(role, [Story(author.finish())])
