"""The catalogue of one market as small tables: months, products, and a unit price for every piece of a month."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from canonical_model.catalogue import (
    ONE_TIME,
    Bundle,
    BundleLine,
    Catalogue,
    OfferingPrice,
    ProductOffering,
    Promotion,
)
from canonical_model.errors import ConfigurationError
from canonical_model.intervals import OPEN_END, DateInterval
from canonical_model.markets import Market
from canonical_model.money import Money, minor_digits

FULL_FACTOR = 10_000
"""A price itself, in ten-thousandths; a discount of 15 % is -1500 of them."""

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class PriceBook:
    """Small tables, each a list of rows in the order of ``COLUMNS``.

    ``unit_price`` is an integer with the catalogue's number of digits; ``price_scale`` is how many of them make
    one minor unit of the currency.
    """

    period: list[Row]
    charge: list[Row]
    product: list[Row]
    promotion: list[Row]
    promotion_offering: list[Row]
    bundle: list[Row]
    price: list[Row]
    rate: list[Row]
    cost: list[Row]
    billing_code: list[Row]
    profile_product: list[Row]
    device_model: list[Row]
    work_code: list[Row]
    product_part: list[Row]
    contractor_rate: list[Row]
    missed_appointment_credit: list[Row]
    missed_appointment_cause: list[Row]
    wholesale_price: list[Row]
    price_scale: int


COLUMNS = {
    "period": "period_id SMALLINT, starts_on DATE, ends_on DATE, days SMALLINT, is_recoverable BOOLEAN",
    "charge": "charge_id SMALLINT, charge VARCHAR, kind VARCHAR, delivered_by VARCHAR, discount_kind VARCHAR",
    "product": (
        "product_id SMALLINT, id VARCHAR, charge_id SMALLINT, charge VARCHAR, delivered_by VARCHAR,"
        " device_kind VARCHAR, per_month_left BOOLEAN"
    ),
    "promotion": (
        "promotion_id SMALLINT, id VARCHAR, charge_id SMALLINT, product_id SMALLINT, applies_to SMALLINT,"
        " months SMALLINT, factor INTEGER, is_granted BOOLEAN"
    ),
    "promotion_offering": "promotion_id SMALLINT, offering VARCHAR",
    "bundle": (
        "bundle_id SMALLINT, id VARCHAR, charge_id SMALLINT, product_id SMALLINT, first_member SMALLINT,"
        " second_member SMALLINT"
    ),
    "price": "product_id SMALLINT, valid_from DATE, valid_to DATE, unit_price INTEGER",
    "rate": "product_id SMALLINT, period_id SMALLINT, piece_from DATE, piece_to DATE, unit_price INTEGER",
    "cost": "cost VARCHAR, amount_minor BIGINT",
    "billing_code": "code VARCHAR, product_id SMALLINT",
    "profile_product": "profile VARCHAR, product_id SMALLINT",
    "device_model": "model VARCHAR, product_id SMALLINT",
    "work_code": "code VARCHAR, product_id SMALLINT",
    "product_part": "product_id SMALLINT, charge_id SMALLINT",
    "contractor_rate": "code VARCHAR, amount_minor BIGINT",
    "missed_appointment_credit": "amount_minor BIGINT",
    "missed_appointment_cause": "cause VARCHAR",
    "wholesale_price": "offering VARCHAR, unit_price INTEGER",
}


def build_price_book(
    catalogue: Catalogue, market: Market, months: Sequence[DateInterval], back_bill_from: date
) -> PriceBook:
    """Lay the catalogue out for one market and the months to be judged.

    Raises:
        ConfigurationError: a promotion or bundle names a charge that nothing has, a name or network profile means
            two things, or a price has too many digits.
    """
    _check_names(catalogue)
    offerings = [item for item in catalogue.offerings if _is_sold_in(item, market)]
    sold_here = {item.charge for item in offerings}
    promotions = [item for item in catalogue.promotions if {item.applies_to} <= _known(item, catalogue) & sold_here]
    bundles = [item for item in catalogue.bundles if set(item.members) <= _known(item, catalogue) & sold_here]
    lines = [line for bundle in bundles for line in bundle.lines(catalogue.price_digits)]
    sold: list[ProductOffering | Promotion | BundleLine] = [*offerings, *promotions, *lines]
    charges = {code: number for number, code in enumerate(dict.fromkeys(map(_charge, sold)), start=1)}
    product_ids = {item.id: number for number, item in enumerate(sold, start=1)}
    return PriceBook(
        period=[
            (number, month.start, month.end, month.days, month.start >= back_bill_from)
            for number, month in enumerate(months, start=1)
        ],
        charge=[(number, code, *_charge_facts(code, catalogue)) for code, number in charges.items()],
        product=[(product_ids[item.id], item.id, *_product_facts(item, charges)) for item in sold],
        promotion=[
            (
                product_ids[item.id],
                item.id,
                charges[item.id],
                product_ids[item.id] if item.percent is None else None,
                charges[item.applies_to],
                item.months,
                FULL_FACTOR if item.percent is None else _factor(item.percent, item.id),
                item.is_granted,
            )
            for item in promotions
        ],
        promotion_offering=[(product_ids[item.id], offering) for item in promotions for offering in item.offerings],
        bundle=[
            (
                product_ids[line.id],
                line.id,
                charges[line.id],
                product_ids[line.id],
                *(charges[member] for member in line.members),
            )
            for line in lines
        ],
        price=(prices := list(_history(sold, product_ids, catalogue.price_digits, market.id))),
        rate=list(_rates(prices, months)),
        cost=_minor(catalogue.costs, market),
        billing_code=[(code, product_ids[item.id]) for item in sold for code in item.billing_codes],
        profile_product=[(profile, product_ids[item.id]) for profile, item in _by_profile(offerings, market).items()],
        device_model=[(model, product_ids[item.id]) for item in offerings for model in item.device_models],
        work_code=[(code, product_ids[item.id]) for item in offerings for code in item.work_codes],
        product_part=list(_parts(offerings, product_ids, charges)),
        contractor_rate=_minor(catalogue.contractor_rates, market),
        missed_appointment_credit=[row[1:] for row in _minor({"": catalogue.missed_appointment_credit}, market)],
        missed_appointment_cause=[(cause,) for cause in catalogue.missed_appointment_causes],
        wholesale_price=list(_wholesale(catalogue, market)),
        price_scale=price_scale(catalogue, market),
    )


def _parts(
    offerings: Sequence[ProductOffering], product_ids: dict[str, int], charges: dict[str, int]
) -> Iterator[Row]:
    """The charges of what comes with each offering, where it is sold here."""
    sold = {item.id: item for item in offerings}
    for item in offerings:
        for part in item.includes:
            if part in sold:
                yield product_ids[item.id], charges[sold[part].charge]


def _wholesale(catalogue: Catalogue, market: Market) -> Iterator[Row]:
    """What a month of each line that is let costs here."""
    for offering, amounts in catalogue.wholesale_prices.items():
        if market.id in amounts:
            yield offering, _integer(amounts[market.id], catalogue.price_digits, offering)


def _minor(amounts_of: Mapping[Any, Mapping[str, Decimal]], market: Market) -> list[Row]:
    """What the market states of them, in minor units."""
    return [
        (name, Money(amounts[market.id], market.currency).to_minor())
        for name, amounts in amounts_of.items()
        if market.id in amounts
    ]


def price_scale(catalogue: Catalogue, market: Market) -> int:
    """How many units of the catalogue's prices make one minor unit of the market's currency."""
    digits = catalogue.price_digits - minor_digits(market.currency)
    if digits < 0:
        raise ConfigurationError(
            f"catalogue: price_digits {catalogue.price_digits} is less than {market.currency} has decimals"
        )
    return int(10**digits)


def _check_names(catalogue: Catalogue) -> None:
    """A name that means two things would join every row of the one with every row of the other."""
    names = [item.id for item in catalogue.offerings]
    discounts = [item.id for item in catalogue.promotions] + [item.id for item in catalogue.bundles]
    names += discounts
    for name in names:
        if names.count(name) > 1:
            raise ConfigurationError(f"catalogue: {name} stands twice")
    charges = {offering.charge for offering in catalogue.offerings}
    for discount in discounts:
        if discount in charges:
            raise ConfigurationError(f"catalogue: {discount} is both a charge and a discount")
    offered = {offering.id for offering in catalogue.offerings}
    for item in catalogue.offerings:
        if strange := sorted(set(item.includes) - offered):
            raise ConfigurationError(f"catalogue: {item.id} includes {strange[0]!r}, which is no offering")
    for promotion in catalogue.promotions:
        if strange := sorted(set(promotion.offerings) - offered):
            raise ConfigurationError(f"catalogue: {promotion.id} is for {strange[0]!r}, which is no offering")


def _by_profile(offerings: Sequence[ProductOffering], market: Market) -> dict[str, ProductOffering]:
    owners: dict[str, ProductOffering] = {}
    for item in offerings:
        for profile in item.network_profiles:
            if (owner := owners.setdefault(profile, item)) is not item:
                raise ConfigurationError(
                    f"catalogue: network profile {profile} means both {owner.id} and {item.id} in {market.id}"
                )
    return owners


def _is_sold_in(offering: ProductOffering, market: Market) -> bool:
    right_technology = not offering.technologies or market.technology in offering.technologies
    return right_technology and bool(offering.prices_in(market.id))


def _charge(item: ProductOffering | Promotion | BundleLine) -> str:
    return item.charge if isinstance(item, ProductOffering) else item.id


def _known(item: Promotion | Bundle, catalogue: Catalogue) -> set[str]:
    """Every charge of the catalogue, once it is certain that the item names no other."""
    charges = {offering.charge for offering in catalogue.offerings}
    named = {item.applies_to} if isinstance(item, Promotion) else set(item.members)
    if unknown := sorted(named - charges):
        known = ", ".join(sorted(charges))
        raise ConfigurationError(f"catalogue: {item.id} names charge {unknown[0]!r}; known are {known}")
    return charges


def _charge_facts(code: str, catalogue: Catalogue) -> Row:
    for offering in catalogue.offerings:
        if offering.charge == code:
            return "one_time" if offering.delivered_by in ONE_TIME else "recurring", offering.delivered_by, ""
    return "discount", "discount", _discount_kind(code, catalogue)


def _discount_kind(code: str, catalogue: Catalogue) -> str:
    for promotion in catalogue.promotions:
        if promotion.id == code:
            return "granted" if promotion.is_granted else "promotion"
    bundle = next(one for one in catalogue.bundles if code in {line.id for line in one.lines(catalogue.price_digits)})
    return "condition" if bundle.is_condition else "bundle"


def _product_facts(item: ProductOffering | Promotion | BundleLine, charges: dict[str, int]) -> Row:
    if isinstance(item, ProductOffering):
        return charges[item.charge], item.charge, item.delivered_by, item.device_kind, item.per_month_left
    return charges[_charge(item)], item.id, "discount", None, False


def _history(
    sold: Sequence[ProductOffering | Promotion | BundleLine], product_ids: dict[str, int], digits: int, market: str
) -> Iterator[Row]:
    for item in sold:
        for price in _prices(item, market):
            yield product_ids[item.id], price.valid_from, price.valid_to, _integer(price.amount, digits, item.id)


def _rates(prices: Sequence[Row], months: Sequence[DateInterval]) -> Iterator[Row]:
    """Each price cut by months."""
    for product_id, valid_from, valid_to, unit_price in prices:
        validity = DateInterval(valid_from, valid_to)
        for number, month in enumerate(months, start=1):
            if piece := month.overlap(validity):
                yield product_id, number, piece.start, piece.end, unit_price


def _prices(item: ProductOffering | Promotion | BundleLine, market: str) -> tuple[OfferingPrice, ...]:
    if isinstance(item, ProductOffering):
        return item.prices_in(market)
    if isinstance(item, Promotion) and item.percent is not None:
        return ()
    return (OfferingPrice(amount=item.amount or Decimal(0), valid_from=date.min, valid_to=OPEN_END),)


def _factor(percent: Decimal, item: str) -> int:
    scaled = percent * FULL_FACTOR / 100
    if scaled != scaled.to_integral_value():
        raise ConfigurationError(f"catalogue: percentage {percent} of {item} has more than 2 decimals")
    return int(scaled)


def _integer(amount: Decimal, digits: int, item: str) -> int:
    scaled = amount.scaleb(digits)
    if scaled != scaled.to_integral_value():
        raise ConfigurationError(f"catalogue: price {amount} of {item} has more than {digits} decimals")
    return int(scaled)
