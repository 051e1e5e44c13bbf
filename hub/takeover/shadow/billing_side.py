"""Field to billing: what billing would be told beside what it was seen to do, and its bills beside what is due.

What is due comes from the engine that findings are made by.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta

from canonical_model.billing import Subscription
from canonical_model.orders import ProductOrder
from handoffs.commands import FieldValue
from handoffs.shadow.rows import ShadowRow
from hub.takeover.shadow.billing_told import Told
from hub.takeover.shadow.histories import GOES_ON, OrderHistory
from hub.takeover.shadow.sold_as import is_access
from hub.takeover.shadow.tables import MarketTables
from reconciliation.bills_apart import BillsApart, BillWindow, ClassApart
from rules.types import EngineValue

FIRST_BILLS = timedelta(days=100)
"""Bills this long after a start, or an end, belong to it: the first three, parts of months included."""

Values = dict[str, EngineValue]


def bill_window(history: OrderHistory, told: Told, known_until: date) -> BillWindow | None:
    """The bills that an order has to show for itself; None where it has none yet."""
    day = _counted_from(told)
    if day is None:
        return None
    until = min([known_until, day + FIRST_BILLS, *_days_of(history.service_orders)])
    return BillWindow(history.work, history.order.order_number, day, until) if until > day else None


def billing_row(history: OrderHistory, told: Told, tables: MarketTables, bills: BillsApart | None) -> ShadowRow:
    """What the hub would tell billing beside what billing shows.

    Args:
        history: of the order.
        told: what billing would be told.
        tables: of the market.
        bills: of the window that belongs to it, where the engine knows them.
    """
    intent = _intent(told, tables, bills)
    held = _subscription(history, tables, told)
    observed = _observed(history, tables, held, bills)
    evidence = _evidence(history, tables, bills)
    if history.order.order_type in GOES_ON and observed is not None and not _shows_change(observed, intent, bills):
        return ShadowRow(history.work, told.at, intent, None, evidence, otherwise=observed)
    return ShadowRow(history.work, told.at, intent, observed, evidence)


def _shows_change(observed: Values, intent: Values, bills: BillsApart | None) -> bool:
    """Whether billing has had its say about a change: it was billed since, or has what it should have by now."""
    return (bills is not None and bills.billed_offering is not None) or observed.get("offering") == intent["offering"]


def _intent(told: Told, tables: MarketTables, bills: BillsApart | None) -> Values:
    fields, day = told.fields or {}, _counted_from(told)
    offering = fields.get("offering_id")
    price = None
    if isinstance(offering, str) and day is not None:
        due = None if bills is None or bills.due_offering != offering else bills.due_rate_minor
        price = tables.list_price(offering, day) if due is None else due
    return {
        "bills": told.fields is not None,
        "reasons": told.reasons or None,
        "held_by": told.held_by or None,
        "offering": offering if isinstance(offering, str) else None,
        "billing_code": _text(fields.get("billing_code")),
        "starts_on": _day(fields.get("starts_on")),
        "ends_on": _day(fields.get("ends_on")),
        "monthly_price": price,
        **_amounts(bills, lambda each: each.expected_minor),
    }


def _observed(
    history: OrderHistory,
    tables: MarketTables,
    held: Subscription | None,
    bills: BillsApart | None,
) -> Values | None:
    is_end, goes_on = history.order.order_type == "cease", history.order.order_type in GOES_ON
    if held is None:
        waits = history.completion is not None or is_end or goes_on
        return None if waits and (bills is None or not bills.is_billed) else {"bills": False}
    billed = {"bills": True, **_amounts(bills, lambda each: each.billed_minor)}
    if is_end:
        return billed | {"ends_on": held.ends_on}
    first = None if bills is None else bills.billed_offering
    code, offering = held.billing_code, tables.by_code.get(held.billing_code)
    if first is not None and first != offering:
        # billed first under another offering than it has now: a change since, or a code that the catalogue lacks
        offering, code = first, ""
    elif history.is_changed_since and first is None:
        offering, code = None, ""
    return billed | {
        "offering": offering,
        "billing_code": code or None,
        "starts_on": None if goes_on else held.starts_on,
        "ends_on": held.ends_on,
        "monthly_price": None if bills is None else bills.billed_rate_minor,
    }


def _evidence(history: OrderHistory, tables: MarketTables, bills: BillsApart | None) -> Values:
    done, device, local = history.completion, history.device, tables.market.local_date
    classes = {} if bills is None else bills.classes
    found: Values = {
        "order_offering": history.order.offering_id,
        "order_effective_on": history.order.effective_on,
        "is_courtesy": any(each.kind == "courtesy_account" for each in history.alterations),
        "completion_on": None if done is None else local(done.completed_at),
        "completion_offering": None if done is None else done.installed_offering_id,
        "network_seen": device is not None,
        "network_live": device is not None and device.operational_state == "up",
        "network_since": None,
        "network_offering": None,
        "last_traffic_on": None,
        "subscriptions": len(history.subscriptions),
        "periods": 0 if bills is None else bills.periods,
        "periods_apart": 0 if bills is None else len(bills.months_apart),
        "proven_by": ", ".join(sorted({rule for each in classes.values() for rule in each.rules})) or None,
        "months_apart": None
        if bills is None
        else ", ".join(f"{month:%Y-%m}" for month in bills.months_apart) or None,
    }
    for name in ("recurring", "one_time", "discount", "penalty"):
        found[f"{name}_apart"] = classes.get(name, _NOTHING).apart_minor
        found[f"{name}_claimed"] = classes.get(name, _NOTHING).claimed_minor
    if device is not None:
        since, traffic = device.registered_since, device.last_traffic_at
        found["network_since"] = None if since is None else local(since)
        found["last_traffic_on"] = None if traffic is None else local(traffic)
        if not history.is_changed_since and device.profile is not None:
            found["network_offering"] = tables.by_profile.get(device.profile)
    return found


_NOTHING = ClassApart()


def _amounts(bills: BillsApart | None, of: Callable[[ClassApart], int]) -> Values:
    if bills is None or not bills.periods:
        return {}
    return {name: of(bills.classes.get(name, _NOTHING)) for name in ("recurring", "one_time", "discount", "penalty")}


def _subscription(history: OrderHistory, tables: MarketTables, told: Told) -> Subscription | None:
    """The subscription that bills the access of a service: at its premise, and begun nearest to what was told."""
    access = [each for each in history.subscriptions if is_access(each, tables)]
    here = [each for each in access if each.premise_id is not None and each.premise_id == history.order.premise_id]
    day = tables.market.local_date(told.at)
    if history.order.order_type == "cease":
        return min(here or access, key=lambda each: _ends_apart(each, day), default=None)
    return min(
        here or access, key=lambda each: (abs((each.starts_on - day).days), each.subscription_id), default=None
    )


def _ends_apart(held: Subscription, day: date) -> tuple[bool, int, str]:
    return (held.ends_on is None, 0 if held.ends_on is None else abs((held.ends_on - day).days), held.subscription_id)


def _counted_from(told: Told) -> date | None:
    """The first day of which billing would be told."""
    fields = told.fields or {}
    named = (_day(fields.get(name)) for name in ("starts_on", "effective_on", "ends_on"))
    return next((day for day in named if day is not None), None)


def _days_of(orders: Iterable[ProductOrder]) -> Sequence[date]:
    return [each.effective_on for each in orders if each.effective_on is not None]


def _text(value: FieldValue) -> str | None:
    return value if isinstance(value, str) else None


def _day(value: FieldValue) -> date | None:
    return value if isinstance(value, date) and not isinstance(value, datetime) else None
