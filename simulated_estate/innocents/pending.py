"""Items that wait for their bill as they should, or wait no more."""

from datetime import timedelta

from simulated_estate.catalogue import VISIT_FEE
from simulated_estate.life.filings import PendingItem
from simulated_estate.life.stage import Slot, Stage, Story
from simulated_estate.mistakes.dealings import customer, days_ago


def items_on_their_way(stage: Stage) -> Slot:
    """Looks like RL-A09: one under its subscription, one of days ago, one called off, one that was billed."""
    life = customer(stage).finish()
    own, old = life.truth.subscriptions[-1].id, days_ago(stage, 20)
    recent = stage.window.end - timedelta(days=stage.rng.randint(0, 8))
    items = [
        PendingItem(f"PI-{life.account}-1", life.account, own, VISIT_FEE, 6_500, old),
        PendingItem(f"PI-{life.account}-2", life.account, None, VISIT_FEE, 6_500, recent),
        PendingItem(f"PI-{life.account}-3", life.account, None, VISIT_FEE, 6_500, old, "CANCELLED"),
        PendingItem(f"PI-{life.account}-4", life.account, None, VISIT_FEE, 6_500, old, "BILLED"),
    ]
    return Slot("items_on_their_way", [Story(life)], filings=list(items))
