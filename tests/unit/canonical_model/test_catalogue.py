"""A catalogue that contradicts itself is refused, and says where."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from canonical_model.catalogue import Bundle, BundlePart, Catalogue, OfferingPrice, ProductOffering, Promotion

APRIL, JULY = date(2026, 4, 1), date(2026, 7, 1)


def price(amount: str = "50.00", since: date = date(2020, 1, 1), **facts: Any) -> OfferingPrice:
    return OfferingPrice(amount=Decimal(amount), valid_from=since, **facts)


def duo(*parts: tuple[str, int], **facts: Any) -> Bundle:
    first, second = (BundlePart(member=member, weight=weight) for member, weight in parts)
    return Bundle(id="duo", members=("access", "voice"), amount=Decimal(-5), split=(first, second), **facts)


def silver(*prices: OfferingPrice, **facts: Any) -> ProductOffering:
    known = {"id": "silver", "charge": "access", "delivered_by": "access", "billing_codes": ("SLV",)}
    return ProductOffering(**(known | {"prices": prices or (price(),)} | facts))


def catalogue(*offerings: ProductOffering, **facts: Any) -> Catalogue:
    return Catalogue(offerings=offerings, proration={"oldtown": "actual_actual"}, **facts)


def test_a_price_may_follow_another_on_the_day_it_ends() -> None:
    assert len(silver(price("50", valid_to=APRIL), price("55", APRIL)).prices) == 2


def test_two_prices_on_one_day_are_refused_whatever_their_order() -> None:
    with pytest.raises(ValidationError, match="two prices of silver are valid on 2026-04-01"):
        silver(price("55", APRIL), price("50", valid_to=date(2026, 4, 2)))


@pytest.mark.parametrize("until", [APRIL, date(2026, 3, 31), date(2019, 1, 1)])
def test_a_price_that_is_never_valid_is_refused(until: date) -> None:
    with pytest.raises(ValidationError, match=r"from 2026-04-01 up to and without .*: that is not a single day"):
        price(since=APRIL, valid_to=until)


def test_a_price_without_an_end_leaves_no_room_for_a_later_one() -> None:
    with pytest.raises(ValidationError, match="two prices of silver are valid on 2026-07-01"):
        silver(price("50"), price("55", JULY))


def test_a_market_may_have_a_price_beside_the_general_one() -> None:
    offering = silver(price("50"), price("45", market="hilltop"))

    assert offering.prices_in("oldtown") == (price("50"),)
    assert offering.prices_in("hilltop") == (price("45", market="hilltop"),)


def test_an_offering_priced_for_another_market_only_has_no_price_here() -> None:
    assert silver(price("45", market="hilltop")).prices_in("oldtown") == ()


def test_an_offering_needs_a_price() -> None:
    with pytest.raises(ValidationError, match="at least 1 item"):
        silver(prices=())


@pytest.mark.parametrize(
    "facts",
    [{"delivered_by": "device"}, {"delivered_by": "access", "device_kind": "router"}],
    ids=["none", "needless"],
)
def test_a_device_has_a_kind_and_nothing_else_has(facts: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="device_kind goes with delivered_by: device, and only with it"):
        silver(**facts)


def test_a_billing_code_means_one_thing() -> None:
    with pytest.raises(ValidationError, match="billing code SLV means both silver and gold"):
        catalogue(silver(), silver(id="gold"))


def test_a_discount_cannot_have_the_code_of_an_offering() -> None:
    discount = Promotion(id="hello", billing_codes=("SLV",), applies_to="access", months=3, amount=Decimal(-5))
    with pytest.raises(ValidationError, match="billing code SLV means both silver and hello"):
        catalogue(silver(), promotions=(discount,))


def test_one_thing_may_have_several_codes() -> None:
    assert catalogue(silver(billing_codes=("SLV", "SLV-OLD"))).offerings[0].billing_codes == ("SLV", "SLV-OLD")


@pytest.mark.parametrize("terms", [{}, {"amount": Decimal(-5), "percent": Decimal(-10)}], ids=["neither", "both"])
def test_a_promotion_is_an_amount_or_a_percentage(terms: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="promotion hello needs either an amount or a percentage"):
        Promotion(id="hello", applies_to="access", months=3, **terms)


@pytest.mark.parametrize(
    ("build", "key"),
    [
        (lambda: Promotion(id="hello", applies_to="access", months=0, percent=Decimal(-10)), "months"),
        (lambda: Bundle(id="duo", members=("access",), amount=Decimal(-5)), "members"),
        (lambda: silver(charge="Access Charge"), "charge"),
        (lambda: silver(delivered_by="magic"), "delivered_by"),
        (lambda: silver(colour="blue"), "colour"),
        (lambda: catalogue(silver(), price_digits=5), "price_digits"),
        (lambda: catalogue(silver(), back_bill_months=-1), "back_bill_months"),
        (lambda: Catalogue(offerings=(silver(),), proration={"oldtown": "lunar"}), "proration"),
    ],
)
def test_what_a_catalogue_cannot_say_is_refused_by_key(build: Any, key: str) -> None:
    with pytest.raises(ValidationError) as refused:
        build()
    assert key in {str(step) for error in refused.value.errors() for step in error["loc"]}


@pytest.mark.parametrize(
    ("build", "told"),
    [
        (lambda: duo(("voice", 1), ("access", 1)), "split over others than its members"),
        (lambda: duo(("access", 0), ("voice", 0)), "split by weights of nothing"),
        (
            lambda: duo(("access", 1), ("voice", 1), billing_codes=("DUO",)),
            "its billing codes are those of the parts",
        ),
    ],
)
def test_a_bundle_is_split_over_its_members_and_nothing_else(build: Any, told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        build()
