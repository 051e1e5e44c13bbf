"""The operator whose snapshot is measured: one market, its catalogue, twelve judged months."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

import numpy as np

from benchmarks.days import Days
from benchmarks.shipped_rules import leakage_rules
from canonical_model.catalogue import Catalogue, OfferingPrice, ProductOffering, Promotion
from canonical_model.intervals import add_months, calendar_months
from canonical_model.markets import Market
from reconciliation.price_book import PriceBook, build_price_book
from rules.rulebook import dump_rules

AS_OF = datetime(2026, 11, 5, 12, tzinfo=UTC)
PERIOD_FROM, PERIOD_TO = date(2025, 11, 1), date(2026, 11, 1)
MONTHS = 12
MARKET = Market(id="riverbend", name="Riverbend", zone="America/Denver", currency="USD", technology="pon")

TIERS = (1, 2, 3)
ROUTER, STATIC_IP, INSTALLATION, WELCOME, LOYALTY = 4, 5, 6, 7, 8
"""Product numbers: the position in the catalogue, counted from one."""
ACCESS_CHARGE, ROUTER_CHARGE, STATIC_IP_CHARGE, INSTALLATION_CHARGE, WELCOME_CHARGE, LOYALTY_CHARGE = 1, 2, 3, 4, 5, 6
LOYALTY_FACTOR = -1500
WELCOME_MONTHS, LOYALTY_MONTHS = 12, 6


def _price(amount: str, valid_from: date, valid_to: date = date.max) -> OfferingPrice:
    return OfferingPrice(amount=Decimal(amount), valid_from=valid_from, valid_to=valid_to)


def _catalogue() -> Catalogue:
    always = date(2020, 1, 1)
    april, july = date(2026, 4, 15), date(2026, 7, 1)
    access = {
        "fiber-300": (_price("49.99", always),),
        "fiber-500": (_price("69.99", always, april), _price("74.99", april)),
        "fiber-1000": (_price("89.99", always, july), _price("94.99", july)),
    }
    tiers = [
        ProductOffering(id=name, charge="access", delivered_by="access", billing_codes=(name.upper(),), prices=prices)
        for name, prices in access.items()
    ]
    return Catalogue(
        offerings=(
            *tiers,
            ProductOffering(
                id="router-rental",
                charge="router_rental",
                delivered_by="device",
                device_kind="router",
                prices=(_price("9.99", always),),
            ),
            ProductOffering(
                id="static-ip", charge="static_ip", delivered_by="order_item", prices=(_price("4.99", always),)
            ),
            ProductOffering(
                id="installation",
                charge="installation",
                delivered_by="installation",
                prices=(_price("99.00", always),),
            ),
        ),
        promotions=(
            Promotion(id="welcome", applies_to="access", months=WELCOME_MONTHS, amount=Decimal("-20.00")),
            Promotion(
                id="loyalty", applies_to="access", months=LOYALTY_MONTHS, percent=Decimal(LOYALTY_FACTOR) / 100
            ),
        ),
        proration={MARKET.id: "actual_actual"},
    )


CATALOGUE = _catalogue()


MEASURED = frozenset(
    (
        "RL-A01",
        "RL-A02",
        "RL-A03",
        "RL-B01",
        "RL-B02",
        "RL-B03",
        "RL-B04",
        "RL-B05",
        "RL-B05-shared-device",
        "RL-C01",
        "RL-C03",
        "RL-C05",
        "RL-D01",
        "RL-E01",
        "RL-G01",
    )
)
"""Rules that the hand-written queries know as well, and that every population has something for."""


def effective_rules() -> str:
    """The measured rules of the leakage pack, as a snapshot carries them."""
    return dump_rules([rule for rule in leakage_rules() if rule.id in MEASURED])


def price_book() -> PriceBook:
    """The catalogue laid out for the judged months."""
    back_bill_from = add_months(PERIOD_TO, -CATALOGUE.back_bill_months)
    return build_price_book(CATALOGUE, MARKET, list(calendar_months(PERIOD_FROM, PERIOD_TO)), back_bill_from)


@dataclass(frozen=True, slots=True)
class PriceArrays:
    """Months and prices as integer arrays; days are counted from 1970-01-01, prices in cents.

    Attributes:
        month_from: first day of each judged month; ``month_to`` the day after its last.
        piece_from: by product and piece, from when a price holds in a month; empty pieces end where they begin.
        piece_month: position of the month of each piece.
    """

    month_from: Days
    month_to: Days
    piece_from: Days
    piece_to: Days
    piece_month: Days
    piece_price: Days


def price_arrays() -> PriceArrays:
    """The same price book for numpy."""
    book = price_book()
    epoch = date(1970, 1, 1)
    products = len(book.product) + 1
    by_product: list[list[tuple[int, int, int, int]]] = [[] for _ in range(products)]
    for product, period, piece_from, piece_to, price in book.rate:
        by_product[product].append((period - 1, (piece_from - epoch).days, (piece_to - epoch).days, price))
    table = np.zeros((4, products, max(map(len, by_product))), dtype=np.int64)
    for product, pieces in enumerate(by_product):
        for number, piece in enumerate(pieces):
            table[:, product, number] = piece
    starts = np.array([(row[1] - epoch).days for row in book.period], dtype=np.int64)
    ends = np.array([(row[2] - epoch).days for row in book.period], dtype=np.int64)
    return PriceArrays(starts, ends, table[1], table[2], table[0], table[3])
