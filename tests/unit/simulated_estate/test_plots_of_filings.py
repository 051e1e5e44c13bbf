"""What is filed beside lives can be seen where its rule will look, and so can what makes the look-alikes right."""

from datetime import timedelta
from typing import TypeVar

from played import YEAR, cast

from simulated_estate.biller import bill
from simulated_estate.catalogue import OFFICE_PACK
from simulated_estate.ledger import billed_belief
from simulated_estate.life.filings import (
    Filing,
    NetworkOutage,
    PendingItem,
    Reservation,
    RetailCharge,
    RetailLine,
)
from simulated_estate.life.stage import Slot
from simulated_estate.mistakes.credits_owed import MISSED
from simulated_estate.mistakes.patterns import odd_bills

Kind = TypeVar("Kind", bound=Filing)


def filed(slot: Slot, kind: type[Kind]) -> list[Kind]:
    return [filing for filing in slot.filings if isinstance(filing, kind)]


def test_d08_was_down_for_days_on_its_own_port_and_got_nothing() -> None:
    for slot in cast("outage_not_credited"):
        (story,), (outage,) = slot.stories, filed(slot, NetworkOutage)
        device = story.life.devices[-1]
        assert (outage.element, outage.port) == (device.element, device.port)
        assert outage.end - outage.start >= timedelta(hours=24)
        assert (story.corrections, story.life.dealings.promises) == ((), ())
    for slot in cast("outage_of_hours"):
        (outage,) = filed(slot, NetworkOutage)
        assert outage.end - outage.start < timedelta(hours=24)
    assert all(slot.stories[0].corrections for slot in cast("outage_credited"))
    assert all(slot.stories[0].life.dealings.promises for slot in cast("outage_promised"))


def test_d08_waited_in_vain_and_the_look_alike_was_out() -> None:
    for slot in cast("appointment_not_kept"):
        visit = slot.stories[0].life.jobs[0].visits[0]
        assert (visit.arrived, visit.cause) == (None, MISSED)
        assert slot.stories[0].corrections == ()
    assert all(slot.stories[0].corrections for slot in cast("appointment_credited"))
    assert all(slot.stories[0].life.jobs[0].visits[0].cause != MISSED for slot in cast("customer_was_out"))


def test_a09_hangs_on_nothing_that_billing_has() -> None:
    for slot in cast("item_of_no_subscription"):
        (story,), (item,) = slot.stories, filed(slot, PendingItem)
        assert item.subscription not in {one.id for one in billed_belief(story).subscriptions}
        assert (YEAR.end - item.day).days >= 20
    for slot in cast("items_on_their_way"):
        own = {one.id for one in billed_belief(slot.stories[0]).subscriptions}
        waiting = [item for item in filed(slot, PendingItem) if item.state == "PENDING"]
        assert all(item.subscription in own or (YEAR.end - item.day).days < 14 for item in waiting)


def test_b08_is_kept_for_an_order_that_leads_to_no_service() -> None:
    for slot in cast("kept_for_nobody"):
        life, (kept,) = slot.stories[0].life, filed(slot, Reservation)
        assert kept.end is None
        assert life.orders[0].state == "cancelled" or (life.service is not None and life.service.end is not None)
    assert all(filed(slot, Reservation)[0].end for slot in cast("let_go_in_time"))


def test_h02_is_live_and_on_no_invoice_for_some_of_its_months() -> None:
    for slot in cast("retail_line_not_invoiced"):
        (line,), (device,) = filed(slot, RetailLine), slot.strays
        assert (device.serial, device.state) == (line.serial, "up")
        losses = slot.stories[0].losses
        assert losses
        asked = {charge.start.replace(day=1): charge.cents for charge in filed(slot, RetailCharge)}
        assert all(cents > 0 for loss in losses for cents in loss.months.values())
        assert all(month >= line.start.replace(day=1) for month in asked)
    assert all(slot.strays == [] for slot in cast("retail_line_never_lit"))


def test_d05_is_billed_for_a_part_on_days_of_the_pack() -> None:
    for role, is_wrong in (("part_beside_its_pack", True), ("pack_taken_up", False)):
        for slot in cast(role):
            (story,) = slot.stories
            order = next(one for one in story.life.orders if (OFFICE_PACK, "add") in one.items)
            (part,) = (product for product, action in order.items if action == "delete")
            lines = [line for line in bill(billed_belief(story), YEAR) if line.product == part]
            again = [one.effective for one in story.life.orders if (part, "add") in one.items]
            is_beside = any(line.cover_to > order.effective for line in lines) and max(again) <= order.effective
            assert is_beside is is_wrong


def test_c12_is_as_reported_or_approved_and_out_of_pattern() -> None:
    for role in ("outlets_typed_wrong", "discount_typed_wrong"):
        stories = [slot.stories[0] for slot in cast(role)]
        assert all(story.mistakes == () for story in stories)
        assert any(list(odd_bills(story.life.truth, YEAR)) for story in stories)
    for role in ("bill_of_a_busy_month", "a_house_of_outlets", "a_large_discount", "outlets_charged"):
        for slot in cast(role):
            assert list(odd_bills(slot.stories[0].life.truth, YEAR)) == []
