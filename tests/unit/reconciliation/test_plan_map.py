"""Scenario 42: acquired plans become the equal offering or keep their own price; never the nearest one."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from canonical_model.catalogue import Bundle, Catalogue, OfferingPrice, ProductOffering, Promotion
from canonical_model.intervals import OPEN_END
from canonical_model.markets import Market
from reconciliation.acquisition.plans import (
    AcquiredCharge,
    Grandfathered,
    OwnPrice,
    PlanBook,
    PlanEntry,
    PlanFault,
    judge_plans,
)
from reconciliation.acquisition.proposing import ProposedPlan, propose_plans

DAY = date(2026, 9, 1)
MARKET = Market(id="m", name="M", zone="America/Denver", currency="USD", technology="active_ethernet")


def offering(name: str, price: str, **facts: Any) -> ProductOffering:
    prices = (OfferingPrice(amount=Decimal(price), valid_from=date(2020, 1, 1), valid_to=facts.pop("to", OPEN_END)),)
    given = {"charge": "access", "delivered_by": "access", "billing_codes": (name.upper(),)} | facts
    return ProductOffering(id=name, prices=prices, **given)


CATALOGUE = Catalogue(
    price_digits=2,
    back_bill_months=6,
    offerings=(
        offering("silver", "60.00"),
        offering("gold", "80.00"),
        offering("ending", "50.00", to=date(2027, 1, 1)),
        offering("glass", "60.00", technologies=("pon",)),
        offering("voice", "10.00", charge="voice", delivered_by="order_item"),
        offering("fee", "99.00", charge="fee", delivered_by="installation"),
    ),
    promotions=(Promotion(id="hello", billing_codes=("HELLO",), applies_to="access", months=2, amount=Decimal(-5)),),
    bundles=(Bundle(id="talk", billing_codes=("TALK",), members=("access", "voice"), amount=Decimal(-3)),),
    proration={"m": "actual_actual"},
)


def pays(account: str, code: str, rate: int, *tiers: str, quantity: int = 1) -> AcquiredCharge:
    return AcquiredCharge(account, code, rate, quantity, DAY, tiers)


def book(*own: OwnPrice) -> PlanBook:
    return PlanBook.of(MARKET, CATALOGUE, own)


def faults(charge: AcquiredCharge, *entries: PlanEntry, own: tuple[OwnPrice, ...] = ()) -> list[PlanFault]:
    return list(judge_plans([charge], entries, book(*own)).faults)


def kinds(charge: AcquiredCharge, *entries: PlanEntry, own: tuple[OwnPrice, ...] = ()) -> list[str]:
    return [each.kind for each in faults(charge, *entries, own=own)]


FOREVER = Grandfathered(None, "promised")


def test_an_equal_plan_goes_on_as_the_offering() -> None:
    judged = judge_plans(
        [pays("1", "OLD", 6000, "silver"), pays("2", "OLD", 6000, "silver")], [PlanEntry("OLD", "silver")], book()
    )
    assert judged.faults == ()
    assert [(each.code, each.accounts, each.monthly_minor) for each in judged.lines] == [("OLD", 2, 12000)]


def test_a_plan_is_never_rounded_to_a_price_not_even_by_a_cent() -> None:
    for rate, cents in ((5999, 1), (6001, -1), (5695, 305)):
        (fault,) = faults(pays("1", "OLD", rate, "silver"), PlanEntry("OLD", "silver"))
        assert (fault.kind, fault.customers) == ("price", (("1", cents),))


def test_the_cents_count_for_each_of_several() -> None:
    (fault,) = faults(pays("1", "LINE", 900, quantity=3), PlanEntry("LINE", "voice"))
    assert fault.customers == (("1", 300),)


def test_another_tier_at_the_same_price_is_not_equal() -> None:
    assert kinds(pays("1", "OLD", 6000, "gold"), PlanEntry("OLD", "silver")) == ["tier"]


@pytest.mark.parametrize("name", ["unheard-of", "glass", "fee"])
def test_what_is_not_sold_here_by_the_month_takes_no_plan(name: str) -> None:
    assert kinds(pays("1", "OLD", 6000), PlanEntry("OLD", name)) == ["no_offering"]


def test_money_that_the_map_does_not_name_is_unmapped() -> None:
    assert kinds(pays("1", "OLD", 6000)) == ["unmapped"]
    assert kinds(pays("1", "OLD", 0)) == [], "nobody pays it"
    assert kinds(pays("1", "OLD", -500)) == ["unmapped"], "a discount that nobody knows"


@pytest.mark.parametrize("code", ["HELLO", "TALK", "FEE"])
def test_discounts_and_fees_of_the_catalogue_are_no_plans(code: str) -> None:
    assert kinds(pays("1", code, -500)) == []


def test_an_entry_of_a_price_goes_before_one_of_all() -> None:
    entries = (PlanEntry("OLD", "silver"), PlanEntry("OLD", "gold", 8000))
    assert kinds(pays("1", "OLD", 8000, "gold"), *entries) == []
    assert kinds(pays("1", "OLD", 6000, "silver"), *entries) == []


def test_a_grandfathered_price_has_to_be_agreed_and_not_only_written_in_the_map() -> None:
    entry = PlanEntry("OLD", "silver", 5695, FOREVER)
    charge = pays("1", "OLD", 5695, "silver")
    assert kinds(charge, entry) == ["price"]
    assert kinds(charge, entry, own=(OwnPrice("1", "silver", 5695, DAY),)) == []
    assert kinds(charge, entry, own=(OwnPrice("2", "silver", 5695, DAY),)) == ["price"], "of another account"
    assert kinds(charge, entry, own=(OwnPrice("1", "silver", 5695, date(2026, 9, 2)),)) == ["price"], "a day late"


def test_of_two_agreements_the_later_one_counts() -> None:
    own = (OwnPrice("1", "silver", 5000, date(2024, 1, 1)), OwnPrice("1", "silver", 5695, date(2025, 1, 1)))
    assert kinds(pays("1", "OLD", 5695, "silver"), PlanEntry("OLD", "silver", 5695, FOREVER), own=own) == []


def test_a_promise_has_to_reach_its_day() -> None:
    until = Grandfathered(date(2027, 9, 1), "promised")
    entry = PlanEntry("OLD", "silver", 5695, until)
    charge = pays("1", "OLD", 5695, "silver")
    assert kinds(charge, entry, own=(OwnPrice("1", "silver", 5695, DAY, date(2027, 8, 31)),)) == ["ends_early"]
    assert kinds(charge, entry, own=(OwnPrice("1", "silver", 5695, DAY, date(2027, 9, 1)),)) == []
    assert kinds(pays("1", "X", 5000, "ending"), PlanEntry("X", "ending", 5000, FOREVER)) == ["ends_early"]


def test_a_price_that_is_agreed_for_later_breaks_a_promise() -> None:
    entry, charge = PlanEntry("OLD", "silver", 5695, FOREVER), pays("1", "OLD", 5695, "silver")
    own = OwnPrice("1", "silver", 5695, DAY)
    assert kinds(charge, entry, own=(own, OwnPrice("1", "silver", 6500, date(2027, 1, 1)))) == ["ends_early"]
    assert kinds(charge, entry, own=(own, OwnPrice("1", "silver", 5695, date(2027, 1, 1)))) == []
    at_list_price = PlanEntry("OLD", "gold", 8000, FOREVER)
    dearer = (OwnPrice("1", "gold", 9000, date(2027, 1, 1)),)
    assert kinds(pays("1", "OLD", 8000, "gold"), at_list_price, own=dearer) == ["ends_early"]


def test_an_offering_of_its_own_keeps_the_price_of_a_grandfathered_plan() -> None:
    assert kinds(pays("1", "OLD", 8000, "gold"), PlanEntry("OLD", "gold", 8000, FOREVER)) == []


def proposed(*charges: AcquiredCharge, own: tuple[OwnPrice, ...] = ()) -> list[ProposedPlan]:
    return list(propose_plans(charges, book(*own)))


def test_a_known_code_at_the_list_price_is_equal_and_at_another_it_is_kept() -> None:
    kept, equal = proposed(pays("1", "SILVER", 6000, "silver"), pays("2", "SILVER", 5695, "silver"))
    assert (equal.rate_minor, equal.equal) == (6000, "silver")
    assert (kept.rate_minor, kept.equal, kept.keeps, kept.lacking) == (5695, None, "silver", ("2",))


def test_an_unknown_code_is_equal_only_to_what_is_delivered_and_costs_the_same() -> None:
    assert proposed(pays("1", "OLD", 6000, "silver"))[0].equal == "silver"
    nearly = proposed(pays("1", "OLD", 5999, "silver"))[0]
    assert (nearly.equal, nearly.keeps) == (None, "silver"), "a cent is not equal"
    assert proposed(pays("1", "OLD", 6000, "gold"))[0].equal is None, "another tier of the same price"
    assert proposed(pays("1", "OLD", 6000))[0].equal is None, "nobody knows its tier"
    mixed = proposed(pays("1", "OLD", 6000, "silver"), pays("2", "OLD", 6000, "gold"))
    assert (mixed[0].equal, mixed[0].keeps) == (None, None)


def test_a_code_beside_an_access_plan_is_not_taken_for_one() -> None:
    beside = proposed(pays("1", "SILVER", 6000, "silver"), pays("1", "EXTRA", 6000, "silver"))[0]
    assert (beside.code, beside.equal, beside.keeps) == ("EXTRA", None, None)


def test_discounts_are_listed_and_need_no_entry() -> None:
    (found,) = proposed(pays("1", "HELLO", -500))
    assert found.is_no_plan
