"""How much of a market the first cohort of a canary would take over at once: of what was ordered lately."""

from collections import Counter
from dataclasses import replace
from decimal import Decimal

from sqlalchemy import select

from canonical_model.orders import ProductOrder
from handoffs.cohort import SHARES, Cohort, WorkFacts
from handoffs.criteria import Measure, Number
from hub.takeover.signals.look import WINDOW, Look
from storage.history import known
from storage.premises_named import first_told, premises_named
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
    """How many orders of each kind and town were placed lately; one that several systems know is one."""
    order = CANONICAL_TABLES[ProductOrder]
    lately = (known(order, None), order.c.market == look.market.id, order.c.ordered_at >= look.now - WINDOW)
    premises = premises_named(look.connection, look.market.id, select(order.c.premise_id).where(*lately))
    query = select(order.c.order_number, order.c.order_type, order.c.source_system, order.c.premise_id).where(*lately)
    placed: dict[str, WorkFacts] = {}
    for number, order_type, system, premise in look.connection.execute(query.order_by(*first_told(order))):
        if number not in placed:
            town = premises.of(system, premise).town
            placed[number] = WorkFacts(look.market.id, "", None, order_type, look.market.technology, town)
    return Counter(placed.values())
