"""What the hub told billing, held against order, catalogue, completion and proof: computed anew, by other code.

A wrong zone, a wrong scale of prices, another market's price list and a part that nobody proved are seen here before
a bill is made of them.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from canonical_model.money import minor_digits
from handoffs.commands import from_json
from handoffs.rollback import Signal
from hub.takeover.signals.acted import ActedSaga, order_of, work_of
from hub.takeover.signals.look import Look, signal
from hub.takeover.signals.prices import agreed_prices, list_price, offering_of
from storage.effects import Effect

_DAYS = {
    "start_billing": "starts_on",
    "change_billing": "effective_on",
    "stop_billing": "ends_on",
    "suspend_billing": "starts_on",
    "resume_billing": "resumes_on",
}
"""Commands that move money, and their field with the day from which they do."""


def find(look: Look) -> Iterator[Signal]:
    """Services of which billing was told something else than what was ordered, done and proven."""
    found = {}
    for effect in look.acted.effects:
        if effect.command in _DAYS:
            said = "; ".join(_faults(look, effect))
            if said:
                order = order_of(effect)
                found[work_of(order) if order else effect.subject] = f"{effect.command}: {said}"
    yield from signal(look, "told_differs", "field_to_billing", found)


def _faults(look: Look, effect: Effect) -> Iterator[str]:
    fields = from_json(effect.command, effect.fields)
    day = fields.get(_DAYS[effect.command])
    acted = look.acted.saga_of(effect)
    yield from _of_another(look, effect)
    if isinstance(day, date):
        yield from _wrong_day(look, effect, day, acted)
        if effect.command in ("start_billing", "change_billing"):
            yield from _wrong_product(look, effect, day, acted, fields.get("monthly_price"))


def _of_another(look: Look, effect: Effect) -> Iterator[str]:
    """A subscription that billing knows, and knows of another account."""
    told, account = effect.fields.get("subscription_id"), effect.fields.get("account_number")
    if told is None or account is None:
        return
    own = {each.subscription_id for each in look.subscriptions.get(str(account), ())}
    if told not in own and look.owner_of(str(told)) not in (None, account):
        yield f"subscription {told} is not of the account that was told"


def _wrong_day(look: Look, effect: Effect, day: date, acted: ActedSaga | None) -> Iterator[str]:
    told_on = look.day_of(effect.enqueued_at)
    if day > told_on:
        yield f"it holds from {day}, and was told on {told_on} already"
    order = look.orders.get(order_of(effect) or "")
    begins = effect.command in ("start_billing", "change_billing")  # whoever has left may say so afterwards
    if begins and order is not None and order.ordered_at is not None and day < look.day_of(order.ordered_at):
        yield f"it holds from {day}, before it was ordered on {look.day_of(order.ordered_at)}"
    if acted is None:
        return
    facts = acted.facts
    proven = (facts.working_since if facts.standing == "active" else None) or facts.verified_at
    if proven is None:
        yield "nothing was proven by then"
        return
    proven_on = look.day_of(proven)
    allowed = {proven_on}
    if facts.standing == "ended" and facts.effective_on is not None:
        allowed.add(min(proven_on, facts.effective_on))
    if day not in allowed:
        yield f"it holds from {day}, and was proven on {proven_on} in the market's time"


def _wrong_product(look: Look, effect: Effect, day: date, acted: ActedSaga | None, price: object) -> Iterator[str]:
    offering_id, code = str(effect.fields.get("offering_id")), str(effect.fields.get("billing_code"))
    offering = offering_of(look.operator.catalogue, offering_id)
    if offering is None:
        yield f"the catalogue does not know {offering_id}"
        return
    if code not in offering.billing_codes:
        yield f"{code} is no code of {offering_id}"
    listed = list_price(offering, look.market, day)
    account = str(effect.fields.get("account_number"))
    agreed = agreed_prices(look.alterations.get(account, ()), offering, minor_digits(look.market.currency))
    if listed is None and not agreed:
        yield f"{offering_id} is not sold in {look.market.id} on {day}"
    held = set() if acted is None or acted.facts.billing.amount is None else {acted.facts.billing.amount}
    if isinstance(price, Decimal) and price not in {listed, *agreed, *held}:
        yield f"{price} a month was told for {offering_id}, which costs {listed}"
    yield from _not_ordered(look, effect, offering_id, offering.charge == "access", acted)


def _not_ordered(
    look: Look, effect: Effect, offering_id: str, is_access: bool, acted: ActedSaga | None
) -> Iterator[str]:
    """An access that was neither ordered, nor installed, nor provisioned; a part that nobody has proven."""
    number = order_of(effect)
    order = look.orders.get(number or "")
    if is_access and order is not None and number is not None:
        done = look.completion_of(number)
        allowed = {order.offering_id, None if done is None else done.installed_offering_id}
        if offering_id not in allowed and allowed != {None}:
            sold = " or ".join(sorted(each for each in allowed if each))
            yield f"{offering_id} was told, {sold} was sold or installed"
    if acted is None or is_access:
        return
    facts = acted.facts
    if offering_id == facts.voice_offering_id and "voice" in facts.missing_parts:
        yield f"{offering_id} was told, and the telephone was not seen to be registered"
    if offering_id not in {facts.voice_offering_id, *facts.extra_offering_ids, facts.installed_offering_id}:
        yield f"{offering_id} was told, and is no part of what was sold"
    ordered = {item.product_id for item in look.items.get(number or "", ()) if item.action == "add"}
    if order is not None and effect.command == "start_billing" and offering_id not in ordered:
        yield f"{offering_id} was told, and is no item of order {number}"
