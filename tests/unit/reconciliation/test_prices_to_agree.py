"""Scenario 42: what has to be agreed so that a grandfathered plan keeps its price, to the cent and to the day."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from canonical_model.catalogue import Catalogue, OfferingPrice, ProductOffering
from canonical_model.intervals import OPEN_END
from canonical_model.markets import Market
from reconciliation.acquisition.agreed_prices import PriceToAgree, prices_to_agree
from reconciliation.acquisition.plans import (
    AcquiredCharge,
    Grandfathered,
    OwnPrice,
    PlanBook,
    PlanEntry,
    judge_plans,
)

DAY, PROMISED = date(2026, 9, 1), date(2027, 9, 1)
MARKET = Market(id="m", name="M", zone="America/Denver", currency="USD", technology="active_ethernet")
SILVER = ProductOffering(
    id="silver",
    charge="access",
    delivered_by="access",
    billing_codes=("SILVER",),
    prices=(OfferingPrice(amount=Decimal("60.00"), valid_from=date(2020, 1, 1)),),
)
CATALOGUE = Catalogue(price_digits=2, back_bill_months=6, offerings=(SILVER,), proration={"m": "actual_actual"})
KEPT = PlanEntry("OLD", "silver", 5725, Grandfathered(None, "promised by the seller"))
UNTIL = replace(KEPT, kept=Grandfathered(PROMISED, "promised by the seller"))
CHARGE = AcquiredCharge("1", "OLD", 5725, 1, DAY, ("silver",), ("old/line/9",))


def lacking(*charges: AcquiredCharge, entry: PlanEntry = KEPT, own: tuple[OwnPrice, ...] = ()) -> list[PriceToAgree]:
    return list(prices_to_agree(charges, (entry,), PlanBook.of(MARKET, CATALOGUE, own)))


def entered(line: PriceToAgree) -> OwnPrice:
    return OwnPrice(line.account, line.offering, line.amount_minor, line.valid_from, line.valid_to)


def test_a_line_says_whose_price_it_is_from_and_up_to_which_day() -> None:
    (line,) = lacking(CHARGE)
    assert line == PriceToAgree(
        "1", "silver", 5725, DAY, OPEN_END, "promised by the seller", evidence=("old/line/9",)
    )
    assert line.is_endless
    (line,) = lacking(CHARGE, entry=UNTIL)
    assert (line.valid_from, line.valid_to, line.is_endless) == (DAY, PROMISED, False)


def test_what_is_entered_so_shows_the_map_and_is_not_asked_for_again() -> None:
    for entry in (KEPT, UNTIL):
        (line,) = lacking(CHARGE, entry=entry)
        own = (entered(line),)
        assert judge_plans([CHARGE], (entry,), PlanBook.of(MARKET, CATALOGUE, own)).faults == ()
        assert lacking(CHARGE, entry=entry, own=own) == []


def test_a_promise_that_would_end_early_is_agreed_up_to_its_day_and_names_what_it_replaces() -> None:
    short = OwnPrice("1", "silver", 5725, date(2025, 1, 1), date(2027, 1, 1))
    dearer = OwnPrice("1", "silver", 6500, date(2027, 3, 1))
    over = OwnPrice("1", "silver", 5000, date(2024, 1, 1), DAY)
    for own in ((short,), (short, dearer), (over, short)):
        (line,) = lacking(CHARGE, entry=UNTIL, own=own)
        assert line.instead_of == tuple(each for each in own if each is not over)
        kept = tuple(each for each in own if each not in line.instead_of)
        assert lacking(CHARGE, entry=UNTIL, own=(*kept, entered(line))) == []


def test_nothing_is_asked_for_where_nothing_is_kept_or_no_price_would_mend_it() -> None:
    assert lacking(CHARGE, entry=PlanEntry("OLD", "silver")) == [], "its terms are said to be the same"
    assert lacking(replace(CHARGE, tiers=("gold",))) == [], "it is another tier"
    assert lacking(CHARGE, entry=PlanEntry("OTHER", "silver", 5725, KEPT.kept)) == []
    assert lacking(CHARGE, entry=replace(KEPT, kept=Grandfathered(DAY, "over before the move"))) == []


def test_equal_subscriptions_share_a_line_and_two_prices_of_one_offering_are_told() -> None:
    assert len(lacking(CHARGE, replace(CHARGE, evidence=("old/line/10",)))) == 1
    other = replace(CHARGE, rate_minor=5900)
    found = lacking(CHARGE, other, entry=replace(KEPT, rate_minor=None))
    assert [(each.amount_minor, "two prices" in each.why_not) for each in found] == [(5725, True), (5900, True)]
    apart = lacking(CHARGE, replace(other, account="2"), entry=replace(KEPT, rate_minor=None))
    assert [(each.account, each.why_not) for each in apart] == [("1", ""), ("2", "")]
