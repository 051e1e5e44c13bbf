"""Two open orders that ask for the same at one premise, of which the hub acts on one.

A tenant who leaves gives an order that ends a service; two flats are two premises; what is done is no longer open.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import select

from canonical_model.orders import ProductOrder
from handoffs.rollback import Signal
from hub.takeover.signals.acted import work_of
from hub.takeover.signals.look import Look, signal
from storage.history import known
from storage.schema.canonical import CANONICAL_TABLES

_OPEN = ("acknowledged", "pending", "held", "inProgress", "partial")
_APART = timedelta(days=30)


def find(look: Look) -> Iterator[Signal]:
    """Orders of the hub that another open one asks for as well."""
    families = {each.id: each.charge for each in look.operator.catalogue.offerings}
    ours = look.acted.orders("order_to_provisioning")
    groups = defaultdict(list)
    table = CANONICAL_TABLES[ProductOrder]
    wanted = ("order_number", "premise_id", "offering_id", "ordered_at")
    query = select(*(table.c[name] for name in wanted)).where(
        known(table, None),
        table.c.market == look.market.id,
        table.c.order_type == "new",
        table.c.state.in_(_OPEN),
        table.c.premise_id.is_not(None),
    )
    for row in look.connection.execute(query):
        groups[row.premise_id, families.get(row.offering_id, row.offering_id)].append(row)
    found = {}
    for rows in groups.values():
        acted = [row for row in rows if row.order_number in ours]
        for row in acted:
            others = [
                each.order_number
                for each in rows
                if each.order_number != row.order_number
                and (
                    each.ordered_at is None
                    or row.ordered_at is None
                    or abs(each.ordered_at - row.ordered_at) < _APART
                )
            ]
            if others:
                found[work_of(row.order_number)] = (
                    f"orders {', '.join(sorted([row.order_number, *others]))} are alike"
                )
    yield from signal(look, "duplicate_order", "order_to_provisioning", found)
