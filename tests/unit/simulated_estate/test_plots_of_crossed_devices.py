"""Crossed devices can be seen where their rule will look: in work orders, store room, completions and network."""

from datetime import timedelta

from played import YEAR, access, cast

from simulated_estate.biller import bill
from simulated_estate.ledger import billed_belief
from simulated_estate.life.records import Life
from simulated_estate.life.stage import Slot


def issued_and_left(life: Life) -> tuple[str, str]:
    """The serial that was taken along for the last job, and the one that was left there."""
    job = life.jobs[-1]
    assert job.completion is not None
    issued = [each.placed.serial for each in life.movements if each.what == "issued" and each.job == job.number]
    assert issued == [job.expected_serial]
    return issued[0], job.completion.devices[0].serial


def sides(slot: Slot) -> tuple[Life, Life]:
    first, second = (story.life for story in slot.stories)
    return first, second


def test_b07_has_each_others_device_with_each_others_tier_and_its_own_bill() -> None:
    for slot in cast("crossed_accounts"):
        first, second = sides(slot)
        assert issued_and_left(first) == issued_and_left(second)[::-1]
        tiers = [life.jobs[0].completion.offering for life in (first, second) if life.jobs[0].completion]
        assert [life.devices[-1].offering for life in (first, second)] == tiers[::-1]
        for story, tier in zip(slot.stories, tiers, strict=True):
            assert {line.product for line in access(bill(billed_belief(story), YEAR))} == {tier}


def test_what_was_bound_anew_or_is_alike_is_crossed_and_runs_at_its_own_tier() -> None:
    for role in ("crossed_and_bound_anew", "crossed_and_alike"):
        for slot in cast(role):
            first, second = sides(slot)
            assert issued_and_left(first) == issued_and_left(second)[::-1]
            for life in (first, second):
                assert life.service is not None
                assert life.devices[-1].offering == life.service.tiers[0][1]


def test_a_device_that_was_taken_is_crossed_one_way_only() -> None:
    for slot in cast("neighbours_device_taken"):
        first, second = sides(slot)
        left = [life.jobs[-1].completion.devices[0].serial for life in (first, second) if life.jobs[-1].completion]
        assert left[0] == second.jobs[-1].expected_serial
        assert left[1] not in (first.jobs[-1].expected_serial, second.jobs[-1].expected_serial)
        assert first.jobs[-1].scheduled.date() + timedelta(days=1) == first.service.tiers[-1][0]  # type: ignore[union-attr]
