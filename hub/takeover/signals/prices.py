"""What something costs in a market on a day, by the catalogue alone: no code that tells or bills is asked."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from canonical_model.catalogue import Catalogue, ProductOffering
from canonical_model.markets import Market
from canonical_model.orders import PriceAlteration


def offering_of(catalogue: Catalogue, offering_id: str) -> ProductOffering | None:
    """The offering of that id."""
    return next((each for each in catalogue.offerings if each.id == offering_id), None)


def list_price(offering: ProductOffering, market: Market, day: date) -> Decimal | None:
    """The price of a day, a market's own before that of all; None where it is not sold there then."""
    if offering.technologies and market.technology not in offering.technologies:
        return None
    for of_market in (market.id, None):
        for price in offering.prices:
            if price.market == of_market and price.valid_from <= day < price.valid_to:
                return price.amount
    return None


def agreed_prices(alterations: Iterable[PriceAlteration], offering: ProductOffering, digits: int) -> set[Decimal]:
    """Prices that an account was granted for an offering at any time, in major units.

    Args:
        alterations: of the account.
        offering: that is sold.
        digits: of the currency's minor units.
    """
    names = {offering.id, *offering.billing_codes, None}
    return {
        Decimal(each.amount_minor).scaleb(-digits)
        for each in alterations
        if each.amount_minor is not None and each.code in names
    }
