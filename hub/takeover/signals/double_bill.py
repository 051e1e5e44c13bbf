"""A service that is billed twice: two lines for the same days, or more subscriptions than were ordered.

Two charges in one period are no double bill where each is for days of its own, as after a change of tier; and neither
are two subscriptions of an account that has two services, or that has moved.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, timedelta

from canonical_model.billing import BillingItem, ChargeLine, Subscription
from canonical_model.intervals import OPEN_END
from canonical_model.orders import ProductOrder
from handoffs.rollback import Signal
from hub.takeover.signals.look import Look, signal

_CALLED_OFF = frozenset({"rejected", "cancelled", "failed", "pendingCancellation"})
_ADDS_ACCESS = frozenset({"new", "move"})


def find(look: Look) -> Iterator[Signal]:
    """Services of the hub's customers that are billed twice."""
    access = {
        code for each in look.operator.catalogue.offerings if each.charge == "access" for code in each.billing_codes
    }
    once = {
        code
        for each in look.operator.catalogue.offerings
        if each.delivered_by in ("installation", "task", "visit", "early_end")
        for code in each.billing_codes
    }
    found: dict[str, str] = {}
    for account, began in look.acted.began_at().items():
        first = look.day_of(began) - timedelta(days=1)
        lines = [each for each in look.charge_lines.get(account, ()) if each.billed_on >= first]
        for told in _lines_twice(line for line in lines if line.billing_code not in once):
            found[f"account/{account}"] = told
        for told in _items_twice(look.pending_items.get(account, ()), once):
            found[f"account/{account}"] = told
        orders = [
            each
            for each in look.orders_of_accounts.get(account, ())
            if each.state not in _CALLED_OFF
            and (each.order_number in look.orders or _day(look, each) >= first - timedelta(days=60))
        ]
        told = _too_many(look.subscriptions.get(account, ()), _allowed(look, orders, access), first, access)
        if told:
            found[f"account/{account}"] = told
    yield from signal(look, "double_bill", "field_to_billing", found)


def _day(look: Look, order: ProductOrder) -> date:
    if order.ordered_at is not None:
        return look.day_of(order.ordered_at)
    return order.effective_on or look.day_of(look.now)


def _lines_twice(lines: Iterable[ChargeLine]) -> Iterator[str]:
    """Days that one subscription is charged for more than once, what was taken back again not counted."""
    groups: dict[tuple[str | None, str, int], list[ChargeLine]] = defaultdict(list)
    for line in lines:
        groups[line.subscription_id, line.billing_code, line.quantity].append(line)
    for (subscription, code, _), group in groups.items():
        for day in sorted({line.covers_from for line in group}):
            on_it = [line for line in group if line.covers_from <= day < line.covers_to]
            charged = [line for line in on_it if line.amount_minor > 0 and line.rate_minor >= 0]
            back = [line for line in on_it if line.amount_minor < 0]
            if len(charged) - len(back) > 1:
                yield f"{code} of subscription {subscription} is charged {len(charged) - len(back)} times for {day}"
                break


def _items_twice(items: Sequence[BillingItem], once: Collection[str]) -> Iterator[str]:
    """The same of one subscription waiting twice for the next bill, before it is made."""
    alike = Counter(
        (each.subscription_id, each.billing_code, each.amount_minor, each.created_on)
        for each in items
        if each.subscription_id is not None and each.billing_code not in once and each.amount_minor > 0
    )
    for (subscription, code, _, _), times in alike.items():
        if times > 1:
            yield f"{code} of subscription {subscription} waits {times} times for the next bill"


def _allowed(look: Look, orders: Sequence[ProductOrder], access: Collection[str]) -> Counter[str]:
    """How many subscriptions some orders may have brought, by billing code; ``access`` for those of an access.

    An order brings one piece of whatever its items do not tell more of.
    """
    codes = {each.id: each.billing_codes for each in look.operator.catalogue.offerings}
    allowed = Counter({"access": sum(order.order_type in _ADDS_ACCESS for order in orders)})
    for order in orders:
        pieces: Counter[str] = Counter()
        for item in look.items.get(order.order_number, ()):
            for code in codes.get(item.product_id, ()):
                pieces[code] += item.quantity if item.action == "add" else 0
        for code in {code for each in codes.values() for code in each} - set(access):
            allowed[code] += max(pieces[code], 1)
    return allowed


def _too_many(held: Sequence[Subscription], adding: Counter[str], first: date, access: Collection[str]) -> str:
    """How more subscriptions run at once than before the hub acted, beyond what was ordered; empty where not.

    Args:
        held: subscriptions of an account.
        adding: how many its orders may have brought, by code.
        first: the day before the hub first acted for it.
        access: billing codes of access offerings, of which one takes the place of another.
    """
    kinds = {each.billing_code: "access" if each.billing_code in access else each.billing_code for each in held}
    for kind in sorted(set(kinds.values())):
        runs = [(each.starts_on, _end(each)) for each in held if kinds[each.billing_code] == kind and _runs(each)]
        before = sum(1 for start, end in runs if start < first and end > first)
        allowed = max(before + adding[kind], 1)
        for day in sorted(start for start, _ in runs if start >= first):
            at_once = sum(1 for start, end in runs if start <= day < end)
            if at_once > allowed:
                return f"{at_once} subscriptions of {kind} run at once from {day}, {allowed} were ordered"
    return ""


def _runs(each: Subscription) -> bool:
    return each.state != "closed" or each.ends_on is not None


def _end(each: Subscription) -> date:
    return each.ends_on or OPEN_END
