"""Golden accounts: what they are to be billed is known, and a cent that differs is told."""

from datetime import date
from decimal import Decimal

import pytest

from canonical_model.catalogue import (
    Catalogue,
    OfferingPrice,
    ProductOffering,
    Promotion,
    Proration,
    ProrationConvention,
)
from canonical_model.errors import Fault
from canonical_model.markets import Market
from reconciliation.golden_accounts import (
    Delivered,
    GoldenAccount,
    rate,
    read_golden_accounts,
    wrong_bills,
    wrong_references,
)

MARKET = Market(id="oldtown", name="Oldtown", zone="America/New_York", currency="USD", technology="pon")
ACCOUNT = GoldenAccount(
    name="a part of January",
    market="oldtown",
    delivered=(
        Delivered(product="silver", starts_on=date(2026, 1, 12)),
        Delivered(product="tenth", starts_on=date(2026, 1, 12), ends_on=date(2026, 2, 12)),
        Delivered(product="set-up", starts_on=date(2026, 1, 12)),
    ),
    bills={"2026-01": {"access": Decimal("51.61"), "tenth": Decimal("-5.16"), "set_up": Decimal("99.00")}},
)


ACTUAL = Proration(convention="actual_actual")


def catalogue(proration: Proration = ACTUAL, price: str = "79.99") -> Catalogue:
    def offering(name: str, charge: str, delivered_by: str, amount: str) -> ProductOffering:
        prices = (OfferingPrice(amount=Decimal(amount), valid_from=date(2020, 1, 1)),)
        return ProductOffering.model_validate(
            {"id": name, "charge": charge, "delivered_by": delivered_by, "prices": prices}
        )

    return Catalogue(
        offerings=(
            offering("silver", "access", "access", price),
            offering("set-up", "set_up", "installation", "99.00"),
        ),
        promotions=(Promotion(id="tenth", applies_to="access", months=1, percent=Decimal(-10)),),
        proration={"oldtown": proration},
    )


def test_an_account_is_rated_as_everybody_is() -> None:
    january, february = date(2026, 1, 1), date(2026, 2, 1)
    account = ACCOUNT.model_copy(update={"bills": {"2026-02": {}}})

    rated = rate(account, catalogue(), MARKET)

    assert rated[january, "access"] == 51_61
    assert rated[february, "access"] == 79_99
    assert rated[february, "tenth"] == -3_14  # a tenth of 79.99 x 11 / 28
    assert (february, "set_up") not in rated


def test_a_first_month_that_is_given_away_is_rated_as_nothing_but_its_fee() -> None:
    free = Proration(convention="actual_30", first_month="free")
    account = ACCOUNT.model_copy(update={"bills": {"2026-02": {}}})

    rated = rate(account, catalogue(free), MARKET)

    assert rated == {
        (date(2026, 1, 1), "set_up"): 99_00,
        (date(2026, 2, 1), "access"): 79_99,
        (date(2026, 2, 1), "tenth"): -2_93,  # a tenth of 79.99 x 11 / 30
    }


@pytest.mark.parametrize(
    ("convention", "access"), [("actual_30", "53.33"), ("thirty_360", "50.66"), ("none", "79.99")]
)
def test_another_convention_is_seen(convention: ProrationConvention, access: str) -> None:
    wrong = list(wrong_bills(ACCOUNT, catalogue(Proration(convention=convention)), MARKET))

    assert wrong[0] == f"a part of January, 2026-01: access is rated {access}, its known bill says 51.61"


def test_a_cent_on_a_price_is_seen() -> None:
    assert list(wrong_bills(ACCOUNT, catalogue(), MARKET)) == []
    assert [line.partition(": ")[2] for line in wrong_bills(ACCOUNT, catalogue(price="80.00"), MARKET)] == []
    assert [line.partition(": ")[2] for line in wrong_bills(ACCOUNT, catalogue(price="80.01"), MARKET)] == [
        "access is rated 51.62, its known bill says 51.61"
    ]


def test_a_charge_that_no_known_bill_has_is_seen() -> None:
    account = ACCOUNT.model_copy(update={"bills": {"2026-02": {"access": Decimal("79.99")}}})

    assert list(wrong_bills(account, catalogue(), MARKET)) == [
        "a part of January, 2026-02: tenth is rated -3.14, its known bill says 0"
    ]


def test_a_price_of_its_own_and_a_number_of_something_count() -> None:
    account = GoldenAccount(
        name="two of them",
        market="oldtown",
        delivered=(Delivered(product="silver", starts_on=date(2026, 1, 1), quantity=2, price=Decimal("10.00")),),
        bills={"2026-01": {"access": Decimal("20.00")}},
    )

    assert list(wrong_bills(account, catalogue(), MARKET)) == []


def test_what_nobody_has_is_told_with_what_it_may_mean() -> None:
    text = """accounts:
- name: nobody
  market: newtown
  delivered: [{product: silvr, starts_on: 2026-01-01}]
  bills: {2026-01: {access: 1.00}}
"""
    faults: list[Fault] = []
    found = read_golden_accounts(text, faults)
    assert found is not None
    told = [str(fault) for fault in wrong_references(*found, catalogue(), ["oldtown"])]

    assert faults == []
    assert "there is no market newtown" in told[0]
    assert "there is no product silvr" in told[1]
    assert "silver" in told[1]


def test_a_file_that_says_something_else_is_refused() -> None:
    faults: list[Fault] = []

    assert read_golden_accounts("accounts: [{name: x}]", faults) is None
    assert faults
