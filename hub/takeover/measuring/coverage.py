"""How many records are found in the other systems by their keys, and how many codes the catalogue knows."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import ColumnElement, FromClause, exists, func, select

from canonical_model.billing import ChargeLine, Subscription
from canonical_model.customers import BillingAccount
from canonical_model.field_work import FieldCompletion, WorkOrder
from canonical_model.orders import ProductOrder
from canonical_model.places import Premise
from canonical_model.record import Record
from handoffs.criteria import Measure, Number
from handoffs.stages import Handoff
from handoffs.statistics import Share
from hub.takeover.signals.look import Look
from storage.history import known
from storage.schema.canonical import CANONICAL_TABLES

_LATELY = timedelta(days=92)
_MOST_KEYS = 500


@dataclass(frozen=True, slots=True)
class _Key:
    """A key of records that has to be found.

    Attributes:
        among, by: the records that it is looked for in, and their column.
        states: only records of these.
    """

    entity: type[Record]
    column: str
    among: type[Record]
    by: str
    states: tuple[str, ...] = ()


_ORDER_OF_JOB = _Key(WorkOrder, "order_number", ProductOrder, "order_number")
_KEYS: dict[Handoff, tuple[_Key, ...]] = {
    "order_to_provisioning": (
        _Key(ProductOrder, "account_number", BillingAccount, "account_number"),
        _Key(ProductOrder, "premise_id", Premise, "source_id"),
    ),
    "provisioning_to_dispatch": (_ORDER_OF_JOB,),
    "dispatch_to_field": (
        _Key(FieldCompletion, "work_order_id", WorkOrder, "work_order_id"),
        _Key(WorkOrder, "work_order_id", FieldCompletion, "work_order_id", ("completed",)),
        _ORDER_OF_JOB,
    ),
    "field_to_billing": (_Key(Subscription, "account_number", BillingAccount, "account_number"), _ORDER_OF_JOB),
}
"""Records whose key has to be found, by hand-off."""

_OPEN_ENDED = {ProductOrder: "ordered_at", FieldCompletion: "completed_at", WorkOrder: "created_at"}


def key_coverage(look: Look, handoff: Handoff, orders: Collection[str] | None = None) -> Measure:
    """Records of the last three months that are found by their key, of all.

    Args:
        look: at the market.
        handoff: whose keys are asked for.
        orders: only records of these orders, where they tell of one; None for all.
    """
    shares = [_found(look, key, orders) for key in _KEYS[handoff] if orders is None or _tells_order(key.entity)]
    whole = sum(shares, Share(0, 0))
    if not whole.of:
        return Measure(None, "no record with such a key came in the last three months")
    return Measure(whole)


def _tells_order(entity: type[Record]) -> bool:
    return "order_number" in entity.model_fields or entity is FieldCompletion


def _found(look: Look, key: _Key, orders: Collection[str] | None) -> Share:
    left, right = CANONICAL_TABLES[key.entity].alias("a"), CANONICAL_TABLES[key.among].alias("b")
    those: list[ColumnElement[bool]] = [
        known(left, None),
        left.c.market == look.market.id,
        left.c[key.column].is_not(None),
    ]
    if key.entity in _OPEN_ENDED:
        moment = left.c[_OPEN_ENDED[key.entity]]
        those.append((moment >= look.now - _LATELY) | moment.is_(None))
    if key.entity is Subscription:
        those.append(left.c.state != "closed")
    if key.states:
        those.append(left.c.state.in_(key.states))
    matched = exists().where(
        known(right, None), right.c.market == look.market.id, right.c[key.by] == left.c[key.column]
    )
    good = of = 0
    for some in _in_parts(orders):
        limited = those if some is None else [*those, _of_orders(look, key.entity, left, some)]
        good += look.connection.execute(select(func.count()).select_from(left).where(*limited, matched)).scalar_one()
        of += look.connection.execute(select(func.count()).select_from(left).where(*limited)).scalar_one()
    return Share(good, of)


def _of_orders(look: Look, entity: type[Record], left: FromClause, orders: list[str]) -> ColumnElement[bool]:
    """Records of some orders; a completion tells its job, and the job its order."""
    if "order_number" in entity.model_fields:
        return left.c.order_number.in_(orders)
    job = CANONICAL_TABLES[WorkOrder].alias("job")
    jobs = select(job.c.work_order_id).where(
        known(job, None), job.c.market == look.market.id, job.c.order_number.in_(orders)
    )
    return left.c.work_order_id.in_(jobs)


def _in_parts(orders: Collection[str] | None) -> Iterator[list[str] | None]:
    if orders is None:
        yield None
        return
    names = sorted(orders)
    for start in range(0, len(names), _MOST_KEYS):
        yield names[start : start + _MOST_KEYS]


def unmapped(look: Look) -> dict[str, Measure]:
    """Codes on bills of the last three months that the catalogue does not know, and their share of the money."""
    catalogue, table = look.operator.catalogue, CANONICAL_TABLES[ChargeLine]
    parts = tuple(part for bundle in catalogue.bundles for part in bundle.split or ())
    sold = (catalogue.offerings, catalogue.promotions, catalogue.bundles, parts)
    codes = {code for items in sold for item in items for code in item.billing_codes}
    query = (
        select(table.c.billing_code, func.count(), func.sum(func.abs(table.c.amount_minor)))
        .where(known(table, None), table.c.market == look.market.id)
        .where(table.c.billed_on >= look.day_of(look.now - _LATELY))
        .group_by(table.c.billing_code)
    )
    rows = [(code, int(lines), int(money)) for code, lines, money in look.connection.execute(query)]
    whole = sum(money for _, _, money in rows)
    if not rows or not whole:
        why = "nothing was billed in the last three months"
        return {"unmapped_codes": Measure(None, why), "unmapped_revenue": Measure(None, why)}
    strange = [(code, money) for code, _, money in rows if code not in codes]
    percent = Decimal(sum(money for _, money in strange)) * 100 / Decimal(whole)
    lines = sum(count for _, count, _ in rows)
    names = tuple(sorted(code for code, _ in strange))
    return {
        "unmapped_codes": Measure(Number(Decimal(len(strange)), lines), works=names),
        "unmapped_revenue": Measure(Number(percent.quantize(Decimal("0.0001")), lines), works=names),
    }
