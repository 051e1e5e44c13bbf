"""Lines that are cut off or kept through a season show it where their rules will look."""

from datetime import timedelta

from played import YEAR, cast

from simulated_estate.ledger import billed_belief
from simulated_estate.life.records import Device
from simulated_estate.life.stage import Slot


def device_of(slot: Slot) -> Device:
    return slot.stories[0].life.devices[-1]


def test_g02_is_locked_and_dark_since_a_suspension_that_billing_has_ended() -> None:
    for slot in cast("paid_and_still_cut"):
        (story,) = slot.stories
        (since, until), device = billed_belief(story).subscriptions[-1].suspensions[0], device_of(slot)
        assert until is not None
        assert device.is_locked
        assert device.last_traffic is not None
        assert device.last_traffic.date() <= since + timedelta(days=1)
        assert story.life.dealings.unpaid == 0


def test_what_is_unlocked_or_was_used_since_or_is_not_paid_only_looks_like_g02() -> None:
    assert not any(device_of(slot).is_locked for slot in cast("restored_and_unused"))
    for slot in cast("locked_for_another_reason"):
        last = device_of(slot).last_traffic
        assert device_of(slot).is_locked
        assert last is not None
        assert YEAR.as_of - last < timedelta(days=1)
    for slot in cast("cut_and_not_paid"):
        ((_, until),) = billed_belief(slot.stories[0]).subscriptions[-1].suspensions
        assert device_of(slot).is_locked
        assert until is None


def test_g04_was_provisioned_anew_and_carries_traffic_while_the_hold_goes_on() -> None:
    for slot in cast("hold_outlived"):
        life = slot.stories[0].life
        (exception,), device = life.exceptions, device_of(slot)
        assert device.profile_since is not None
        assert exception.start < device.profile_since.date() < YEAR.end
        assert device.state == "up"
        assert exception.end is None or exception.end > YEAR.as_of.date()


def test_who_is_away_is_dark_and_who_came_back_said_so() -> None:
    for slot in cast("away_a_day_later"):
        assert device_of(slot).state == "down"
    for slot in cast("back_and_told"):
        (exception,) = slot.stories[0].life.exceptions
        assert device_of(slot).state == "up"
        assert exception.end is not None
        assert exception.end < YEAR.end
