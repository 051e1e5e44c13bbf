"""What harms a bill is seen, however it came about; what only looks like it is let be."""

from datetime import date, timedelta

import pytest

from canonical_model.billing import BillingItem, ChargeLine, Subscription
from canonical_model.orders import ProductOrder
from tests.fakes.acted_works import DONE, DONE_ON, ORDERED, ActedWorks
from tests.fakes.planted import Plant, Planted, is_let_be, is_seen, start
from tests.fakes.small_operator import serial_of

PLANTED = Planted()
APRIL = date(2026, 4, 1)


# Double bills


@PLANTED.harm("double_bill")
def the_same_days_are_charged_twice(works: ActedWorks) -> None:
    works.operator.line("1", "SLV", DONE_ON, APRIL, "60.00", "42.58", bill_id="b1-again")


@PLANTED.harm("double_bill")
def legacy_begins_a_subscription_as_well(works: ActedWorks) -> None:
    works.operator.subscription("1", "legacy-1", DONE_ON + timedelta(days=1), premise="P1")


@PLANTED.harm("double_bill")
def the_old_tier_runs_on_beside_the_new_one(works: ActedWorks) -> None:
    changed(works, ends=None)


@PLANTED.innocent
def a_charge_is_taken_back_and_made_again(works: ActedWorks) -> None:
    works.operator.line("1", "SLV", DONE_ON, APRIL, "60.00", "-42.58", bill_id="b1-back")
    works.operator.line("1", "SLV", DONE_ON, APRIL, "60.00", "42.58", bill_id="b1-again")


@PLANTED.innocent
def two_charges_in_one_period_after_a_change_on_the_same_day(works: ActedWorks) -> None:
    changed(works, ends=DONE_ON)


@PLANTED.innocent
def a_customer_has_a_second_service_at_another_premise(works: ActedWorks) -> None:
    works.good(8, account_number="1")
    order = works.order_of(8)
    works.change(ProductOrder, order, account_number="1")
    works.change(Subscription, "8-s1", account_number="1")
    for line in [
        each for each in works.operator.records if isinstance(each, ChargeLine) and each.account_number == "8"
    ]:
        works.change(ChargeLine, line.source_id, account_number="1")
    retold(works, 8, account_number="1")


@PLANTED.innocent
def a_move_has_two_subscriptions_for_a_week(works: ActedWorks) -> None:
    works.operator.clean("6")
    works.operator.subscription("6", "6-s1", date(2025, 6, 1), date(2026, 3, 17), state="closed", premise="P6")
    works.operator.subscription("6", "6-s2", DONE_ON, premise="P66")
    facts = {"offering_id": "silver", "premise_id": "P66", "ordered_at": ORDERED, "completed_at": DONE}
    works.operator.order("6", "966", "move", **facts)
    works.saga(6, DONE, kind="move", order_number="966")


def changed(works: ActedWorks, ends: date | None) -> None:
    """A customer of last year takes another tier; billing ends the old subscription, or forgets to."""
    works.operator.account("6")
    works.operator.order("6", "96", offering_id="silver", effective_on=date(2025, 6, 1), premise_id="P6")
    works.operator.subscription("6", "6-s1", date(2025, 6, 1), ends, premise="P6")
    works.operator.subscription("6", "6-s2", DONE_ON, premise="P6")
    facts = {"offering_id": "gold", "premise_id": "P6", "ordered_at": DONE - timedelta(hours=3), "completed_at": DONE}
    works.operator.order("6", "966", "change", **facts)
    works.operator.line("6", "SLV", date(2026, 3, 1), DONE_ON, "60.00", "17.42", "s1")
    works.operator.line("6", "GLD", DONE_ON, APRIL, "90.00", "63.87", "s2")
    works.operator.seen(serial_of("6"), "G", DONE_ON)
    gold = {"offering_id": "gold", "aaa_group": "gold", "bandwidth": {"down_maximum": 1000, "up_maximum": 1000}}
    works.saga(6, DONE, kind="change_tier", order_number="966", profile=gold)


def retold(works: ActedWorks, number: int, **fields: object) -> None:
    """What was told last of a service, told with other fields instead."""
    works.journals.pop()
    start(works, f"SO-9{number}/activate/1/start_billing", number, **fields)


def waits(works: ActedWorks, name: str, amount: int, code: str = "SLV") -> None:
    """An item of the first service that stands on no bill yet."""
    item = {"account_number": "1", "subscription_id": "1-s1", "billing_code": code, "amount_minor": amount}
    of = {"item_id": name, "currency": "USD", "created_on": date(2026, 4, 2), "state": "pending"}
    works.operator.add(BillingItem, "billing", source_id=name, **item, **of)


@PLANTED.harm("double_bill")
def the_same_waits_twice_for_the_next_bill(works: ActedWorks) -> None:
    waits(works, "i1", 6000)
    waits(works, "i2", 6000)


@PLANTED.harm("bill_differs")
def a_hundredfold_price_waits_for_the_next_bill(works: ActedWorks) -> None:
    waits(works, "i1", 600_000)


@PLANTED.innocent
def a_month_and_a_broken_one_wait_for_the_next_bill(works: ActedWorks) -> None:
    waits(works, "i1", 6000)
    waits(works, "i2", 4258)


@PLANTED.innocent
def two_outlets_wait_for_the_next_bill(works: ActedWorks) -> None:
    waits(works, "i1", 9900, "INS")
    waits(works, "i2", 9900, "INS")


# Told twice, and told wrongly


@PLANTED.harm("double_telling")
def two_sagas_tell_billing_of_one_order(works: ActedWorks) -> None:
    works.good(4)
    works.saga(4, DONE + timedelta(days=1), attempt=2)
    start(works, "SO-94/activate/2/start_billing", starts_on="2026-03-11")


@PLANTED.harm("double_telling")
def one_adjustment_is_posted_by_two_wishes(works: ActedWorks) -> None:
    fields = {"account_number": "1", "amount": "5.00", "currency": "USD", "reason": "fee", "posted_on": "2026-03-12"}
    for number in (1, 2):
        works.effect(f"SO-91/fee/{number}", "post_adjustment", "account/1", fields, DONE)


@PLANTED.harm("double_bill")
def a_second_telephone_is_billed_that_nobody_ordered(works: ActedWorks) -> None:
    works.good(4)
    works.operator.order_item("94", "voice")
    for number in (1, 2, 3):
        beside(works, f"4-v{number}", "VOI")


@PLANTED.innocent
def two_routers_are_billed_by_subscriptions_of_their_own(works: ActedWorks) -> None:
    works.good(4)
    for number in (1, 2):
        works.operator.order_item("94", "router")
        beside(works, f"4-r{number}", "RTR")


def beside(works: ActedWorks, name: str, code: str) -> None:
    works.operator.subscription("4", name, DONE_ON)
    works.change(Subscription, name, billing_code=code)


@PLANTED.harm("told_differs")
def a_telephone_is_billed_that_nobody_ordered(works: ActedWorks) -> None:
    works.good(4, voice_offering_id="voice")
    start(works, "SO-94/activate/1/start_billing_of_voice", offering_id="voice", billing_code="VOI")


@PLANTED.harm("told_differs")
def the_subscription_of_another_account_is_ended(works: ActedWorks) -> None:
    fields = {"account_number": "1", "subscription_id": "2-s1", "ends_on": DONE_ON.isoformat()}
    works.effect("SO-91/cease/1/stop_billing", "stop_billing", "account/1", fields, DONE)


@PLANTED.harm("bill_differs")
def the_first_month_of_a_service_is_on_no_bill(works: ActedWorks) -> None:
    gone = line_of(works, "1")
    works.operator.records = [
        each for each in works.operator.records if not (isinstance(each, ChargeLine) and each.source_id == gone)
    ]


@PLANTED.innocent
def two_pieces_of_one_kind_are_sold_beside_the_access(works: ActedWorks) -> None:
    works.good(4, extra_offering_ids=("router", "router"))
    works.operator.order_item("94", "router")
    for piece in (1, 2):
        works.operator.line("4", "RTR", DONE_ON, APRIL, "9.99", "7.09", f"r{piece}")
    for piece in (1, 2):
        key = f"SO-94/activate/1/start_billing_of_extra_{piece}"
        start(works, key, offering_id="router", billing_code="RTR")


@PLANTED.innocent
def two_fees_of_one_amount_have_reasons_of_their_own(works: ActedWorks) -> None:
    fields = {"account_number": "1", "amount": "5.00", "currency": "USD", "posted_on": "2026-03-12"}
    for number in (1, 2):
        works.effect(
            f"SO-91/fee/{number}", "post_adjustment", "account/1", fields | {"reason": f"case {number}"}, DONE
        )


@PLANTED.innocent
def a_service_rests_twice_on_one_day(works: ActedWorks) -> None:
    fields = {"account_number": "1", "subscription_id": "1-s1", "starts_on": "2026-03-20", "reason": None}
    for number in (1, 2):
        at = DONE + timedelta(days=10, hours=number)
        key = f"SO-1/suspend/{number}"
        works.effect(f"{key}/suspend_billing", "suspend_billing", "account/1", fields, at)


@PLANTED.innocent
def a_customer_tells_afterwards_that_he_has_left(works: ActedWorks) -> None:
    at = DONE + timedelta(days=20)
    works.operator.order("2", "922", "cease", ordered_at=at, completed_at=at, effective_on=date(2026, 3, 25))
    works.saga(2, at, kind="cease", order_number="922", standing="ended", effective_on=date(2026, 3, 25))
    fields = {"account_number": "2", "subscription_id": "2-s1", "ends_on": "2026-03-25", "reason": None}
    works.effect("SO-92/cease/1/stop_billing", "stop_billing", "account/2", fields, at)
    works.change(Subscription, "2-s1", ends_on=date(2026, 3, 25), state="closed")
    works.change(ChargeLine, line_of(works, "2"), covers_to=date(2026, 3, 25), amount_minor=2903)


@PLANTED.harm("told_differs")
def the_day_is_that_of_greenwich(works: ActedWorks) -> None:
    late = DONE.replace(hour=3) + timedelta(days=1)  # eleven at night on the tenth, in the market
    works.good(4, day=late)
    retold(works, 4, starts_on="2026-03-11")


@PLANTED.innocent
def proven_late_at_night_and_told_of_that_evening(works: ActedWorks) -> None:
    late = DONE.replace(hour=3) + timedelta(days=1)
    works.good(4, day=late)
    retold(works, 4, starts_on="2026-03-10")


@PLANTED.harm("told_differs")
def a_price_of_cents_is_told_as_one_of_dollars(works: ActedWorks) -> None:
    works.good(4)
    retold(works, 4, monthly_price="6000.00")


@PLANTED.harm("told_differs")
def a_product_is_told_that_the_market_does_not_have(works: ActedWorks) -> None:
    works.good(4)
    retold(works, 4, offering_id="bronze", billing_code="BRZ")


@PLANTED.harm("told_differs")
def a_code_is_told_of_another_product(works: ActedWorks) -> None:
    works.good(4)
    retold(works, 4, billing_code="GLD")


@PLANTED.harm("told_differs")
def another_tier_is_told_than_was_sold_and_installed(works: ActedWorks) -> None:
    works.good(4)
    retold(works, 4, offering_id="gold", billing_code="GLD")


@PLANTED.harm("told_differs")
def billing_begins_without_any_proof(works: ActedWorks) -> None:
    works.good(4, verified_at=None, working_since=None)


@PLANTED.harm("told_differs")
def billing_begins_on_the_day_of_the_order(works: ActedWorks) -> None:
    works.good(4)
    retold(works, 4, starts_on="2026-03-02")


@PLANTED.harm("told_differs")
def a_telephone_is_billed_that_nobody_heard(works: ActedWorks) -> None:
    works.good(4, voice_offering_id="voice", missing_parts={"voice": "is not registered"})
    start(works, "SO-94/activate/1/start_billing_of_voice", offering_id="voice", billing_code="VOI")


@PLANTED.innocent
def a_telephone_is_billed_that_was_registered(works: ActedWorks) -> None:
    works.good(4, voice_offering_id="voice")
    works.operator.order_item("94", "voice")
    works.operator.line("4", "VOI", DONE_ON, APRIL, "19.99", "14.19", "v1")
    start(works, "SO-94/activate/1/start_billing_of_voice", offering_id="voice", billing_code="VOI")


@PLANTED.innocent
def a_price_that_was_agreed_is_told(works: ActedWorks) -> None:
    works.good(4)
    facts = {"code": "silver", "amount_minor": 5000, "valid_from": date(2026, 3, 1), "approved_by": "anna"}
    works.operator.alteration("4", "price_override", **facts)
    retold(works, 4, monthly_price="50.00")


# Bills


def line_of(works: ActedWorks, account: str) -> str:
    return next(
        each.source_id
        for each in works.operator.records
        if isinstance(each, ChargeLine) and each.account_number == account
    )


@PLANTED.harm("bill_differs")
def a_part_of_a_month_is_charged_by_another_convention(works: ActedWorks) -> None:
    works.change(ChargeLine, line_of(works, "1"), amount_minor=4400)  # 22 days of 30


@PLANTED.harm("bill_differs")
def a_bill_is_a_hundred_times_too_high(works: ActedWorks) -> None:
    works.change(ChargeLine, line_of(works, "2"), amount_minor=425_800, rate_minor=600_000)


@PLANTED.harm("bill_differs")
def a_bill_begins_before_the_service_did(works: ActedWorks) -> None:
    works.change(ChargeLine, line_of(works, "3"), covers_from=date(2026, 3, 1), amount_minor=6000)


@PLANTED.innocent
def what_legacy_bills_its_own_customers_wrongly(works: ActedWorks) -> None:
    works.change(ChargeLine, line_of(works, "71"), amount_minor=1)
    works.operator.whole_months("72", "SLV", "60.00", (3,))


@PLANTED.innocent
def an_account_that_is_billed_from_the_fifteenth(works: ActedWorks) -> None:
    works.operator.cycle("1", 15)
    works.change(ChargeLine, line_of(works, "1"), covers_to=date(2026, 3, 15), amount_minor=1071)


@pytest.mark.parametrize(("kind", "plant"), PLANTED.harms, ids=[plant.__name__ for _, plant in PLANTED.harms])
def test_harm_is_seen(works: ActedWorks, kind: str, plant: Plant) -> None:
    is_seen(works, kind, plant)


@pytest.mark.parametrize("plant", PLANTED.innocents, ids=[plant.__name__ for plant in PLANTED.innocents])
def test_what_only_looks_like_harm_is_let_be(works: ActedWorks, plant: Plant) -> None:
    is_let_be(works, plant)
