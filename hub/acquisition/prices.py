"""Prices that a person enters so that grandfathered plans keep theirs, as agreed prices are kept."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from io import StringIO

from canonical_model.money import Money
from canonical_model.orders import PriceAlteration
from hub.acquisition.evidence import estate_billed
from hub.operator_folder.load import Operator
from hub.workplace import Hub
from reconciliation.acquisition.agreed_prices import PriceToAgree, prices_to_agree

FIELDS = (
    "account_number",
    "kind",
    "code",
    "amount",
    "currency",
    "valid_from",
    "valid_to",
    "instead_of",
    "why",
    "why_not",
)
"""Of a line as another program reads it: those of ``PriceAlteration``; ``valid_to`` is exclusive, empty for ever."""


@dataclass(frozen=True, slots=True)
class PricesToEnter:
    """What is to be entered, and where.

    Attributes:
        as_of: of the reconciliation that it was read from.
        places: streams that tell of agreed prices, ``system/stream``; the next pull of one shows what was entered.
    """

    as_of: datetime
    currency: str
    prices: tuple[PriceToAgree, ...]
    places: tuple[str, ...]


def prices_to_enter(hub: Hub, market: str, wave: str | None = None) -> PricesToEnter:
    """What is lacking for every grandfathered plan of the map to keep its price.

    Args:
        hub: the operator's hub.
        market: as which the operator is brought in.
        wave: only accounts of this one; None for all that the old systems bill, listed or not.

    Raises:
        ConfigurationError: there is no such acquisition or wave, or the market was never reconciled.
        UnsafeToContinue: the snapshot is not what it was.
        RetryableError: the database is out of reach.
    """
    estate = estate_billed(hub, market, wave)
    currency = estate.book.market.currency
    prices = prices_to_agree(estate.facts.brought, estate.block.entries(currency), estate.book)
    return PricesToEnter(estate.as_of, currency, prices, places_of_prices(hub.operator, market))


def places_of_prices(operator: Operator, market: str) -> tuple[str, ...]:
    """Streams of a market that tell of agreed prices."""
    return tuple(
        f"{system}/{mapping.stream}"
        for system, mappings in operator.mappings.items()
        if operator.file.systems[system].market in (None, market)
        for mapping in mappings
        if any(record.entity is PriceAlteration for record in mapping.records)
    )


def as_rows(prices: Sequence[PriceToAgree], currency: str) -> Iterator[dict[str, str]]:
    """The lines for another program, by ``FIELDS``."""
    for each in prices:
        values = (
            each.account,
            "price_override",
            each.offering,
            str(Money.from_minor(each.amount_minor, currency).amount),
            currency,
            each.valid_from.isoformat(),
            "" if each.is_endless else each.valid_to.isoformat(),
            replaced_text(each, currency),
            each.why,
            each.why_not,
        )
        yield dict(zip(FIELDS, values, strict=True))


def as_csv(prices: Sequence[PriceToAgree], currency: str) -> str:
    """The lines with a head, as CSV."""
    text = StringIO()
    lines = csv.DictWriter(text, FIELDS, lineterminator="\n")
    lines.writeheader()
    lines.writerows(as_rows(prices, currency))
    return text.getvalue()


def last_day(price: PriceToAgree) -> date | None:
    """The last day on which it holds; None where it holds for ever."""
    return None if price.is_endless else price.valid_to - timedelta(days=1)


def replaced_text(price: PriceToAgree, currency: str) -> str:
    """What is agreed already for days of it, and has to end or be replaced; empty where nothing is."""
    return "; ".join(
        f"{Money.from_minor(each.amount_minor, currency)} from {each.valid_from}" for each in price.instead_of
    )
