"""Items that no bill run takes, because they hang on nothing."""

from simulated_estate.catalogue import OUTLET_FEE, VISIT_FEE
from simulated_estate.life.filings import PendingItem
from simulated_estate.life.stage import ExposureClass, Loss, Slot, Stage, Story
from simulated_estate.mistakes.dealings import customer, days_ago

_PRODUCTS = ((VISIT_FEE, 6_500), (OUTLET_FEE, 4_500))


def item_of_no_subscription(stage: Stage) -> Slot:
    """RL-A09: something was to be charged, and the item names no subscription, or one that nobody has."""
    life = customer(stage).finish()
    day = days_ago(stage, 20)
    product, cents = _PRODUCTS[stage.turn % 2]
    named = (None, f"SUB9{life.account}")[stage.turn // 2 % 2]
    item = PendingItem(f"PI-{life.account}", life.account, named, product, cents, day)
    month = day.replace(day=1)
    exposure_class: ExposureClass = "recoverable" if month >= stage.window.back_bill_from else "lost"
    note = f"waits since {day} under {named or 'no subscription'}"
    subject = f"billing_item/{item.number}"
    loss = Loss("RL-A09", "billing_item", subject, "under_billed", exposure_class, {month: cents}, note)
    return Slot("item_of_no_subscription", [Story(life, losses=(loss,))], filings=[item])
