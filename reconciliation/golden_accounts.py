"""Golden accounts: accounts with known bills, rated before each run; a cent that differs stops it.

They are rated by the same SQL and from the same price book as everybody, so that a change of the catalogue, of a
convention or of the engine that nobody meant is seen before it becomes a thousand findings (RL-C13).
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from canonical_model.catalogue import Catalogue, ChargeCode
from canonical_model.errors import Fault, UnsafeToContinue, configuration_error
from canonical_model.intervals import OPEN_END, add_months, calendar_months
from canonical_model.markets import Market
from canonical_model.money import Money
from canonical_model.record import MarketId, ShortText
from canonical_model.yaml_source import YamlSource, nearest, read_yaml
from canonical_model.yaml_validation import validated
from reconciliation.analysis_views import view_sql
from reconciliation.engines.databases import create_small_table, small_database
from reconciliation.price_book import COLUMNS, FULL_FACTOR, PriceBook, build_price_book, price_scale
from reconciliation.proration import proration_macros
from reconciliation.snapshot.manifest import Manifest

GOLDEN_FILE = "golden-accounts.yaml"
_TABLES = ("period", "charge", "product", "promotion", "rate")
_DELIVERED = (
    "service_id INTEGER, charge_id SMALLINT, product_id SMALLINT, factor INTEGER, unit_price INTEGER, starts_on DATE,"
    " ends_on DATE, is_suspended BOOLEAN, basis VARCHAR"
)
_ONE_TIME = "service_id INTEGER, charge_id SMALLINT, product_id SMALLINT, starts_on DATE, quantity INTEGER"
_BILLED = "service_id INTEGER, charge_id SMALLINT, period_id SMALLINT, amount_minor BIGINT"
_PRICED_ONCE = """
CREATE TABLE one_time AS
SELECT f.service_id, f.charge_id, f.product_id, r.period_id, (r.unit_price * f.quantity)::INTEGER AS unit_price
FROM charged_once f
JOIN rate r ON r.product_id = f.product_id AND r.piece_from <= f.starts_on AND f.starts_on < r.piece_to
"""
_CHARGED = """
CREATE TABLE delivered AS
SELECT * REPLACE (greatest(starts_on, charged_from(begun_on)) AS starts_on)
FROM stated CROSS JOIN (SELECT min(starts_on) AS begun_on FROM stated)
WHERE greatest(starts_on, charged_from(begun_on)) < ends_on
"""
_RATED = """
SELECT p.starts_on, c.charge, sum(d.difference_minor)::BIGINT
FROM difference d
JOIN period p USING (period_id)
JOIN charge c USING (charge_id)
GROUP BY ALL
"""

Rated = Mapping[tuple[date, str], int]
"""Minor units by first day of the month and charge."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Delivered(_Part):
    """A product of the catalogue (offering, promotion or bundle) on some days; ``ends_on`` is exclusive.

    Attributes:
        price: a monthly price agreed instead of the list's.
    """

    product: ShortText
    starts_on: date
    ends_on: date = OPEN_END
    quantity: Annotated[int, Field(ge=1)] = 1
    price: Decimal | None = None


class GoldenAccount(_Part):
    """What an account has, and what is known of its bills.

    Attributes:
        bills: by month (``2026-03``) the amount of each charge, tax excluded; a charge that is not named is nothing.
    """

    name: ShortText
    market: MarketId
    delivered: tuple[Delivered, ...] = Field(min_length=1)
    bills: Mapping[Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")], Mapping[ChargeCode, Decimal]] = Field(
        min_length=1
    )


class GoldenAccounts(_Part):
    """The whole of ``golden-accounts.yaml``."""

    accounts: tuple[GoldenAccount, ...]


def read_golden_accounts(text: str, faults: list[Fault]) -> tuple[YamlSource, GoldenAccounts] | None:
    """Read the file; what is wrong with it is added to ``faults``."""
    source = read_yaml(text, GOLDEN_FILE, faults)
    read = validated(source, GoldenAccounts, faults) if source else None
    return (source, read) if source and read else None


def wrong_references(
    source: YamlSource, read: GoldenAccounts, catalogue: Catalogue, markets: Iterable[str]
) -> Iterator[Fault]:
    """Markets and products that golden accounts name and nobody has."""
    sold = [item.id for item in catalogue.offerings]
    sold += [item.id for item in catalogue.promotions]
    sold += [line.id for bundle in catalogue.bundles for line in bundle.lines(catalogue.price_digits)]
    for account in read.accounts:
        if account.market not in markets:
            yield source.place("accounts").fault(f"{account.name}: there is no market {account.market}")
        for item in account.delivered:
            if item.product not in sold:
                yield source.place("accounts").fault(
                    f"{account.name}: there is no product {item.product}{nearest(item.product, sold)}"
                )


def check_golden_accounts(manifest: Manifest) -> int:
    """Rate the golden accounts that a snapshot carries for its market, and tell how many they are.

    Raises:
        UnsafeToContinue: a cent differs; each difference is named.
        ConfigurationError: the file cannot be read, or the catalogue contradicts itself.
    """
    text = manifest.sources.get(GOLDEN_FILE)
    if text is None:
        return 0
    faults: list[Fault] = []
    found = read_golden_accounts(text, faults)
    if found is None:
        raise configuration_error(faults)
    own = [account for account in found[1].accounts if account.market == manifest.market.id]
    if wrong := [line for account in own for line in wrong_bills(account, manifest.catalogue, manifest.market)]:
        raise UnsafeToContinue("golden accounts are not rated as their known bills: " + "; ".join(wrong))
    return len(own)


def wrong_bills(account: GoldenAccount, catalogue: Catalogue, market: Market) -> Iterator[str]:
    """Every charge and month in which the rated amount is not the known one."""
    rated = rate(account, catalogue, market)
    for month, known in sorted(account.bills.items()):
        first = date.fromisoformat(f"{month}-01")
        charges = {*known, *(charge for day, charge in rated if day == first)}
        for charge in sorted(charges):
            found = Money.from_minor(rated.get((first, charge), 0), market.currency)
            wanted = Money(known.get(charge, Decimal(0)), market.currency)
            if found.to_minor() != wanted.to_minor():
                amounts = f"{charge} is rated {found.amount}, its known bill says {wanted.amount}"
                yield f"{account.name}, {month}: {amounts}"


def rate(account: GoldenAccount, catalogue: Catalogue, market: Market) -> Rated:
    """What an account is to be billed, by month and charge.

    Raises:
        ConfigurationError: the catalogue contradicts itself.
    """
    last = date.fromisoformat(f"{max(account.bills)}-01")
    first = min(item.starts_on for item in account.delivered).replace(day=1)
    months = list(calendar_months(min(first, date.fromisoformat(f"{min(account.bills)}-01")), add_months(last, 1)))
    book = build_price_book(catalogue, market, months, months[0].start)
    with small_database() as connection:
        for macro in proration_macros(catalogue.proration[market.id], price_scale(catalogue, market)):
            connection.execute(macro)
        for table in _TABLES:
            create_small_table(connection, table, COLUMNS[table], getattr(book, table))
        recurring, once = _rows(account, book, catalogue.price_digits)
        create_small_table(connection, "stated", _DELIVERED, recurring)
        connection.execute(_CHARGED)
        create_small_table(connection, "charged_once", _ONE_TIME, once)
        create_small_table(connection, "billed", _BILLED, [])
        connection.execute(_PRICED_ONCE)
        connection.execute(view_sql("10_difference"))
        return {(day, charge): amount for day, charge, amount in connection.execute(_RATED).fetchall()}


def _rows(
    account: GoldenAccount, book: PriceBook, digits: int
) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """The account's products as rows of ``delivered`` and of what is charged once."""
    products = {row[1]: row for row in book.product}
    kinds = {row[0]: row[2] for row in book.charge}
    percentages = {row[1]: row for row in book.promotion if row[3] is None}
    recurring: list[tuple[Any, ...]] = []
    once: list[tuple[Any, ...]] = []
    for item in account.delivered:
        product_id, _, charge_id, *_ = products[item.product]
        if kinds[charge_id] == "one_time":
            once.append((1, charge_id, product_id, item.starts_on, item.quantity))
        elif item.product in percentages:
            recurring += _percentage(item, percentages[item.product], account, products, digits)
        else:
            factor, price = FULL_FACTOR * item.quantity, _unit_price(item, digits)
            recurring.append((1, charge_id, product_id, factor, price, item.starts_on, item.ends_on, False, "field"))
    return recurring, once


def _percentage(
    item: Delivered, promotion: tuple[Any, ...], account: GoldenAccount, products: Mapping[str, Any], digits: int
) -> Iterator[tuple[Any, ...]]:
    """A share of what it is given on, on the days of both."""
    _, _, charge_id, _, applies_to, _, factor, *_ = promotion
    for other in account.delivered:
        product_id, _, other_charge, *_ = products[other.product]
        starts_on, ends_on = max(item.starts_on, other.starts_on), min(item.ends_on, other.ends_on)
        if other_charge == applies_to and starts_on < ends_on:
            yield 1, charge_id, product_id, factor, _unit_price(other, digits), starts_on, ends_on, False, "field"


def _unit_price(item: Delivered, digits: int) -> int | None:
    return None if item.price is None else int(item.price.scaleb(digits))
