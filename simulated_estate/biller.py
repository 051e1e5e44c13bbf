"""The billing system's arithmetic: from a belief to bill lines, to the cent.

Monthly in arrears: the bill of a month is dated the first of the next, or a later day of it; that of a period of
another bill cycle the first day of the next one. A recurring line covers a contiguous stretch inside one month or
period at one rate; its amount is rate x days / divisor, rounded by itself.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

from simulated_estate.belief import Belief, Item, Subscription
from simulated_estate.catalogue import ACCESS, PRODUCTS, PROMOTIONS
from simulated_estate.cycles import Period, periods_of
from simulated_estate.markets import MARKETS, Convention, Market, Rounding
from simulated_estate.months import Window, next_month

_CENT = Decimal("0.01")
_HUNDRED = Decimal(100)
_DAY = timedelta(days=1)
_MODES: dict[Rounding, str] = {"half_up": ROUND_HALF_UP, "half_even": ROUND_HALF_EVEN}
Stretch = tuple[date, date]
_Piece = tuple[date, date, Decimal]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a bill; ``cover_to`` is exclusive, ``rate`` the monthly rate of one (the price of a one-time fee).

    ``period_from`` and ``period_to`` are the days of the bill it is for, the latter exclusive.
    """

    subscription: str
    product: str
    rate: Decimal
    amount: Decimal
    cover_from: date
    cover_to: date
    billed_on: date
    period_from: date
    period_to: date
    quantity: int = 1


def rounded(amount: Decimal, rounding: Rounding) -> Decimal:
    """To cents; a half goes away from zero or to the even neighbour."""
    return amount.quantize(_CENT, _MODES[rounding])


def prorated(rate: Decimal, start: date, end: date, convention: Convention, whole: Stretch | None = None) -> Decimal:
    """What ``[start, end)``, in one month or other whole period, costs at a monthly rate, before it is rounded."""
    first, following = whole or (start.replace(day=1), next_month(start))
    if (start, end) == (first, following):
        return rate
    if convention == "actual_actual":
        return rate * (end - start).days / (following - first).days
    if convention == "actual_30":
        return rate * (end - start).days / 30
    over = max(_of_360(following), _of_360(first) + 30)
    until = over if end == following else _of_360(end)
    return rate * (until - (over - 30 if start == first else _of_360(start))) / 30


def _of_360(day: date) -> int:
    """The place of a day where all months have 30."""
    return (day.year * 12 + day.month) * 30 + min(day.day, 30)


def bill(belief: Belief, window: Window) -> list[Line]:
    """All lines of an account for the months of a window, in the order of subscriptions and products.

    What is billed only after anybody looked stands on no bill yet.
    """
    lines: list[Line] = []
    periods = periods_of(belief.cycles, window)
    for subscription in belief.subscriptions:
        own = [*_recurring(subscription, periods, MARKETS[belief.market]), *_fees(subscription, periods)]
        lines += own
        if subscription.credited_on is not None:
            lines += [_credit(line, subscription.credited_on) for line in own]
    return [line for line in lines if line.billed_on <= window.as_of.date()]


def by_month(lines: Iterable[Line]) -> dict[date, int]:
    """Cents by the month in which the period begins that lines are for, months with 0 left out."""
    totals: dict[date, int] = {}
    for line in lines:
        month = line.period_from.replace(day=1)
        totals[month] = totals.get(month, 0) + int(line.amount * 100)
    return {month: cents for month, cents in totals.items() if cents}


def missing(right: Belief, wrong: Belief, window: Window) -> dict[date, int]:
    """Cents per month by which one belief bills less than another, negative where it bills more; 0 left out."""
    before, after = by_month(bill(right, window)), by_month(bill(wrong, window))
    changed = {month: before.get(month, 0) - after.get(month, 0) for month in sorted(before.keys() | after.keys())}
    return {month: cents for month, cents in changed.items() if cents}


def _recurring(subscription: Subscription, periods: Sequence[Period], market: Market) -> Iterator[Line]:
    charged_from = market.charged_from(subscription.begun_on or subscription.start)
    for period in periods:
        if period.is_stub and subscription.stub == "nothing":
            continue
        chargeable = _stretches(subscription, max(charged_from, subscription.start), period)
        if chargeable:
            yield from _of_a_period(subscription, chargeable, period, market)


def _of_a_period(
    subscription: Subscription, chargeable: list[Stretch], period: Period, market: Market
) -> Iterator[Line]:
    access: list[_Piece] = []
    for item in subscription.items:
        if item.product in ACCESS:
            pieces = [piece for stretch in _overlap(chargeable, item) for piece in _priced(item, stretch)]
            access += pieces
        elif (percent := _percent(item)) is not None:
            pieces = [
                (start, end, rate * percent / _HUNDRED)
                for piece_start, piece_end, rate in access
                for start, end in _overlap([(piece_start, piece_end)], item)
            ]
        else:
            pieces = [piece for stretch in _overlap(chargeable, item) for piece in _priced(item, stretch)]
        for start, end, rate in pieces:
            amount = rounded(_amount(subscription, rate * item.quantity, start, end, period, market), market.rounding)
            if amount:
                stated = rounded(rate, market.rounding)
                line = _line(subscription, item.product, stated, amount, start, end, period)
                yield replace(line, quantity=item.quantity) if item.quantity != 1 else line


def _amount(
    subscription: Subscription, rate: Decimal, start: date, end: date, period: Period, market: Market
) -> Decimal:
    convention = subscription.convention or market.convention
    if period.is_stub and subscription.stub == "a whole period":
        return rate
    counted_to = end + _DAY if period.is_stub and subscription.stub == "a day too many" else end
    return prorated(rate, start, counted_to, convention, (period.start, period.whole_end))


def _percent(item: Item) -> Decimal | None:
    promotion = PROMOTIONS.get(item.product)
    return promotion.percent if promotion else None


def _stretches(subscription: Subscription, first: date, period: Period) -> list[Stretch]:
    """The days of a period, from a first one on, that may be charged."""
    chargeable: list[Stretch] = []
    day = max(first, period.start)
    end = min(subscription.end or period.end, period.end)
    for gap_start, gap_end in (*sorted(subscription.suspensions, key=lambda gap: gap[0]), (end, end)):
        until = min(gap_start, end)
        if day < until:
            chargeable.append((day, until))
            day = until
        day = max(day, gap_end or end)
    return chargeable


def _overlap(stretches: Iterable[Stretch], item: Item) -> Iterator[Stretch]:
    for start, end in stretches:
        first = start if item.start is None else max(start, item.start)
        last = end if item.end is None else min(end, item.end)
        if first < last:
            yield first, last


def _priced(item: Item, stretch: Stretch) -> Iterator[_Piece]:
    """Cut a stretch where the monthly rate changes."""
    start, end = stretch
    cuts = {since for since, _ in PRODUCTS[item.product].steps if start < since < end}
    for fixed in item.rates:
        cuts.update(day for day in (fixed.start, fixed.end) if day is not None and start < day < end)
    rate = _rate_on(item, start)
    for cut in sorted(cuts):
        if (changed := _rate_on(item, cut)) != rate:
            yield start, cut, rate
            start, rate = cut, changed
    yield start, end, rate


def _rate_on(item: Item, day: date) -> Decimal:
    for fixed in item.rates:
        if (fixed.start is None or fixed.start <= day) and (fixed.end is None or day < fixed.end):
            return fixed.rate
    return PRODUCTS[item.product].price_on(day)


def _fees(subscription: Subscription, periods: Sequence[Period]) -> Iterator[Line]:
    for fee in subscription.fees:
        period = next((period for period in periods if period.start <= fee.day < period.end), None)
        if period is not None:
            price = PRODUCTS[fee.product].price_on(fee.day) * fee.times
            yield _line(subscription, fee.product, price, price, fee.day, fee.day + _DAY, period)


def _line(
    subscription: Subscription, product: str, rate: Decimal, amount: Decimal, start: date, end: date, period: Period
) -> Line:
    billed_on = period.end + (subscription.bill_day - 1) * _DAY
    if subscription.first_bill is not None:
        billed_on = max(billed_on, subscription.first_bill)
    return Line(subscription.id, product, rate, amount, start, end, billed_on, period.start, period.end)


def _credit(line: Line, billed_on: date) -> Line:
    return replace(line, rate=-line.rate, amount=-line.amount, billed_on=max(line.billed_on, billed_on))
