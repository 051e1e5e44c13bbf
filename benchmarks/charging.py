"""What stretches cost month by month in integer arithmetic: the truth for every engine, in numpy alone."""

from dataclasses import dataclass, fields

import numpy as np

from benchmarks.days import OPEN, Days, Flags
from benchmarks.lives import NO_PRICE, Lives, Stretches, stretches
from benchmarks.measured_operator import (
    INSTALLATION,
    INSTALLATION_CHARGE,
    LOYALTY,
    LOYALTY_CHARGE,
    MONTHS,
    PriceArrays,
)

FEE_MINOR = 9_900


@dataclass(frozen=True, slots=True)
class Lines:
    """Charges of one stretch in one month at one price; what a bill prints.

    Attributes:
        position: of the service in its lives.
        month: position of the judged month.
        rate_minor: price of a whole month in cents, discounts rounded.
    """

    position: Days
    month: Days
    charge: Days
    product: Days
    covers_from: Days
    covers_to: Days
    rate_minor: Days
    amount_minor: Days


def half_up(numerator: Days, divisor: Days | int) -> Days:
    """Quotient rounded half away from zero."""
    return np.sign(numerator) * ((2 * np.abs(numerator) + divisor) // (2 * divisor))


def charge(lives: Lives, prices: PriceArrays) -> Lines:
    """Every line that lives are charged with in the judged months, in the order of services."""
    running = stretches(lives)
    charged = _take(running, ~running.is_suspended)
    listed = _take(charged, charged.unit_price == NO_PRICE)
    own = _take(charged, charged.unit_price != NO_PRICE)
    parts = [_fees(lives, prices)]
    for piece in range(prices.piece_from.shape[1]):
        of = listed.product
        parts.append(
            _lines(
                listed,
                prices,
                prices.piece_month[of, piece],
                prices.piece_from[of, piece],
                prices.piece_to[of, piece],
                prices.piece_price[of, piece],
            )
        )
    for month in range(MONTHS):
        whole = np.full_like(own.position, month)
        parts.append(_lines(own, prices, whole, prices.month_from[whole], prices.month_to[whole], own.unit_price))
    columns = {field.name: np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Lines)}
    order = np.argsort(columns["position"], kind="stable")
    return Lines(**{name: column[order] for name, column in columns.items()})


def by_month(lines: Lines, services: int) -> Days:
    """Cents of every service and month."""
    totals = np.zeros((services, MONTHS), dtype=np.int64)
    np.add.at(totals, (lines.position, lines.month), lines.amount_minor)
    return totals


def _take(given: Stretches, chosen: Flags) -> Stretches:
    return Stretches(**{field.name: getattr(given, field.name)[chosen] for field in fields(given)})


def _lines(given: Stretches, prices: PriceArrays, month: Days, since: Days, until: Days, price: Days) -> Lines:
    covers_from = np.maximum(given.starts_on, since)
    covers_to = np.minimum(given.ends_on, until)
    some = np.flatnonzero(covers_from < covers_to)
    covers_from, covers_to, month, price = covers_from[some], covers_to[some], month[some], price[some]
    factor, code = given.factor[some], given.charge[some]
    length = prices.month_to[month] - prices.month_from[month]
    return Lines(
        position=given.position[some],
        month=month,
        charge=code,
        product=np.where(code == LOYALTY_CHARGE, LOYALTY, given.product[some]),
        covers_from=covers_from,
        covers_to=covers_to,
        rate_minor=half_up(price * factor, 10_000),
        amount_minor=half_up(price * factor * (covers_to - covers_from), length * 10_000),
    )


def _fees(lives: Lives, prices: PriceArrays) -> Lines:
    position = np.flatnonzero((lives.fee_on >= prices.month_from[0]) & (lives.fee_on < OPEN))
    day = lives.fee_on[position]
    fee = np.full_like(position, FEE_MINOR)
    return Lines(
        position=position,
        month=np.searchsorted(prices.month_from, day, side="right") - 1,
        charge=np.full_like(position, INSTALLATION_CHARGE),
        product=np.full_like(position, INSTALLATION),
        covers_from=day,
        covers_to=day + 1,
        rate_minor=fee,
        amount_minor=fee,
    )
