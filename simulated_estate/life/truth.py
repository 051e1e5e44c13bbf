"""What a billing system without mistakes would believe of a service."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from simulated_estate.belief import Belief, Fee, FixedRate, Item, Subscription
from simulated_estate.catalogue import INSTALL_FEE, PROMOTIONS
from simulated_estate.life.numbers import Numbers
from simulated_estate.life.records import Service, Term


def true_belief(account: str, market: str, services: Sequence[Service], numbers: Numbers) -> Belief:
    """One subscription for each premise of a service, one after the other; services in the order they began."""
    subscriptions: list[Subscription] = []
    for place, service in enumerate(services):
        subscriptions += _subscriptions(service, service.opened_by if place else "", numbers)
    return Belief(account, market, tuple(subscriptions))


def taken_over(belief: Belief, day: date, numbers: Numbers) -> Belief:
    """The same when another billing system takes over on a day: the old subscriptions end and new ones begin."""
    subscriptions: list[Subscription] = []
    for one in belief.subscriptions:
        before = tuple(fee for fee in one.fees if fee.day < day)
        after = tuple(fee for fee in one.fees if fee.day >= day)
        if one.start < day:
            end = day if one.end is None else min(one.end, day)
            subscriptions.append(replace(one, end=end, fees=before))
        if one.end is None or one.end > day:
            subscriptions.append(
                replace(
                    one,
                    id=numbers.subscription(),
                    start=max(one.start, day),
                    begun_on=one.begun_on or one.start,
                    fees=after,
                    first_bill=None,
                    biller="target",
                )
            )
    return replace(belief, subscriptions=tuple(subscriptions))


def _subscriptions(service: Service, opened_by: str, numbers: Numbers) -> list[Subscription]:
    items = tuple(_items(service))
    starts = (service.start, *service.moves)
    subscriptions = [
        Subscription(
            numbers.subscription(),
            start,
            end,
            items,
            _within(service, start, end),
            opened_by=opened_by,
            location=service.location,
            begun_on=service.start if start != service.start else None,
        )
        for start, end in zip(starts, (*service.moves, service.end), strict=True)
    ]
    subscriptions[0] = replace(subscriptions[0], first_bill=service.first_bill)
    installation = (Fee(INSTALL_FEE, service.start),) if service.is_fee_due else ()
    fees = (*installation, *service.fees)
    begun = [max(day for day in starts if day <= fee.day) for fee in fees]
    return [
        replace(one, fees=tuple(fee for fee, start in zip(fees, begun, strict=True) if start == one.start))
        for one in subscriptions
    ]


def _items(service: Service) -> Iterator[Item]:
    """Access first, discounts that are a share of it last."""
    ends = [since for since, _ in service.tiers[1:]]
    for (since, offering), end in zip(service.tiers, (*ends, None), strict=True):
        rates = tuple(fixed for product, fixed in service.rates if product == offering)
        yield Item(offering, _since(service, since), end, rates)
    terms = (*service.extras, *((service.promotion,) if service.promotion else ()))
    for term in sorted(terms, key=_is_percentage):
        rates = () if term.rate is None else (FixedRate(term.rate),)
        yield Item(term.product, _since(service, term.start), term.end, rates, term.quantity)


def _since(service: Service, day: date) -> date | None:
    """A day, or None for what began with the service: it follows wherever billing believes that start to be."""
    return None if day == service.start else day


def _is_percentage(term: Term) -> bool:
    promotion = PROMOTIONS.get(term.product)
    return promotion is not None and promotion.percent is not None


def _within(service: Service, start: date, end: date | None) -> tuple[tuple[date, date | None], ...]:
    return tuple(period for period in service.suspensions if start <= period[0] and (end is None or period[0] < end))
