"""Field to billing: what the saga of a start or an end would tell billing, and what billing was seen to do.

What is told comes from the table of tellings that the saga itself works by (``provisioning.telling``); what is due
comes from the engine that findings are made by.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from canonical_model.billing import Subscription
from canonical_model.orders import ProductOrder
from handoffs.commands import FieldValue
from handoffs.shadow.rows import ShadowRow
from hub.readiness.orders_around import DEAD_STATES
from hub.takeover.shadow.histories import OrderHistory
from hub.takeover.shadow.tables import MarketTables
from provisioning.facts import SagaFacts
from provisioning.line import Line
from provisioning.profile import ProvisioningProfile
from provisioning.profile_making import ProfileRequest, make_profile
from provisioning.proven import Proven, proven
from provisioning.saga import SagaKind
from provisioning.standing import Standing
from provisioning.telling import tellings_of
from reconciliation.bills_apart import BillsApart, BillWindow, ClassApart
from rules.types import EngineValue

FIRST_BILLS = timedelta(days=100)
"""Bills this long after a start, or an end, belong to it: the first three, parts of months included."""

_BEFORE_LEAVING = timedelta(days=1)
"""A device that came up so long before its job was done came up for it."""

Values = dict[str, EngineValue]


@dataclass(frozen=True, slots=True)
class Told:
    """What billing would be told, and from when it counts; ``reasons`` say why it is told nothing."""

    at: datetime
    fields: Mapping[str, FieldValue] | None
    reasons: str = ""


def told_of_start(history: OrderHistory, tables: MarketTables, service_id: str) -> Told | None:
    """What billing would be told of an order of a new service; None while nothing is decided.

    Args:
        history: of the order.
        tables: of its market.
        service_id: of its service.
    """
    order, done = history.order, history.completion
    placed = order.ordered_at or (done.completed_at if done else None)
    if done is None:
        if placed is None or (order.state not in DEAD_STATES and not history.subscriptions):
            return None
        why = f"the order is {order.state}" if order.state in DEAD_STATES else "no job was completed"
        return Told(placed, None, why)
    at = _working_since(history)
    if history.device is None and not history.is_changed_since:
        return Told(done.completed_at, None, f"no element shows {history.serial or 'a device'}")
    try:
        profile = _profile(history, tables)
    except ValueError as error:
        return Told(done.completed_at, None, str(error))
    if profile is None:
        return Told(done.completed_at, None, f"no profile of {order.offering_id} is known")
    facts = _facts(history, service_id, profile, at, "active")
    return Told(done.completed_at, _telling("activate", "start_billing", facts, tables))


def told_of_end(history: OrderHistory, tables: MarketTables, service_id: str) -> Told | None:
    """What billing would be told of an order that ends a service; None while nothing is decided."""
    order = history.order
    at = order.completed_at
    if order.state != "completed" or at is None:
        return None
    try:
        profile = _profile(history, tables)
    except ValueError as error:
        return Told(at, None, str(error))
    if profile is None:
        return Told(at, None, "nobody knows what the service was sold as")
    return Told(at, _telling("cease", "stop_billing", _facts(history, service_id, profile, at, "ended"), tables))


def bill_window(history: OrderHistory, told: Told, known_until: date) -> BillWindow | None:
    """The bills that a start, or an end, has to show for itself; None where it has none yet."""
    day = None if told.fields is None else told.fields.get("starts_on", told.fields.get("ends_on"))
    if not isinstance(day, date):
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
    is_end = history.order.order_type == "cease"
    intent = _intent(told, tables, bills)
    held = _subscription(history, tables, told)
    observed = _observed(history, tables, held, bills, is_end=is_end)
    evidence = _evidence(history, tables, bills)
    return ShadowRow(history.work, told.at, intent, observed, evidence)


def _intent(told: Told, tables: MarketTables, bills: BillsApart | None) -> Values:
    fields = told.fields or {}
    offering, starts_on = fields.get("offering_id"), fields.get("starts_on")
    price = None
    if isinstance(offering, str) and isinstance(starts_on, date):
        due = None if bills is None or bills.due_offering != offering else bills.due_rate_minor
        price = tables.list_price(offering, starts_on) if due is None else due
    return {
        "bills": told.fields is not None,
        "reasons": told.reasons or None,
        "offering": offering if isinstance(offering, str) else None,
        "billing_code": _text(fields.get("billing_code")),
        "starts_on": starts_on if isinstance(starts_on, date) else None,
        "ends_on": _day(fields.get("ends_on")),
        "monthly_price": price,
        **_amounts(bills, lambda each: each.expected_minor),
    }


def _observed(
    history: OrderHistory,
    tables: MarketTables,
    held: Subscription | None,
    bills: BillsApart | None,
    *,
    is_end: bool,
) -> Values | None:
    if held is None:
        waits = history.completion is not None or is_end
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
        "starts_on": held.starts_on,
        "ends_on": held.ends_on,
        "monthly_price": None if bills is None else bills.billed_rate_minor,
    }


def _evidence(history: OrderHistory, tables: MarketTables, bills: BillsApart | None) -> Values:
    done, device, local = history.completion, history.device, tables.market.local_date
    classes = {} if bills is None else bills.classes
    found: Values = {
        "order_offering": history.order.offering_id,
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


def _telling(kind: SagaKind, command: str, facts: SagaFacts, tables: MarketTables) -> Mapping[str, FieldValue] | None:
    if facts.verified_at is None:
        return None
    what: Proven = proven(facts, tables.market, tables.offerings, facts.verified_at)
    first = next(each for each in tellings_of(kind, facts) if each.name == command)
    return first.fields(what)


def _facts(
    history: OrderHistory, service_id: str, profile: ProvisioningProfile, at: datetime, standing: Standing
) -> SagaFacts:
    """What the saga would know at its end, as all systems tell it."""
    order, device = history.order, history.device
    element = "unknown" if device is None else device.element
    port = "unknown" if device is None or device.port is None else device.port
    return SagaFacts(
        line=Line(
            service_id=service_id, market=order.market, element=element, port=port, username=f"{element} {port}"
        ),
        profile=profile,
        standing=standing,
        order_number=order.order_number,
        account_number=order.account_number,
        subscription_id="unknown" if standing == "ended" else None,
        effective_on=order.effective_on if standing == "ended" else None,
        working_since=at if standing == "active" else None,
        verified_at=at,
        installed_offering_id=profile.offering_id,
    )


def _profile(history: OrderHistory, tables: MarketTables) -> ProvisioningProfile | None:
    device = history.device
    block = None if device is None else tables.network.elements.get(device.element)
    asked = ProfileRequest(
        market=tables.market.id,
        technology=tables.market.technology,
        variant="" if block is None else block.variant,
        offering_id=history.order.offering_id or _billed_as(history, tables) or "",
        onu_id=0,
    )
    return make_profile(tables.network, "shadow", asked)


def _billed_as(history: OrderHistory, tables: MarketTables) -> str | None:
    """What an order that names no offering is about: the access that the account is billed for."""
    access = (tables.by_code.get(each.billing_code) for each in history.subscriptions if _is_access(each, tables))
    return next((each for each in access if each is not None), None)


def _working_since(history: OrderHistory) -> datetime:
    """When the service was first seen to work: its device came up, with the technician still there or just gone.

    A device that came up long after its job was done has been off in between: the job is what proves the beginning.
    """
    done, device = history.completion, history.device
    if done is None:
        raise ValueError(f"order {history.order.order_number} has no completion")
    at, since = done.completed_at, None if device is None else device.registered_since
    return since if since is not None and at - _BEFORE_LEAVING <= since <= at else at


def _subscription(history: OrderHistory, tables: MarketTables, told: Told) -> Subscription | None:
    """The subscription that bills the access of a service: at its premise, and begun nearest to what was told."""
    access = [each for each in history.subscriptions if _is_access(each, tables)]
    here = [each for each in access if each.premise_id is not None and each.premise_id == history.order.premise_id]
    day = tables.market.local_date(told.at)
    if history.order.order_type == "cease":
        return min(here or access, key=lambda each: _ends_apart(each, day), default=None)
    return min(
        here or access, key=lambda each: (abs((each.starts_on - day).days), each.subscription_id), default=None
    )


def _ends_apart(held: Subscription, day: date) -> tuple[bool, int, str]:
    return (held.ends_on is None, 0 if held.ends_on is None else abs((held.ends_on - day).days), held.subscription_id)


def _is_access(held: Subscription, tables: MarketTables) -> bool:
    offering = tables.offerings.get(tables.by_code.get(held.billing_code, ""))
    return offering is None or offering.delivered_by == "access"


def _days_of(orders: Iterable[ProductOrder]) -> Sequence[date]:
    return [each.effective_on for each in orders if each.effective_on is not None]


def _text(value: FieldValue) -> str | None:
    return value if isinstance(value, str) else None


def _day(value: FieldValue) -> date | None:
    return value if isinstance(value, date) and not isinstance(value, datetime) else None
