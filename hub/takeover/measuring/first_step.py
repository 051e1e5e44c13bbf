"""How much of a market the first cohort of a canary would take over at once: of what was ordered lately."""

from collections import Counter
from dataclasses import replace
from decimal import Decimal

from sqlalchemy import func, select

from canonical_model.orders import ProductOrder
from canonical_model.places import Premise
from handoffs.cohort import SHARES, Cohort, WorkFacts
from handoffs.criteria import Measure, Number
from hub.takeover.signals.look import WINDOW, Look
from storage.history import known
from storage.schema.canonical import CANONICAL_TABLES

_TENTH = Decimal("0.1")


def first_step(look: Look, cohort: Cohort) -> Measure:
    """The percent of a market's orders that a cohort holds.

    Where nothing was ordered lately nobody knows how wide a town is, and the cohort counts as its share of all.

    Args:
        look: at the market.
        cohort: of the next step.
    """
    orders, whole = _orders(look), replace(cohort, share=SHARES)
    held = sum(number for facts, number in orders.items() if whole.holds(facts))
    total = sum(orders.values())
    among = Decimal(held) / total if total else Decimal(1)
    percent = (100 * among * cohort.share / SHARES).quantize(_TENTH)
    return Measure(Number(percent))


def _orders(look: Look) -> Counter[WorkFacts]:
    """How many orders of each kind and town were placed lately."""
    order, premise = CANONICAL_TABLES[ProductOrder], CANONICAL_TABLES[Premise]
    there = (premise.c.source_id == order.c.premise_id) & (premise.c.market == order.c.market) & known(premise, None)
    query = (
        select(order.c.order_type, premise.c.city, func.count())
        .select_from(order.outerjoin(premise, there))
        .where(known(order, None), order.c.market == look.market.id, order.c.ordered_at >= look.now - WINDOW)
        .group_by(order.c.order_type, premise.c.city)
    )
    technology = look.market.technology
    return Counter(
        {
            WorkFacts(look.market.id, "", None, order_type, technology, town): number
            for order_type, town, number in look.connection.execute(query)
        }
    )
