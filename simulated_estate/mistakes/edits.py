"""How a belief about an account goes wrong: one small change each, as functions from belief to belief."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from simulated_estate.belief import Belief, Fee, FixedRate, Item, Stub, Subscription
from simulated_estate.catalogue import ACCESS
from simulated_estate.markets import Convention

Edit = Callable[[Belief], Belief]


def forget() -> Edit:
    """Nothing is billed at all."""
    return lambda belief: replace(belief, subscriptions=())


def imagine(imagined: Belief) -> Edit:
    """Everything of another belief is billed as well."""
    return lambda belief: replace(belief, subscriptions=belief.subscriptions + imagined.subscriptions)


def of_service(opened_by: str, edit: Edit) -> Edit:
    """An edit of one of several services; ``opened_by`` is its order, empty for the first."""

    def edit_one(belief: Belief) -> Belief:
        own = tuple(one for one in belief.subscriptions if one.opened_by == opened_by)
        others = tuple(one for one in belief.subscriptions if one.opened_by != opened_by)
        edited = edit(replace(belief, subscriptions=own)).subscriptions
        return replace(belief, subscriptions=others + edited if opened_by else edited + others)

    return edit_one


def start_on(day: date) -> Edit:
    """The first subscription begins on another day; what began with it follows."""
    return lambda belief: replace(
        belief, subscriptions=(replace(belief.subscriptions[0], start=day), *belief.subscriptions[1:])
    )


def end_on(day: date | None) -> Edit:
    """The last subscription ends on another day, or goes on."""
    return lambda belief: replace(
        belief, subscriptions=(*belief.subscriptions[:-1], replace(belief.subscriptions[-1], end=day))
    )


def suspend_from(day: date) -> Edit:
    """The last subscription is suspended until further notice."""

    def edit(belief: Belief) -> Belief:
        last = belief.subscriptions[-1]
        suspended = replace(last, suspensions=(*last.suspensions, (day, None)))
        return replace(belief, subscriptions=(*belief.subscriptions[:-1], suspended))

    return edit


def resume_on(day: date) -> Edit:
    """The suspension of the last subscription, which goes on, ends on a day."""

    def edit(belief: Belief) -> Belief:
        last = belief.subscriptions[-1]
        resumed = tuple((start, day if end is None else end) for start, end in last.suspensions)
        return replace(belief, subscriptions=(*belief.subscriptions[:-1], replace(last, suspensions=resumed)))

    return edit


def keep_tier(offering: str) -> Edit:
    """One access offering is billed all the time, at its list price."""

    def edit(items: tuple[Item, ...]) -> tuple[Item, ...]:
        others = tuple(item for item in items if item.product not in ACCESS)
        return (Item(offering), *others)

    return _items(edit)


def charge_access(rate: FixedRate) -> Edit:
    """The access offering is billed at a rate of its own."""

    def edit(items: tuple[Item, ...]) -> tuple[Item, ...]:
        return tuple(replace(item, rates=(rate,)) if item.product in ACCESS else item for item in items)

    return _items(edit)


def drop_product(product: str) -> Edit:
    """A product is never billed."""
    return _items(lambda items: tuple(item for item in items if item.product != product))


def also_charge(product: str) -> Edit:
    """A product is billed all the time, although nobody has it."""
    return _items(lambda items: (*items, Item(product)))


def drop_fee(product: str) -> Edit:
    """A one-time fee is never billed."""
    return _fees(lambda fees: tuple(fee for fee in fees if fee.product != product))


def charge_fee(fee: Fee) -> Edit:
    """The first subscription is charged one fee more."""

    def edit(belief: Belief) -> Belief:
        first = belief.subscriptions[0]
        return replace(belief, subscriptions=(replace(first, fees=(*first.fees, fee)), *belief.subscriptions[1:]))

    return edit


def charge_also(item: Item) -> Edit:
    """Something else is billed as well."""
    return _items(lambda items: (*items, item))


def charge_list_price() -> Edit:
    """The access offerings are billed at their list price, whatever was agreed."""
    return _items(lambda items: tuple(replace(item, rates=()) if item.product in ACCESS else item for item in items))


def count_as(product: str, quantity: int) -> Edit:
    """Another number of a product is billed."""
    return _items(
        lambda items: tuple(replace(item, quantity=quantity) if item.product == product else item for item in items)
    )


def retier_on(day: date) -> Edit:
    """The last change of tier is billed from another day on."""

    def edit(items: tuple[Item, ...]) -> tuple[Item, ...]:
        last = [item for item in items if item.product in ACCESS][-1]
        return tuple(
            replace(item, start=day)
            if item is last
            else replace(item, end=day)
            if item.product in ACCESS and item.end == last.start
            else item
            for item in items
        )

    return _items(edit)


def count_by(convention: Convention) -> Edit:
    """Parts of a month are counted in another way than in the market."""
    return lambda belief: replace(
        belief, subscriptions=tuple(replace(one, convention=convention) for one in belief.subscriptions)
    )


def charge_stub(stub: Stub) -> Edit:
    """Days that a change of bill cycle cuts off are charged otherwise."""
    return lambda belief: replace(
        belief, subscriptions=tuple(replace(one, stub=stub) for one in belief.subscriptions)
    )


def prolong(product: str, end: date | None) -> Edit:
    """A product goes on until another day."""
    return _items(lambda items: tuple(replace(item, end=end) if item.product == product else item for item in items))


def _items(edit: Callable[[tuple[Item, ...]], tuple[Item, ...]]) -> Edit:
    def edit_all(belief: Belief) -> Belief:
        changed: tuple[Subscription, ...] = tuple(
            replace(subscription, items=edit(subscription.items)) for subscription in belief.subscriptions
        )
        return replace(belief, subscriptions=changed)

    return edit_all


def _fees(edit: Callable[[tuple[Fee, ...]], tuple[Fee, ...]]) -> Edit:
    return lambda belief: replace(
        belief, subscriptions=tuple(replace(one, fees=edit(one.fees)) for one in belief.subscriptions)
    )
