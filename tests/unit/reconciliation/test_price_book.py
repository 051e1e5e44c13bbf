"""The catalogue of one market, laid out in small tables month by month."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from canonical_model.catalogue import Bundle, BundlePart, Catalogue, OfferingPrice, ProductOffering, Promotion
from canonical_model.errors import ConfigurationError
from canonical_model.intervals import calendar_months
from canonical_model.markets import Market
from reconciliation.price_book import COLUMNS, PriceBook, build_price_book

JANUARY, FEBRUARY, MARCH, APRIL = (date(2026, month, 1) for month in (1, 2, 3, 4))
MONTHS = list(calendar_months(JANUARY, APRIL))
MARKET = Market(id="oldtown", name="Old Town", zone="America/New_York", currency="USD", technology="pon")


def offering(name: str, *prices: tuple[Any, ...], charge: str = "access", **facts: Any) -> ProductOffering:
    keys = ("amount", "valid_from", "valid_to", "market")
    listed = tuple(OfferingPrice(**dict(zip(keys, price, strict=False))) for price in prices or (("60.00", JANUARY),))
    facts.setdefault("delivered_by", "access")
    facts.setdefault("billing_codes", (name.upper(),))
    return ProductOffering(id=name, charge=charge, prices=listed, **facts)


def book(*offerings: ProductOffering, market: Market = MARKET, **facts: Any) -> PriceBook:
    catalogue = Catalogue(offerings=offerings, proration={market.id: "actual_actual"}, **facts)
    return build_price_book(catalogue, market, MONTHS, back_bill_from=FEBRUARY)


def dicts(rows: Sequence[tuple[Any, ...]], table: str) -> list[dict[str, Any]]:
    names = [column.split()[0] for column in COLUMNS[table].split(",")]
    return [dict(zip(names, row, strict=True)) for row in rows]


def rates(made: PriceBook, product: str) -> list[tuple[Any, ...]]:
    (wanted,) = (row["product_id"] for row in dicts(made.product, "product") if row["id"] == product)
    return [
        (row["period_id"], row["piece_from"], row["piece_to"], row["unit_price"])
        for row in dicts(made.rate, "rate")
        if row["product_id"] == wanted
    ]


@pytest.mark.parametrize(
    ("amount", "digits", "weights", "parts"),
    [
        ("-10.00", 2, (2, 1), (-667, -333)),
        ("-10.00", 2, (1, 1), (-500, -500)),
        ("-0.01", 2, (1, 1), (-1, 0)),
        ("-9.9999", 4, (5999, 1999), (-75_006, -24_993)),
        ("-5.00", 2, (0, 7), (0, -500)),
    ],
)
def test_the_lines_of_a_split_bundle_add_up_to_it(
    amount: str, digits: int, weights: tuple[int, int], parts: tuple[int, int]
) -> None:
    split = tuple(
        BundlePart(member=member, weight=weight, billing_codes=(f"DUO-{member}",))
        for member, weight in zip(("access", "voice"), weights, strict=True)
    )
    bundle = Bundle(id="duo", members=("access", "voice"), amount=Decimal(amount), split=split)
    made = book(
        offering("silver"),
        offering("talk", charge="voice", delivered_by="order_item"),
        bundles=(bundle,),
        price_digits=digits,
    )

    assert tuple(rates(made, f"duo_{member}")[0][3] for member in bundle.members) == parts
    assert sum(parts) == int(Decimal(amount).scaleb(digits))
    assert [row["id"] for row in dicts(made.bundle, "bundle")] == ["duo_access", "duo_voice"]
    assert {code for code, _ in made.billing_code} >= {"DUO-access", "DUO-voice"}


def test_months_before_the_back_bill_limit_are_lost() -> None:
    periods = dicts(book(offering("silver")).period, "period")

    assert [(row["starts_on"], row["days"], row["is_recoverable"]) for row in periods] == [
        (JANUARY, 31, False),
        (FEBRUARY, 28, True),
        (MARCH, 31, True),
    ]


def test_a_price_that_changes_within_a_month_makes_two_pieces_of_it() -> None:
    middle = date(2026, 2, 15)
    made = book(offering("silver", ("60.00", date(2020, 1, 1), middle), ("65.00", middle)))

    assert rates(made, "silver") == [
        (1, JANUARY, FEBRUARY, 6000),
        (2, FEBRUARY, middle, 6000),
        (2, middle, MARCH, 6500),
        (3, MARCH, APRIL, 6500),
    ]


def test_days_without_a_price_have_none() -> None:
    made = book(offering("silver", ("60.00", date(2026, 1, 20), date(2026, 3, 10))))

    assert rates(made, "silver") == [
        (1, date(2026, 1, 20), FEBRUARY, 6000),
        (2, FEBRUARY, MARCH, 6000),
        (3, MARCH, date(2026, 3, 10), 6000),
    ]


def test_the_markets_own_price_goes_before_the_general_one() -> None:
    always = date(2020, 1, 1)
    made = book(offering("silver", ("60.00", always), ("45.00", always, date(9999, 12, 31), "oldtown")))

    assert {price for *_, price in rates(made, "silver")} == {4500}


def test_what_is_sold_elsewhere_or_on_another_technology_is_not_in_the_book() -> None:
    made = book(
        offering("silver"),
        offering("ether", technologies=("active_ethernet",)),
        offering("hill", ("50.00", JANUARY, APRIL, "hilltop")),
        offering("fiber", technologies=("pon", "active_ethernet")),
    )

    assert [row["id"] for row in dicts(made.product, "product")] == ["silver", "fiber"]
    assert [row["code"] for row in dicts(made.billing_code, "billing_code")] == ["SILVER", "FIBER"]


def test_a_discount_on_what_is_not_sold_here_is_not_in_the_book() -> None:
    made = book(
        offering("silver"),
        offering("voice", charge="voice", technologies=("active_ethernet",), delivered_by="order_item"),
        promotions=(Promotion(id="chatty", applies_to="voice", months=3, percent=Decimal(-50)),),
        bundles=(Bundle(id="duo", members=("access", "voice"), amount=Decimal(-5)),),
    )

    assert (made.promotion, made.bundle) == ([], [])


def test_a_fixed_discount_has_a_price_and_a_percentage_a_factor() -> None:
    made = book(
        offering("silver"),
        promotions=(
            Promotion(id="hello", applies_to="access", months=2, amount=Decimal("-20.00")),
            Promotion(id="tenth", applies_to="access", months=3, percent=Decimal("-12.5")),
        ),
    )
    hello, tenth = dicts(made.promotion, "promotion")

    assert (hello["months"], hello["factor"], hello["product_id"] is None) == (2, 10_000, False)
    assert (tenth["months"], tenth["factor"], tenth["product_id"] is None) == (3, -1250, True)
    assert {price for *_, price in rates(made, "hello")} == {-2000}
    assert rates(made, "tenth") == []


def test_a_one_time_fee_is_told_from_what_recurs_and_from_discounts() -> None:
    made = book(
        offering("silver"),
        offering("install", charge="install", delivered_by="installation"),
        bundles=(Bundle(id="duo", members=("access", "install"), amount=Decimal(-5)),),
    )

    assert {row["charge"]: row["kind"] for row in dicts(made.charge, "charge")} == {
        "access": "recurring",
        "install": "one_time",
        "duo": "discount",
    }


def test_prices_with_more_digits_than_cents_are_held_in_their_own_unit() -> None:
    made = book(offering("silver", ("60.0050", JANUARY)), price_digits=4)

    assert {price for *_, price in rates(made, "silver")} == {600_050}
    assert made.price_scale == 100


def test_a_yen_price_needs_no_digits() -> None:
    kyoto = MARKET.model_copy(update={"currency": "JPY"})
    assert book(offering("silver", ("6000", JANUARY)), market=kyoto, price_digits=0).price_scale == 1


@pytest.mark.parametrize(
    ("build", "problem"),
    [
        (
            lambda: book(offering("silver", ("60.005", JANUARY))),
            "catalogue: price 60.005 of silver has more than 2 decimals",
        ),
        (
            lambda: book(offering("silver"), price_digits=0),
            "catalogue: price_digits 0 is less than USD has decimals",
        ),
        (
            lambda: book(
                offering("silver"),
                promotions=(Promotion(id="hello", applies_to="acess", months=2, amount=Decimal(-20)),),
            ),
            "catalogue: hello names charge 'acess'; known are access",
        ),
        (
            lambda: book(
                offering("silver"), bundles=(Bundle(id="duo", members=("access", "tv"), amount=Decimal(-5)),)
            ),
            "catalogue: duo names charge 'tv'; known are access",
        ),
        (
            lambda: book(
                offering("silver"),
                promotions=(Promotion(id="third", applies_to="access", months=2, percent=Decimal("-33.333")),),
            ),
            "catalogue: percentage -33.333 of third has more than 2 decimals",
        ),
        (
            lambda: book(offering("silver"), offering("silver", billing_codes=("SLV2",))),
            "catalogue: silver stands twice",
        ),
        (
            lambda: book(
                offering("silver"),
                promotions=(Promotion(id="access", applies_to="access", months=2, amount=Decimal(-20)),),
            ),
            "catalogue: access is both a charge and a discount",
        ),
        (
            lambda: book(offering("silver", network_profiles=("S",)), offering("gold", network_profiles=("S",))),
            "catalogue: network profile S means both silver and gold in oldtown",
        ),
    ],
)
def test_a_catalogue_that_contradicts_itself_is_refused_by_name(build: Any, problem: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        build()
    assert str(refused.value) == problem


def test_one_profile_may_mean_another_offering_on_another_technology() -> None:
    made = book(
        offering("silver", technologies=("pon",), network_profiles=("500/500",)),
        offering("ether", technologies=("active_ethernet",), network_profiles=("500/500",)),
    )

    assert len(made.profile_product) == 1
